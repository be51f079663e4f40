"""A pool of objects that are not thread-safe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class Pool(Generic[T]):
    """Objects that one thread uses at a time. One per thread would stay in memory with every thread of a server."""

    def __init__(self, create: Callable[[], T]):
        self._create = create
        self._idle: list[T] = []

    @contextmanager
    def borrow(self) -> Iterator[T]:
        """Borrow an object, creating one if none is idle."""
        try:
            borrowed = self._idle.pop()
        except IndexError:
            borrowed = self._create()
        try:
            yield borrowed
        finally:
            self._idle.append(borrowed)
