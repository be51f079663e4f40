"""What a run trains on: the device, the precision and the memory format that are fastest there."""

from __future__ import annotations

import torch
from accelerate import Accelerator


class TrainingError(RuntimeError):
    """A run cannot start or go on; the message is one sentence for a person."""


def accelerator_for(device: str) -> Accelerator:
    """auto, cpu or cuda; bf16 where the processor computes in it, else float32."""
    if device == "cuda" and not torch.cuda.is_available():
        raise TrainingError("There is no CUDA device here; --device cpu trains on the processor.")
    on_cpu = device == "cpu" or not torch.cuda.is_available()
    bf16 = _cpu_has_bf16() if on_cpu else torch.cuda.is_bf16_supported()
    return Accelerator(cpu=on_cpu, mixed_precision="bf16" if bf16 else "no")


def _cpu_has_bf16() -> bool:
    """Whether bf16 is computed in hardware; where it is emulated it is several times slower than float32."""
    return any(getattr(torch.cpu, name, bool)() for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))


def memory_format(device: torch.device) -> torch.memory_format:
    """channels_last is what CUDA's tensor cores want; on a CPU it costs a copy at each reflected border."""
    return torch.channels_last if device.type == "cuda" else torch.contiguous_format


def describe(device: torch.device) -> str:
    """What trains, in words: the GPU's name, or the number of processor threads."""
    on_gpu = device.type == "cuda"
    return torch.cuda.get_device_name(device) if on_gpu else f"{torch.get_num_threads()} CPU threads"
