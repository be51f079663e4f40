"""What a run trains on: processes, device and precision, through accelerate."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import torch
from accelerate import Accelerator, DistributedDataParallelKwargs

from facesketch.models.half_precision import half_dtype

TRACKERS = ("trackio", "tensorboard")


class TrainingError(RuntimeError):
    """A run cannot start or continue; the message is one sentence for the user."""


def make_accelerator(device: str, out: Path, tracker: str = "") -> Accelerator:
    """device: auto, cpu or cuda; bf16 if the processor supports it in hardware, else float32; tracker: of TRACKERS.

    Raises TrainingError.
    """
    if device == "cuda" and not torch.cuda.is_available():
        raise TrainingError("There is no CUDA device; --device cpu trains on the processor.")
    if tracker and not importlib.util.find_spec(tracker):
        raise TrainingError(f"--tracker {tracker} needs the package {tracker}: pip install {tracker}.")
    on_cpu = device == "cpu" or not torch.cuda.is_available()
    bf16 = half_dtype(torch.device("cpu")) is not None if on_cpu else torch.cuda.is_bf16_supported()
    # Buffers are constants, such as the noise of unet-grain: no process has to send them to the others at each step.
    parallel = DistributedDataParallelKwargs(broadcast_buffers=False)
    return Accelerator(
        cpu=on_cpu,
        mixed_precision="bf16" if bf16 else "no",
        log_with=tracker or None,
        project_dir=out / "tracked",
        kwargs_handlers=[parallel],
    )


def check_compiler(device: torch.device) -> None:
    """Raise TrainingError where torch.compile does not work, by compiling a function of one line."""
    try:
        torch.compile(lambda x: x.sin() + 1)(torch.zeros(8, device=device))
    except Exception as error:  # of many classes, most of which are private
        needed = "Triton" if device.type == "cuda" else "a C++ compiler"
        raise TrainingError(f"--compile does not work here: PyTorch needs {needed} for it; train without.") from error


def is_first_process() -> bool:
    """Whether this is the only process, or the first of those that a launcher started."""
    return os.environ.get("RANK", "0") == "0"


@cache
def git_commit() -> str:
    """The commit of this checkout, with a + if files differ from it; "" outside of a checkout."""
    root = Path(__file__).parents[1]
    if not (root / ".git").exists() or not shutil.which("git"):
        return ""
    command = ["git", "-C", str(root), "describe", "--always", "--exclude=*", "--abbrev=12", "--dirty=+"]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def describe(accelerator: Accelerator) -> str:
    """The hardware as text: the GPU's name or the number of CPU threads, times the number of processes."""
    if accelerator.device.type == "cuda":
        name = torch.cuda.get_device_name(accelerator.device)
    else:
        threads = torch.get_num_threads()
        name = f"{threads} CPU thread{'s' if threads > 1 else ''}"
    return name if accelerator.num_processes == 1 else f"{accelerator.num_processes} x {name}"
