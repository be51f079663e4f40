"""What a run tells of itself: losses and scores as lines of metrics.jsonl and, where asked, to a tracker."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.tracking import GeneralTracker
from PIL import Image
from torch import Tensor

from ..hardware import TrainingError


class MetricLogger:
    """The losses since the last line, and the file of lines. Only the first process writes."""

    def __init__(self, path: Path, accelerator: Accelerator, config: dict):
        self.path, self.accelerator, self.config = path, accelerator, config
        self.names: list[str] = []
        self.losses: list[Tensor] = []  # a vector for each step since the last line

    def add(self, losses: dict[str, Tensor]) -> None:
        """Take in a step's losses; they stay on the device until they are asked for."""
        self.names = list(losses)
        self.losses.append(torch.stack([value.float() for value in losses.values()]))

    def gather(self, step: int) -> Tensor:
        """The losses since the last line, steps x names, step being the last; the mean over the processes.

        Raises TrainingError naming the first step and loss that is not finite.
        """
        losses = self.accelerator.reduce(torch.stack(self.losses), "mean")
        bad = (~torch.isfinite(losses)).nonzero()
        if len(bad):
            row, column = bad[0].tolist()
            raise TrainingError(
                f"The loss {self.names[column]} is not finite at step {step - len(losses) + row + 1}; "
                "the run stands at its last checkpoint."
            )
        return losses

    def means(self, step: int) -> dict[str, float]:
        """The mean of each loss since the last line, whose place the next line takes. Raises TrainingError."""
        values = self.gather(step).mean(0).tolist()
        self.losses = []
        return {name: round(value, 6) for name, value in zip(self.names, values, strict=True)}

    def write(self, line: dict, pictures: dict[str, Path] | None = None) -> None:
        """Append a line, which has a step; hand it and the pictures to the tracker, if there is one."""
        if not self.accelerator.is_main_process:
            return
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        step = line["step"]
        if self.accelerator.log_with and not self.accelerator.trackers:
            self.accelerator.init_trackers("facesketch", config=self.config)
        self.accelerator.log({name: value for name, value in line.items() if name != "step"}, step=step)
        for tracker in self.accelerator.trackers:
            for name, path in (pictures or {}).items():
                _hand_over(tracker, name, path, step)

    def state(self, step: int) -> dict:
        """What load takes up. The lines so far are on the disk when this returns. Raises TrainingError as gather."""
        losses = list(self.gather(step)) if self.losses else []
        size = 0
        if self.path.exists():
            with self.path.open("rb") as file:
                os.fsync(file.fileno())
                size = os.fstat(file.fileno()).st_size
        return {"names": self.names, "losses": losses, "bytes": size}

    def load(self, state: dict) -> None:
        """Be as when state was taken: lines that came after it are cut off."""
        self.names, self.losses = state["names"], state["losses"]
        if self.path.exists() and self.accelerator.is_main_process:
            os.truncate(self.path, state["bytes"])


def _hand_over(tracker: GeneralTracker, name: str, path: Path, step: int) -> None:
    """Give a picture to a tracker; accelerate's own for trackio knows no pictures, so that one gets its package's."""
    if tracker.name == "trackio":
        import trackio

        tracker.log({name: trackio.Image(path)}, step=step)
    else:
        with Image.open(path) as image:
            tracker.log_images({name: np.asarray(image)[None]}, step=step, dataformats="NHWC")
