"""The figures of a report: curves of training, and portraits as training went on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib
from PIL import Image

from .run_summary import KEPT_FILES, RunSummary

matplotlib.use("Agg")
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

TrainVal = tuple[float | None, float | None]  # a value in training and validation

SSIM_NAMES = ["ssim_photo_to_sketch", "ssim_sketch_to_photo"]
PANELS: dict[str, dict[str, list[str]]] = {  # the deck's curves of each method: title -> names in metrics.jsonl
    "autoencoder": {"G loss": ["G"], "accuracy": ["accuracy"], "SSIM": ["ssim_photo_to_sketch"]},
    "pix2pix": {"G loss": ["G"], "D loss": ["D"], "SSIM": SSIM_NAMES},
    "cyclegan": {"G loss": ["G"], "D loss": ["D"], "SSIM": SSIM_NAMES},
    "matte": {"loss": ["M"], "IoU": ["iou_photo_to_matte"]},
}
INVERSE_PANELS = {"F loss": ["F"], "D_X loss": ["D_X"], "SSIM": ["ssim_sketch_to_photo"]}
SCORE_PANELS = ("SSIM", "IoU")  # whose training values are named train_ in metrics.jsonl
COLORS = (("#9ecae1", "#08519c"), ("#fdbe85", "#a63603"))  # training and validation, of the first and second direction
SETTLED = 0.04  # fraction of the epochs after which a curve must be within the frame
STYLE: Any = {  # rcParams, whose names matplotlib's stubs want as literals
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "legend.fontsize": 8,
}


def plot_curves(run: RunSummary, deck: Mapping[str, TrainVal], path: Path) -> None:
    """Draw the curves of a run side by side, with the deck's final values, by panel title, as dotted lines."""
    panels = INVERSE_PANELS if run.is_inverse else PANELS[run.config.method]
    with pyplot.rc_context(STYLE):
        figure, axes = pyplot.subplots(1, len(panels), figsize=(4.4 * len(panels), 3.6), layout="constrained")
        for axis, (title, names) in zip(axes, panels.items(), strict=True):
            _plot_panel(axis, run, title, names, deck.get(title, (None, None)))
        figure.savefig(path, dpi=100, metadata={"Source": source_hash(run)})
        pyplot.close(figure)


def _plot_panel(axis: Axes, run: RunSummary, title: str, names: Sequence[str], deck: TrainVal) -> None:
    """One quantity over the epochs."""
    settled = list(deck)
    for name, colors in zip(names, COLORS, strict=False):
        keys = (f"train_{name}" if title in SCORE_PANELS else name, f"val_{name}")
        for label, color, key in zip(("training", "validation"), colors, keys, strict=True):
            epochs, values = run.curve(key)
            direction = f", {name.removeprefix('ssim_').replace('_', ' ')}" if len(names) > 1 else ""
            if epochs:
                marker = "." if len(epochs) < 3 else ""
                axis.plot(epochs, values, color=color, label=f"{label}{direction}", marker=marker)
            start = SETTLED * run.config.epochs
            settled += [value for epoch, value in zip(epochs, values, strict=True) if epoch >= start] or values
    for label, color, value in zip(("training", "validation"), COLORS[0], deck, strict=True):
        if value is not None:
            axis.axhline(value, color=color, linestyle=":", label=f"the deck's, {label}: {value:.4g}")
    known = [value for value in settled if value is not None]
    if known:
        margin = 0.06 * (max(known) - min(known)) or 0.05
        axis.set_ylim(min(known) - margin, max(known) + margin)
    axis.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    axis.set(xlabel="epoch", xlim=(0, max(run.last_step / run.steps_per_epoch, 1e-6)))
    axis.set_title(title, loc="left", weight="bold")
    if axis.lines:
        axis.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2)


def plot_portraits(run: RunSummary, path: Path) -> bool:
    """Draw the portraits of a run, a row for each moment of training. Returns whether there are any."""
    sheets = run.portraits()
    if not sheets:
        return False
    images = [Image.open(sheet) for sheet in sheets.values()]
    width, height = images[0].size
    inches = (width / 100, len(sheets) * (height + 22) / 100)
    with pyplot.rc_context(STYLE):
        figure, axes = pyplot.subplots(len(sheets), 1, figsize=inches, layout="constrained", squeeze=False)
        for axis, step, image in zip(axes[:, 0], sheets, images, strict=True):
            axis.imshow(image)
            axis.set_axis_off()
            axis.set_title(f"epoch {run.epoch(step)}, step {step:,}", loc="left", pad=3)
        figure.savefig(path, dpi=100, metadata={"Source": source_hash(run)})
        pyplot.close(figure)
    return True


def source_hash(run: RunSummary) -> str:
    """SHA-256 of everything that a run's figures are drawn from, which they store under Source."""
    files = [*(run.folder / name for name in KEPT_FILES), *run.portraits().values()]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
