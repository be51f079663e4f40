"""A run's state on disk: two generations, written whole or not at all, checked when read."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import torch

from facesketch.files import write

KEPT = 2  # generations


def save(folder: Path, step: int, state: dict) -> None:
    """Write state, nested dicts and lists of tensors and plain data, into folder; the newest two stay there.

    The file's name tells its step and the SHA-256 of its bytes. Raises OSError, with the older ones untouched.
    """
    buffer = io.BytesIO()
    torch.save(state, buffer)
    data = buffer.getvalue()
    write(folder / f"{step:08d}-{hashlib.sha256(data).hexdigest()}.pt", data)
    for path in [*generations(folder)[KEPT:], *folder.glob(".*.tmp")]:
        path.unlink()


def generations(folder: Path) -> list[Path]:
    """The states in folder, newest first."""
    return sorted(folder.glob("????????-*.pt"), reverse=True)


def load(folder: Path, device: torch.device, say: Callable = print) -> dict | None:
    """The newest state in folder whose bytes are what its name says, or None. It says which ones are damaged."""
    for path in generations(folder):
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() == path.stem.split("-")[1]:
            return torch.load(io.BytesIO(data), map_location=device, weights_only=True)
        say(f"{path} is damaged; going back to the state before it.")
    return None
