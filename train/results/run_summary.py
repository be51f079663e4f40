"""What a run's folder tells, and the part of it that is small and free enough to be kept with the project."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from PIL import Image

from facesketch import Translator
from facesketch.hub.checked import WEIGHTS

from ..hardware import TrainingError
from .portraits import PORTRAITS, sheet

TOLD = ("config.json", "metrics.jsonl", "export/config.json")  # the files of a run that hold its figures
MOMENTS = 3  # of training, at which portraits are shown
HEIGHT = 200  # of a kept sheet of portraits, in pixels


@dataclass(frozen=True)
class RunSummary:
    """A run's folder: its config, the lines of metrics.jsonl, and what was exported."""

    folder: Path
    config: dict
    lines: list[dict]
    about: dict

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def back(self) -> bool:
        """Whether it learned the way back alone."""
        return self.config.get("target") == "photo"

    @property
    def steps(self) -> int:
        """How many steps the run has in all."""
        return self.config["steps"]

    @property
    def step(self) -> int:
        """The last step that it told of."""
        return max((line["step"] for line in self.lines), default=self.about["step"])

    @property
    def per_epoch(self) -> float:
        """Steps in an epoch."""
        known = [line["step"] / line["epoch"] for line in self.lines if line.get("epoch")]
        return known[-1] if known else self.steps / self.config["epochs"]

    def epoch(self, step: int) -> str:
        """The epoch of a step in words: with one place where it is not whole, and in the first one with two digits."""
        epoch = step / self.per_epoch
        return f"{epoch:.1f}".removesuffix(".0") if epoch >= 1 else f"{epoch:.2g}"

    @property
    def lost(self) -> bool:
        """Whether all that is left of its figures is those of the exported step, and a picture of its curves."""
        return (self.folder / "curves.png").exists()

    def curve(self, name: str) -> tuple[list[float], list[float]]:
        """Epochs and values of one name; of a training loss, not the means over less than half of the usual steps."""
        found = [(line["step"], line[name]) for line in self.lines if name in line]
        if not name.startswith(("val_", "train_")):
            over = [step - before for (step, _), (before, _) in zip(found, [(0, 0.0), *found], strict=False)]
            least = median(over) / 2 if over else 0
            found = [point for point, steps in zip(found, over, strict=True) if steps >= least]
        return [step / self.per_epoch for step, _ in found], [value for _, value in found]

    def at_export(self, name: str) -> float | None:
        """A name's value at the step that was exported, or the last one before it; None where it has none."""
        values = [line[name] for line in self.lines if name in line and line["step"] <= self.about["step"]]
        return values[-1] if values else None

    def portraits(self) -> dict[int, Path]:
        """Its sheets of portraits at up to MOMENTS of training, evenly spread up to what was exported: step -> file."""
        sheets = {int(path.stem.split("-")[1]): path for path in self.folder.glob("samples/portraits-*")}
        steps = sorted(step for step in sheets if step <= self.about["step"])
        chosen = {round(i * (len(steps) - 1) / (MOMENTS - 1)) for i in range(MOMENTS)} if steps else ()
        return {steps[i]: sheets[steps[i]] for i in sorted(chosen)}


def read(folder: Path) -> RunSummary:
    """The story of a run's folder. Raises TrainingError where it holds none."""
    try:
        config, about = (json.loads((folder / name).read_text()) for name in ("config.json", "export/config.json"))
        lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    except (OSError, ValueError) as error:
        raise TrainingError(f"{folder} holds no run that has exported anything yet.") from error
    return RunSummary(folder, config, lines, about)


def keep(folder: Path, kept: Path) -> None:
    """Put into kept what a run's folder tells, and its portraits at three moments, small; in place of what was there.

    Where the run has no sheet of what it exported, and the weights are there, they are drawn. Raises TrainingError
    where folder holds no run.
    """
    story = read(folder)
    sheets = {step: Image.open(path) for step, path in story.portraits().items()}
    if story.about["step"] not in sheets and (folder / "export" / WEIGHTS).exists():
        sheets[story.about["step"]] = sheet(Translator.from_pretrained(folder / "export"), PORTRAITS)
    shutil.rmtree(kept, ignore_errors=True)
    for name in TOLD:
        (kept / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / name, kept / name)
    (kept / "samples").mkdir()
    for step, picture in sheets.items():
        small = picture.convert("RGB").resize(
            (picture.width * HEIGHT // picture.height, HEIGHT), Image.Resampling.LANCZOS
        )
        small.save(kept / "samples" / f"portraits-{step:07d}.jpg", quality=90)
