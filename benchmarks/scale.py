"""Pictures per second of one and of two processes, compared with a loop in Python.

`python -m benchmarks.scale [--pictures N] [--model NAME] [--finish NAME]` draws N pictures to a process: in a loop over
the library, by the command in one shard and in two at once, and by Ray Data with one worker and with two, if ray is
installed. Each process has one thread. Its rate counts from its first drawing on, so starting does not count, and in
CPU time, so that other programs do not count: it is the rate on a core of its own. The rates of two add up. Prints each
rate relative to the loop's, and how many days a million pictures would take. Only on Linux.
"""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch

import facesketch
from facesketch import DrawOptions
from facesketch.scale import Sketcher

ROOT = Path(__file__).parents[1]
PORTRAITS = sorted((ROOT / "examples").glob("*.jpg"))
MILLION = 1_000_000


class TimedSketcher(Sketcher):
    """A Sketcher that says in which process each drawing was finished, and after how much of its CPU time."""

    def __call__(self, batch: Any) -> dict[str, Any]:
        result = super().__call__(batch)
        rows = len(result["error"])
        return {"process": np.full(rows, os.getpid()), "finished": np.full(rows, time.process_time())}


def copies(folder: str, count: int) -> list[Path]:
    """So many pictures in a folder: copies of the portraits."""
    paths = [Path(folder, f"{number}.jpg") for number in range(count)]
    for number, path in enumerate(paths):
        shutil.copy(PORTRAITS[number % len(PORTRAITS)], path)
    return paths


def rate(times: Iterable[float]) -> float:
    """Pictures per second of a process, from its CPU time after each drawing."""
    ordered = sorted(times)
    return (len(ordered) - 1) / (ordered[-1] - ordered[0])


def cpu_seconds(pid: int) -> float:
    """The CPU time of a running process."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def loop(paths: list[Path], model: str, options: DrawOptions) -> float:
    """Of the library, in this process."""
    pipeline, times = facesketch.load(model), []
    with tempfile.TemporaryDirectory() as folder:
        for path in paths:
            pipeline(facesketch.read_image(path), options).save(Path(folder, f"{path.name}.png"))
            times.append(time.process_time())
    return rate(times)


def command(paths: list[Path], model: str, options: DrawOptions, count: int) -> float:
    """Of the command, in count processes at once, each with a list of its own."""

    def run(part: int) -> float:
        given = [sys.executable, "-m", "facesketch", "--manifest", "-", "--out", folder, "--model", model]
        with subprocess.Popen(
            [*given, "--finish", options.finish], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdin and process.stdout
            process.stdin.writelines(f"{path}\n" for path in paths[part::count])
            process.stdin.close()
            return rate([cpu_seconds(process.pid) for _ in process.stdout])

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(count) as pool:
        return sum(pool.map(run, range(count)))


def ray_data(paths: list[Path], model: str, options: DrawOptions, count: int) -> float:
    """Of Ray Data with count workers on this machine."""
    import ray.data

    ray.data.DataContext.get_current().enable_progress_bars = False
    logging.disable(logging.INFO)
    ray.init(
        num_cpus=count + 1,
        include_dashboard=False,
        log_to_driver=False,
        runtime_env={"env_vars": {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}},
    )
    try:
        photos = ray.data.read_binary_files(list(map(str, paths)), override_num_blocks=len(paths))
        given, actors = {"model": model, "options": options}, ray.data.ActorPoolStrategy(size=count)
        drawn = photos.map_batches(TimedSketcher, fn_constructor_kwargs=given, batch_size=1, compute=actors)
        times = defaultdict(list)
        for row in drawn.take_all():
            times[row["process"]].append(row["finished"])
    finally:
        ray.shutdown()
    return sum(rate(each) for each in times.values() if len(each) > 1)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=20, help="for each process (default 20)")
    parser.add_argument("--model", default=facesketch.DEFAULT_MODEL)
    parser.add_argument("--finish", default="strokes")
    given = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    torch.set_num_threads(1)
    options = DrawOptions(finish=given.finish)
    with tempfile.TemporaryDirectory() as folder:
        paths = copies(folder, 2 * given.pictures)
        half = paths[: given.pictures]
        works = {
            "a loop in Python": lambda: loop(half, given.model, options),
            "`facesketch --manifest`, one process": lambda: command(half, given.model, options, 1),
            "... two shards at once": lambda: command(paths, given.model, options, 2),
        }
        if find_spec("ray"):
            works["Ray Data, one worker"] = lambda: ray_data(half, given.model, options, 1)
            works["... two workers"] = lambda: ray_data(paths, given.model, options, 2)
        print("| | pictures per second, relative | days for a million |\n|---|---|---|")
        base = 0.0
        for name, work in works.items():
            measured = work()
            base = base or measured
            print(f"| {name} | {measured / base:.2f} | {MILLION / measured / 86400:.1f} |", flush=True)


if __name__ == "__main__":
    main()
