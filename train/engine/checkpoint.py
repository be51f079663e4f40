"""Checkpoints: two generations, written atomically and verified when read."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from facesketch.files import atomic_write

GENERATIONS = 2  # the newest, and one to fall back to if it is damaged


def save(folder: Path, step: int, state: dict[str, Any]) -> None:
    """Write state, nested dicts and lists of tensors and plain data, and delete all but the newest GENERATIONS.

    The file name contains the step and the SHA-256 of the file. Raises OSError, with older checkpoints untouched.
    """
    buffer = io.BytesIO()
    torch.save(state, buffer)
    data = buffer.getvalue()
    atomic_write(folder / f"{step:08d}-{hashlib.sha256(data).hexdigest()}.pt", data)
    for path in [*generations(folder)[GENERATIONS:], *folder.glob(".*.tmp")]:
        path.unlink()


def generations(folder: Path) -> list[Path]:
    """The checkpoints in folder, newest first."""
    return sorted(folder.glob("????????-*.pt"), reverse=True)


def load(folder: Path, device: torch.device, log: Callable[[str], object] = print) -> dict[str, Any] | None:
    """The newest undamaged state in folder, or None; damaged ones are logged."""
    for path in generations(folder):
        data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() == path.stem.split("-")[1]:
            state: dict[str, Any] = torch.load(io.BytesIO(data), map_location=device, weights_only=True)
            return state
        log(f"{path} is damaged; falling back to the checkpoint before it.")
    return None
