// Pictures of which one is chosen. Runs in gr.HTML: element and trigger are given.
element.addEventListener("click", (event) => {
  const button = event.target.closest("[data-value]");
  if (button) trigger("select", { value: button.dataset.value });
});
