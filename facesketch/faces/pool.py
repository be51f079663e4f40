"""What keeps state while it works, made once for each who works at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Pool:
    """Lends what make makes. One for each thread would stay in memory with every thread that a server once had."""

    def __init__(self, make: Callable[[], Any]):
        self.make, self.idle = make, []

    @contextmanager
    def lent(self) -> Iterator[Any]:
        """One that nobody else has, for as long as it is needed."""
        try:
            one = self.idle.pop()
        except IndexError:
            one = self.make()
        try:
            yield one
        finally:
            self.idle.append(one)
