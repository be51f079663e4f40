"""Choosing the device that models run on."""

from __future__ import annotations

import torch

from .errors import DeviceError


def get_device(name: str = "auto") -> torch.device:
    """The device called cpu, cuda, cuda:1 or mps; auto is CUDA, else Apple's MPS, else the CPU. Raises DeviceError."""
    available = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(kind for kind, usable in available.items() if usable))
    try:
        requested = torch.device(name)
    except RuntimeError as error:
        raise DeviceError("device.unknown", name=name) from error
    count = torch.cuda.device_count() if requested.type == "cuda" else 1
    if not available.get(requested.type) or (requested.index or 0) >= count:
        raise DeviceError("device.unavailable", name=name)
    return requested
