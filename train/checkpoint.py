"""A run's files on disk: written whole or not at all."""

from __future__ import annotations

import io
import os
from pathlib import Path

import torch


def write(path: Path, data: bytes) -> None:
    """Write data so that path holds what it held before or all of data, whenever the process may end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def save(path: Path, state: dict) -> None:
    """Write state: nested dicts and lists of tensors and plain data."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    write(path, buffer.getvalue())


def load(path: Path, device: torch.device) -> dict | None:
    """The state at path, its tensors on device, or None where there is none."""
    return torch.load(path, map_location=device, weights_only=True) if path.exists() else None
