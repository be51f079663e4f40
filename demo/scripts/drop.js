// A place to drop, paste or choose photos. Runs in gr.HTML: element, trigger and upload are given.
const zone = element.querySelector(".drop"), input = element.querySelector("input"), status = element.querySelector("small");

async function send(files) {
  if (!files.length || zone.disabled) return;
  zone.disabled = true;
  status.textContent = zone.dataset.uploading;
  try {
    const { path } = await upload(files[0]);
    trigger("upload", { path, count: files.length });
    status.textContent = "";
  } catch {
    status.textContent = zone.dataset.failed;
  }
  zone.disabled = false;
  input.value = "";
}

zone.addEventListener("click", () => input.click());
input.addEventListener("change", () => send(input.files));
for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
  zone.addEventListener(name, (event) => {
    event.preventDefault();
    zone.classList.toggle("over", name === "dragenter" || name === "dragover");
    if (name === "drop") send(event.dataTransfer.files);
  });
}
document.addEventListener("paste", (event) => {
  if (zone.offsetParent && event.clipboardData.files.length) send(event.clipboardData.files);
});
