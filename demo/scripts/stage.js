// A photo and its drawing: the drawing is replayed stroke by stroke, then a slider compares the two.
// Runs in gr.HTML: element, props and watch are given. props.value: drawing, photo and replay are URLs.
const part = (name) => element.querySelector(`.${name}`);
const stage = part("stage"), canvas = part("strokes"), range = part("range");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let run = 0; // the replay that is shown; a new number ends the one before

const numbers = (text, type) => new type(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer);
const css = (color) => `rgb(${color.map(Math.round)})`;

function compare() {
  stage.style.setProperty("--at", range.value / 100);
  stage.classList.toggle("whole", range.value === "0");
}

function finish() {
  run += 1;
  stage.dataset.state = "finished";
}

function blank() { // paper, until the first stroke
  canvas.width = Math.min(1024, 2 * stage.clientWidth || 1024);
  canvas.height = canvas.width * props.value.height / props.value.width;
  const pen = canvas.getContext("2d");
  pen.fillStyle = css(props.value.paper);
  pen.fillRect(0, 0, canvas.width, canvas.height);
  return pen;
}

async function replay() {
  const current = ++run;
  const pen = blank();
  stage.dataset.state = "drawing";
  const answer = await fetch(props.value.replay);
  if (!answer.ok) return finish();
  const data = await answer.json();
  const [lengths, ends, widths] = ["lengths", "ends", "widths"].map((name) => numbers(data[name], Uint16Array));
  const points = numbers(data.points, Int16Array), pressure = numbers(data.pressure, Uint8Array);
  const scale = canvas.width / data.width, chalk = data.counts.slice(0, -1).reduce((a, b) => a + b);
  const mixed = data.paper.map((paper, i) => paper + (data.pencil[i] - paper) * data.grade);
  pen.lineCap = pen.lineJoin = "round";
  let stroke = 0, at = 0, began;
  const draw = (now) => {
    if (current !== run) return;
    began ??= now;
    const time = (now - began) / (1000 * props.value.seconds) * 65535;
    for (; stroke < ends.length && ends[stroke] <= time; stroke++) {
      // As facesketch/strokes/canvas.py: one stroke covers 1 - exp(-1.3 pressure), and strokes multiply.
      pen.globalAlpha = 1 - Math.exp(-1.3 * pressure[stroke] / 255);
      pen.lineWidth = Math.max(widths[stroke] * scale, 0.7);
      pen.strokeStyle = css(stroke < chalk ? mixed : data.highlight);
      pen.beginPath();
      for (const last = at + lengths[stroke]; at < last; at++) pen.lineTo(points[2 * at] * scale, points[2 * at + 1] * scale);
      pen.stroke();
    }
    if (stroke < ends.length) requestAnimationFrame(draw);
    else finish();
  };
  requestAnimationFrame(draw);
}

function show() {
  const value = props.value;
  if (!value) return;
  part("drawing").src = value.drawing;
  part("photo").src = value.photo;
  stage.style.setProperty("--shape", value.width / value.height);
  stage.style.setProperty("--paper", css(value.paper));
  stage.classList.toggle("clear", value.clear);
  stage.classList.toggle("replayed", Boolean(value.replay));
  range.value = 0;
  compare();
  if (value.replay && !calm.matches) replay();
  else finish();
}

async function picture() {
  const response = await fetch(part("drawing").src);
  const name = decodeURIComponent(part("drawing").src.split("/").pop());
  return new File([await response.blob()], name, { type: "image/png" });
}

async function copy() {
  await navigator.clipboard.write([new ClipboardItem({ "image/png": picture() })]);
  stage.classList.add("copied");
  setTimeout(() => stage.classList.remove("copied"), 2000);
}

const actions = {
  skip: finish,
  again: replay,
  full: () => (document.fullscreenElement ? document.exitFullscreen() : stage.requestFullscreen()),
  copy,
  share: async () => navigator.share({ files: [await picture()] }).catch(() => {}), // the visitor may change their mind
};
element.addEventListener("click", (event) => actions[event.target.closest("[data-action]")?.dataset.action]?.());
range.addEventListener("input", compare);
const sample = new File([""], "drawing.png", { type: "image/png" });
stage.classList.toggle("shares", Boolean(navigator.canShare?.({ files: [sample] })));
stage.classList.toggle("copies", Boolean(navigator.clipboard?.write && window.ClipboardItem));
watch("value", show);
show();
