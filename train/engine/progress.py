"""How far a run is: a bar on a terminal, else lines of the log."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tqdm import tqdm


class Progress:
    """A context that shows steps, time left, losses, scores and where the last samples are.

    If standard error is a terminal, it gets a bar, and above it a line for each validation; else the log gets a line
    for each report.
    """

    def __init__(self, title: str, step: int, steps: int, log: Callable[[str], object], shown: bool = True):
        """step: the one that the run starts from. shown: False in all processes but the first."""
        self.start, self.first_step, self.steps = time.monotonic(), step, steps
        self.log = log if shown else lambda _: None
        self.bar = tqdm(
            desc=title,
            total=steps,
            initial=step,
            unit="step",
            mininterval=1,
            dynamic_ncols=True,
            file=sys.stderr,
            disable=None if shown else True,  # None: where standard error is no terminal
        )

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.close()

    def update(self, losses: Callable[[], Mapping[str, float]]) -> None:
        """Count a step. losses are asked for, which waits for a GPU, only when the bar is redrawn, once a second."""
        if self.bar.update():
            self.bar.set_postfix_str(_describe(losses()))

    def report(self, step: int, values: Mapping[str, float], samples: Path | None = None) -> None:
        """Show mean losses and scores at a step, and after a validation the path of its samples."""
        seconds = (time.monotonic() - self.start) / max(1, step - self.first_step) * (self.steps - step)
        text = f"Step {step} of {self.steps}, {tqdm.format_interval(seconds)} left: {_describe(values)}"
        text += f"; samples: {samples}" if samples else ""
        if self.bar.disable:
            self.log(text)
        elif samples:
            tqdm.write(text, file=sys.stderr)


def _describe(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in values.items())
