"""What a run trains on: processes, device and precision, by way of accelerate."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import nn

from facesketch.fast import half

TRACKERS = ("trackio", "tensorboard")


class TrainingError(RuntimeError):
    """A run cannot start or go on; the message is one sentence for a person."""


def accelerator_for(device: str, out: Path, track: str = "") -> Accelerator:
    """auto, cpu or cuda; bf16 where the processor computes in it, else float32; track: a name of TRACKERS, or none.

    Raises TrainingError.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise TrainingError("There is no CUDA device here; --device cpu trains on the processor.")
    if track and not importlib.util.find_spec(track):
        raise TrainingError(f"--track {track} needs the package {track}: pip install {track}.")
    on_cpu = device == "cpu" or not torch.cuda.is_available()
    bf16 = half(torch.device("cpu")) if on_cpu else torch.cuda.is_bf16_supported()
    return Accelerator(
        cpu=on_cpu, mixed_precision="bf16" if bf16 else "no", log_with=track or None, project_dir=out / "tracked"
    )


def first_process() -> bool:
    """Whether this is the only process or the first of those that a launcher started."""
    return os.environ.get("RANK", "0") == "0"


def frozen(net: nn.Module) -> nn.Module:
    """A discriminator as the generator's update sees it: its weights held, and no other process asked for gradients."""
    return getattr(net, "module", net).requires_grad_(False)


@cache
def commit() -> str:
    """The commit of the checkout that trains, with a + where files differ from it; "" where there is no checkout."""
    root = Path(__file__).parents[1]
    if not (root / ".git").exists() or not shutil.which("git"):
        return ""
    command = ["git", "-C", str(root), "describe", "--always", "--exclude=*", "--abbrev=12", "--dirty=+"]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def describe(accelerator: Accelerator) -> str:
    """What trains, in words: the GPU's name, or the number of processor threads, and how many of them."""
    if accelerator.device.type == "cuda":
        name = torch.cuda.get_device_name(accelerator.device)
    else:
        threads = torch.get_num_threads()
        name = f"{threads} CPU thread{'s' if threads > 1 else ''}"
    return name if accelerator.num_processes == 1 else f"{accelerator.num_processes} x {name}"
