"""What models run on."""

from __future__ import annotations

import torch


class DeviceError(ValueError):
    """There is no such device here; the message is one sentence for a person."""


def device(name: str = "auto") -> torch.device:
    """The device of that name: cpu, cuda, cuda:1, mps ...; auto is CUDA, else Apple's MPS, else the processor.

    Raises DeviceError.
    """
    there = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if name == "auto":
        return torch.device(next(kind for kind, usable in there.items() if usable))
    try:
        asked = torch.device(name)
    except RuntimeError as error:
        raise DeviceError(f"A device is auto, cpu, cuda (cuda:1 is the second) or mps, not {name}.") from error
    count = torch.cuda.device_count() if asked.type == "cuda" else 1
    if not there.get(asked.type) or (asked.index or 0) >= count:
        raise DeviceError(f"There is no device {name} here; cpu is the processor.")
    return asked
