"""A run's figures, and the small and publishable part of its folder that is kept with the project."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from PIL import Image

from facesketch import Model
from facesketch.hub.weights_io import WEIGHTS_FILE
from facesketch.models.config import ModelConfig, Provenance

from ..config import Config
from ..hardware import TrainingError
from .portraits import PORTRAITS, portrait_sheet
from .scores import Score, read_scores

SCORE_FILES = ("config.json", "export/config.json")  # all that is kept of a run of which only the scores count
KEPT_FILES = ("config.json", "metrics.jsonl", "export/config.json")
N_SHEETS = 3  # moments of training at which portraits are shown
SHEET_HEIGHT = 200  # pixels of a kept sheet of portraits


@dataclass(frozen=True)
class RunSummary:
    """What a run's folder says."""

    folder: Path
    config: Config
    lines: list[dict[str, Any]]  # of metrics.jsonl, if the record has it
    model: ModelConfig  # of the exported model

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def is_inverse(self) -> bool:
        """Whether it trained a generator from sketch to photo alone."""
        return self.config.model.direction == "sketch_to_photo"

    @property
    def scores(self) -> dict[str, Score]:
        return read_scores(self.model.scores)

    @property
    def provenance(self) -> Provenance:
        """How the run trained; directions that it only exports have another."""
        return self.model.provenance[self.config.model.direction]

    @property
    def exported_step(self) -> int:
        return self.provenance.step

    @property
    def last_step(self) -> int:
        """The last step in metrics.jsonl."""
        return max((line["step"] for line in self.lines), default=self.exported_step)

    @property
    def steps_per_epoch(self) -> float:
        known = [line["step"] / line["epoch"] for line in self.lines if line.get("epoch")]
        return known[-1] if known else self.config.steps / self.config.epochs

    def epoch(self, step: int) -> str:
        """The epoch of a step: one decimal if it is not whole, two significant digits within the first."""
        epoch = step / self.steps_per_epoch
        return f"{epoch:.1f}".removesuffix(".0") if epoch >= 1 else f"{epoch:.2g}"

    @property
    def is_incomplete(self) -> bool:
        """Whether only the figures of the exported step are left, with an image of the curves."""
        return (self.folder / "curves.png").exists()

    @property
    def is_scores_only(self) -> bool:
        """Whether neither curves nor portraits were kept, as of all runs but one that differ in the seed."""
        return not (self.folder / "metrics.jsonl").exists()

    def curve(self, name: str) -> tuple[list[float], list[float]]:
        """Epochs and values of a name; training losses without means over less than half of the usual steps."""
        points = [(line["step"], line[name]) for line in self.lines if name in line]
        if not name.startswith(("val_", "train_")):
            spans = [step - before for (step, _), (before, _) in zip(points, [(0, 0.0), *points], strict=False)]
            shortest = median(spans) / 2 if spans else 0
            points = [point for point, span in zip(points, spans, strict=True) if span >= shortest]
        return [step / self.steps_per_epoch for step, _ in points], [value for _, value in points]

    def at_export(self, name: str) -> float | None:
        """The value of a name at the exported step, or the last one before it; None if there is none."""
        values = [line[name] for line in self.lines if name in line and line["step"] <= self.exported_step]
        return values[-1] if values else None

    def portraits(self) -> dict[int, Path]:
        """Up to N_SHEETS sheets of portraits, evenly spread over the steps until the exported one: step -> file."""
        sheets = {int(path.stem.split("-")[1]): path for path in self.folder.glob("samples/portraits-*")}
        steps = sorted(step for step in sheets if step <= self.exported_step)
        chosen = {round(i * (len(steps) - 1) / (N_SHEETS - 1)) for i in range(N_SHEETS)} if steps else set()
        return {steps[i]: sheets[steps[i]] for i in sorted(chosen)}


def read_run(folder: Path) -> RunSummary:
    """Read a run's folder. Raises TrainingError if it contains no run."""
    try:
        config, model = (json.loads((folder / name).read_text()) for name in ("config.json", "export/config.json"))
        metrics = folder / "metrics.jsonl"
        lines = [json.loads(line) for line in metrics.read_text().splitlines()] if metrics.exists() else []
        return RunSummary(folder, Config.from_dict(config), lines, ModelConfig.from_dict(model, folder.name))
    except (OSError, ValueError) as error:
        raise TrainingError(f"{folder} contains no run that has exported a model.") from error


def keep(folder: Path, kept: Path) -> None:
    """Copy the figures and small portraits of a run into kept, replacing what was there.

    If the run has no portraits of the exported step but its weights, they are drawn. Raises TrainingError if folder
    contains no run.
    """
    run = read_run(folder)
    sheets: dict[int, Image.Image] = {step: Image.open(path) for step, path in run.portraits().items()}
    if run.exported_step not in sheets and (folder / "export" / WEIGHTS_FILE).exists():
        sheets[run.exported_step] = portrait_sheet(Model.from_pretrained(folder / "export"), PORTRAITS)
    _copy(folder, kept, KEPT_FILES)
    (kept / "samples").mkdir()
    for step, sheet in sheets.items():
        size = (sheet.width * SHEET_HEIGHT // sheet.height, SHEET_HEIGHT)
        small = sheet.convert("RGB").resize(size, Image.Resampling.LANCZOS)
        small.save(kept / "samples" / f"portraits-{step:07d}.jpg", quality=90)


def keep_scores(folder: Path, kept: Path) -> None:
    """Copy the configuration and the scores of a run into kept, a few kilobytes, replacing what was there."""
    _copy(folder, kept, SCORE_FILES)


def _copy(folder: Path, kept: Path, names: Sequence[str]) -> None:
    shutil.rmtree(kept, ignore_errors=True)
    for name in names:
        (kept / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / name, kept / name)
