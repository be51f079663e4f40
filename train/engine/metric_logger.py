"""Losses and scores of a run as lines of metrics.jsonl and, optionally, to a tracker."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.tracking import GeneralTracker
from PIL import Image
from torch import Tensor

from ..hardware import TrainingError


class MetricLogger:
    """Collects losses between lines of the file, and writes lines; only the first process writes."""

    def __init__(self, path: Path, accelerator: Accelerator, config: Mapping[str, Any]):
        """config: flat, shown by the tracker."""
        self.path, self.accelerator = path, accelerator
        self.config = {name: value if isinstance(value, int | float) else str(value) for name, value in config.items()}
        self.names: list[str] = []
        self.losses: list[Tensor] = []  # a vector for each step since the last line

    def add(self, losses: Mapping[str, Tensor]) -> None:
        """Collect the losses of a step; they stay on the device until they are needed."""
        self.names = list(losses)
        self.losses.append(torch.stack([value.float() for value in losses.values()]))

    def newest(self) -> dict[str, float]:
        """The losses of the last step, of this process's part of the batch."""
        return dict(zip(self.names, self.losses[-1].tolist(), strict=True)) if self.losses else {}

    def gather(self, step: int) -> Tensor:
        """The losses since the last line, averaged over the processes: steps x names, until step.

        Raises TrainingError that names the first step and loss that is not finite.
        """
        losses: Tensor = self.accelerator.reduce(torch.stack(self.losses), "mean")
        not_finite = (~torch.isfinite(losses)).nonzero()
        if len(not_finite):
            row, column = not_finite[0].tolist()
            raise TrainingError(
                f"The loss {self.names[column]} is not finite at step {step - len(losses) + row + 1}; "
                "the last checkpoint is from before."
            )
        return losses

    def mean_losses(self, step: int) -> dict[str, float]:
        """The mean of each loss since the last line, and reset. Raises TrainingError."""
        values = self.gather(step).mean(0).tolist()
        self.losses = []
        return {name: round(value, 6) for name, value in zip(self.names, values, strict=True)}

    def write(self, line: Mapping[str, Any], images: Mapping[str, Path] | None = None) -> None:
        """Append a line, which has a step, and pass it and images to the tracker if there is one."""
        if not self.accelerator.is_main_process:
            return
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        step = line["step"]
        if self.accelerator.log_with and not self.accelerator.trackers:
            config = {
                name: value if isinstance(value, int | float) else str(value) for name, value in self.config.items()
            }
            self.accelerator.init_trackers("facesketch", config=config)
        self.accelerator.log({name: value for name, value in line.items() if name != "step"}, step=step)
        for tracker in self.accelerator.trackers:
            for name, path in (images or {}).items():
                _log_image(tracker, name, path, step)

    def state_dict(self, step: int) -> dict[str, Any]:
        """State for load_state_dict; the lines so far are on disk when this returns. Raises TrainingError."""
        losses = list(self.gather(step)) if self.losses else []
        size = 0
        if self.path.exists():
            with self.path.open("rb") as file:
                os.fsync(file.fileno())
                size = os.fstat(file.fileno()).st_size
        return {"names": self.names, "losses": losses, "bytes": size}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Return to a state; lines written after it are cut off."""
        self.names, self.losses = state["names"], state["losses"]
        if self.path.exists() and self.accelerator.is_main_process:
            os.truncate(self.path, state["bytes"])

    def restart(self) -> None:
        """Return to the beginning of a run."""
        self.load_state_dict({"names": [], "losses": [], "bytes": 0})


def _log_image(tracker: GeneralTracker, name: str, path: Path, step: int) -> None:
    if tracker.name == "trackio":  # accelerate's tracker for trackio has no log_images
        import trackio

        tracker.log({name: trackio.Image(path)}, step=step)
    else:
        with Image.open(path) as image:
            tracker.log_images({name: np.asarray(image)[None]}, step=step, dataformats="NHWC")
