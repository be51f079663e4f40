"""Ctrl-C, which ends a run after its current step."""

from __future__ import annotations

import signal

from accelerate import Accelerator


class InterruptHandler:
    """Whether Ctrl-C was pressed while the block ran; in any of the processes, so that all end at the same step.

    A second Ctrl-C acts as ever, but in one of several processes: their launcher passes on the first one once more.
    """

    def __init__(self, accelerator: Accelerator):
        self.accelerator, self.asked = accelerator, False

    def __enter__(self) -> InterruptHandler:
        self.before = signal.signal(signal.SIGINT, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self.before)

    def _ask(self, *_: object) -> None:
        self.asked = True
        if self.accelerator.num_processes == 1:
            signal.signal(signal.SIGINT, self.before)

    def __call__(self) -> bool:
        if self.accelerator.num_processes == 1:
            return self.asked
        if self.asked:
            self.accelerator.set_trigger()
        return self.accelerator.check_trigger()
