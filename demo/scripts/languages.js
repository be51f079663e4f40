// Links to the page in other languages keep the rest of the address, and the open tab.
element.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link) return;
  const address = new URLSearchParams(location.search);
  const open = [...document.querySelectorAll("[role=tab][aria-selected=true]")].filter((tab) => tab.offsetParent).pop();
  if (open) address.set("tab", open.dataset.tabId);
  address.set("lang", link.lang);
  event.preventDefault();
  location.search = address;
});
