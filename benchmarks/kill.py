"""Kill training at random with SIGKILL, continue it, and compare it with a run that was not killed.

`python -m benchmarks.kill --kills 100`: a quarter of the kills happen inside a save, before a random line of the code
that writes the checkpoint or the export; the others come from outside, at a random time. Prints the number of kills;
the exit status is 1 if a run's last checkpoint, metrics.jsonl or weights differ by a bit from the run not killed.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from facesketch import files
from facesketch.models import model as facesketch_model
from train.config import Config, override
from train.engine import checkpoint
from train.engine.fit import fit
from train.presets import PRESETS

SAVING = {module.__file__ for module in (files, checkpoint, facesketch_model)}
TINY = {
    "model.size": 64,
    "model.width": 2,
    "model.discriminator_width": 2,
    "data.crop_size": 64,
    "data.inpaint_scan_borders": False,
}
CONFIGS = [
    override(PRESETS["autoencoder"], {**TINY, "batch_size": 2, "steps": 10}),
    override(PRESETS["cyclegan"], {**TINY, "init_preset": "", "losses.pool_size": 3, "steps": 5}),
]
KILLS_PER_RUN = 5
CLOCKS = ("seconds", "ms")  # values that differ from run to run


def noise_pairs(folder: Path, count: int = 6, size: tuple[int, int] = (64, 80)) -> Path:
    """A folder of count pairs of noise; size: width and height in pixels."""
    generator = np.random.default_rng(0)
    for side in ("photos", "sketches"):
        (folder / side).mkdir(parents=True)
        for i in range(count):
            noise = generator.integers(0, 256, (*reversed(size), 3), dtype=np.uint8)
            Image.fromarray(noise).save(folder / side / f"{i}.png")
    return folder


def start(run: Callable[[], object]) -> int:
    """Call run in a new process, silently; its exit status is 0 if that succeeds. Returns the process id."""
    if pid := os.fork():
        return pid
    code = 1
    try:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        run()
        code = 0
    finally:
        os._exit(code)


def watch_saving(each_line: Callable[[], object]) -> None:
    """Call each_line before every line of saving code that this process executes from now on."""

    def trace(frame: FrameType, event: str, _: object) -> Callable | None:
        if frame.f_code.co_filename not in SAVING:
            return None
        if event == "line":
            each_line()
        return trace

    sys.settrace(trace)


def count_saving_lines(run: Callable[[], object]) -> int:
    """How many lines of saving code run executes."""
    lines = itertools.count()
    watch_saving(lambda: next(lines))
    try:
        run()
    finally:
        sys.settrace(None)
    return next(lines)


def die_at(line: int) -> None:
    """Let this process kill itself before a line of saving code, counted from 1 as they are executed."""
    lines = itertools.count(1)
    watch_saving(lambda: next(lines) == line and os.kill(os.getpid(), signal.SIGKILL))


def leaves(value: object, where: str = "") -> Iterator[tuple[str, object]]:
    """The path and value of every leaf of nested dicts and lists, except for times."""
    if isinstance(value, dict | list | tuple):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            if key not in CLOCKS:
                yield from leaves(inner, f"{where}/{key}")
    else:
        yield where, value


def difference(one: Path, other: Path) -> str:
    """Where the results of two runs first differ by a bit, or ""."""
    states = (
        leaves(
            [checkpoint.load(out / "state", torch.device("cpu")), json.loads((out / "export/config.json").read_text())]
        )
        for out in (one, other)
    )
    for a, b in itertools.zip_longest(*states, fillvalue=("", None)):
        tensors = isinstance(a[1], torch.Tensor) and isinstance(b[1], torch.Tensor)
        if a[0] != b[0] or not (torch.equal(a[1], b[1]) if tensors else a[1] == b[1]):
            return a[0] or b[0]
    for name in ("config.json", "metrics.jsonl", "export/model.safetensors"):
        if (one / name).read_bytes() != (other / name).read_bytes():
            return name
    return ""


def kill_and_continue(config: Config, data: Path, out: Path, seconds: float, lines: int, total: dict[str, int]) -> bool:
    """Kill and continue a run up to KILLS_PER_RUN times; returns whether it finished. total counts the kills.

    The next kind of kill follows from the counts so far, so that a quarter happen inside a save.
    """
    for _ in range(KILLS_PER_RUN):
        kind = "inside a save" if 3 * total["inside a save"] <= total["outside"] else "outside"

        def run(kind: str = kind, line: int = random.randint(1, lines // 4)) -> None:
            if kind == "inside a save":
                die_at(line)
            fit(config, data, out, "cpu")

        pid = start(run)
        if kind == "outside":
            time.sleep(random.uniform(0, seconds))
            os.kill(pid, signal.SIGKILL)
        total[kind] += os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    end = os.waitstatus_to_exitcode(os.waitpid(start(lambda: fit(config, data, out, "cpu")), 0)[1])
    total["not continued"] += end != 0
    return end == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    random.seed(options.seed)
    torch.set_num_threads(1)  # threads do not survive a fork
    tqdm.monitor_interval = 0
    total = {"outside": 0, "inside a save": 0, "not continued": 0, "differs": 0}
    with tempfile.TemporaryDirectory() as folder:
        data = noise_pairs(Path(folder) / "data")
        whole, cost = {}, {}
        for config in CONFIGS:
            whole[config.method], began = Path(folder) / config.method, time.monotonic()
            lines = count_saving_lines(lambda c=config: fit(c, data, whole[c.method], "cpu", log=lambda _: None))
            cost[config.method] = (time.monotonic() - began, lines)
        for run, config in enumerate(itertools.cycle(CONFIGS)):
            if total["outside"] + total["inside a save"] >= options.kills:
                break
            out = Path(folder) / f"run-{run}"
            finished = kill_and_continue(config, data, out, *cost[config.method], total)
            differs = finished and difference(whole[config.method], out)
            total["differs"] += bool(differs)
            print(f"run {run}, {config.method}: {total}" + (f"; {differs} differs" if differs else ""), flush=True)
    print(f"{run} runs: {total}")
    raise SystemExit(bool(total["not continued"] or total["differs"]))


if __name__ == "__main__":
    main()
