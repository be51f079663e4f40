"""The pictures of a report, all in one style: curves of training, and portraits as training went on."""

from __future__ import annotations

import hashlib
from pathlib import Path

import matplotlib
from PIL import Image

from .run_summary import TOLD, RunSummary

matplotlib.use("Agg")
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

BOTH = ["ssim_photo_to_sketch", "ssim_sketch_to_photo"]
PANELS = {  # the deck's curves of each method: title -> the names in metrics.jsonl
    "autoencoder": {"G loss": ["G"], "accuracy": ["accuracy"], "SSIM": ["ssim_photo_to_sketch"]},
    "pix2pix": {"G loss": ["G"], "D loss": ["D"], "SSIM": BOTH},
    "cyclegan": {"G loss": ["G"], "D loss": ["D"], "SSIM": BOTH},
    "matte": {"loss": ["M"], "IoU": ["iou_photo_to_matte"]},
}
BACK = {"F loss": ["F"], "D_X loss": ["D_X"], "SSIM": ["ssim_sketch_to_photo"]}  # of the way back alone
SCORES = ("SSIM", "IoU")  # panels whose training values are called train_
HUES = (("#9ecae1", "#08519c"), ("#fdbe85", "#a63603"))  # training and validation, of the first direction and the other
SETTLED = 0.04  # share of the epochs after which a curve's values must lie in the frame
STYLE = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "legend.fontsize": 8,
}


def curves(story: RunSummary, deck: dict[str, tuple[float, float | None]], path: Path) -> None:
    """Draw the deck's curves of a run's method side by side.

    deck: its final figures under the panels' titles, for training and validation, dotted in the same hues.
    """
    panels = BACK if story.back else PANELS[story.config["method"]]
    with pyplot.rc_context(STYLE):
        figure, axes = pyplot.subplots(1, len(panels), figsize=(4.4 * len(panels), 3.6), layout="constrained")
        for axis, (title, names) in zip(axes, panels.items(), strict=True):
            _panel(axis, story, title, names, deck.get(title, (None, None)))
        figure.savefig(path, dpi=100, metadata={"Source": source(story)})
        pyplot.close(figure)


def _panel(
    axis: Axes, story: RunSummary, title: str, names: list[str], deck: tuple[float | None, float | None]
) -> None:
    """One measure's curves over the epochs, the deck's figures dotted."""
    settled = list(deck)
    for name, hues in zip(names, HUES, strict=False):
        keys = (f"train_{name}" if title in SCORES else name, f"val_{name}")
        for label, hue, key in zip(("training", "validation"), hues, keys, strict=True):
            epochs, values = story.curve(key)
            direction = f", {name.removeprefix('ssim_').replace('_', ' ')}" if len(names) > 1 else ""
            if epochs:
                axis.plot(epochs, values, color=hue, label=f"{label}{direction}", marker="." if len(epochs) < 3 else "")
            late = SETTLED * story.config["epochs"]
            settled += [value for epoch, value in zip(epochs, values, strict=True) if epoch >= late] or values
    for label, hue, value in zip(("training", "validation"), HUES[0], deck, strict=True):
        if value is not None:
            axis.axhline(value, color=hue, linestyle=":", label=f"the deck's, {label}: {value:.4g}")
    known = [value for value in settled if value is not None]
    if known:
        room = 0.06 * (max(known) - min(known)) or 0.05
        axis.set_ylim(min(known) - room, max(known) + room)
    axis.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axis.set(xlabel="epoch", xlim=(0, max(story.step / story.per_epoch, 1e-6)))
    axis.set_title(title, loc="left", weight="bold")
    if axis.lines:
        axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2)


def grid(story: RunSummary, path: Path) -> bool:
    """Draw the portraits that a run kept, a row a moment under its epoch. Returns whether it kept any."""
    sheets = story.portraits()
    if not sheets:
        return False
    pictures = [Image.open(sheet) for sheet in sheets.values()]
    width, height = pictures[0].size
    inches = (width / 100, len(sheets) * (height + 22) / 100)
    with pyplot.rc_context(STYLE):
        figure, axes = pyplot.subplots(len(sheets), 1, figsize=inches, layout="constrained", squeeze=False)
        for axis, step, picture in zip(axes[:, 0], sheets, pictures, strict=True):
            axis.imshow(picture)
            axis.set_axis_off()
            axis.set_title(f"epoch {story.epoch(step)}, step {step:,}", loc="left", pad=3)
        figure.savefig(path, dpi=100, metadata={"Source": source(story)})
        pyplot.close(figure)
    return True


def source(story: RunSummary) -> str:
    """The SHA-256 of all that a run's pictures are drawn from, which they carry as their Source."""
    files = [*(story.folder / name for name in TOLD), *story.portraits().values()]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
