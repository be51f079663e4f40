"""Ctrl-C, which ends a run after its current step."""

from __future__ import annotations

import signal

from accelerate import Accelerator


class InterruptHandler:
    """A context in which Ctrl-C is remembered; calling it says whether it was pressed in any of the processes.

    A second Ctrl-C interrupts at once, except with several processes: their launcher passes the first one on again.
    """

    def __init__(self, accelerator: Accelerator):
        self.accelerator, self.interrupted = accelerator, False

    def __enter__(self) -> InterruptHandler:
        self.previous = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self.previous)

    def _handle(self, *_: object) -> None:
        self.interrupted = True
        if self.accelerator.num_processes == 1:
            signal.signal(signal.SIGINT, self.previous)

    def __call__(self) -> bool:
        if self.accelerator.num_processes == 1:
            return self.interrupted
        if self.interrupted:
            self.accelerator.set_trigger()
        return bool(self.accelerator.check_trigger())
