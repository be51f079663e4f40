"""The speed benchmarks that need no data, in one table: ratios of one run, each with its goal.

`python -m benchmarks [--short]`, on a CPU. Networks and steps are measured in one thread and in CPU time, as in
benchmarks.inference; processes as in benchmarks.scale; the page as in benchmarks.serving. --short measures once, with
small drawings and without the page, for CI; its ratios mean little, and a missed goal is no error.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

import cv2
import torch

from facesketch import DrawOptions

from . import inference, scale, serving

CPU = torch.device("cpu")


@dataclass(frozen=True)
class Ratio:
    """A row of the table. goal: at most, or where higher is better at least."""

    name: str
    value: float
    goal: float
    higher_is_better: bool = False

    def __str__(self) -> str:
        met = self.value >= self.goal if self.higher_is_better else self.value <= self.goal
        sign = "≥" if self.higher_is_better else "≤"
        return f"| {self.name} | {self.value:.2f} | {sign} {self.goal} | {'yes' if met else 'no'} |"


def drawing(short: bool) -> Iterator[Ratio]:
    """Of networks and of the steps around them."""
    took = inference.networks("pix2pix", CPU, turns=1 if short else 6)
    yield Ratio("Pix2Pix's serving network / its operations' minimum", took["1"] / took["floor"], 2)
    yield Ratio("the paper's network / Pix2Pix's serving network", took["paper"] / took["1"], 4, True)
    steps = inference.steps(CPU, 1 if short else 6, "detail")
    align, matte = steps["finding and aligning in 1024 x 1024"], steps["the matte of a crop of 256 x 320"]
    yield Ratio("finding and aligning a face at one megapixel / Pix2Pix's serving network", align / took["1"], 1.2)
    yield Ratio("the matte / Pix2Pix's serving network", matte / took["1"], 1)


def processes(short: bool) -> Iterator[Ratio]:
    """Of the command on a list of pictures."""
    model, options = ("autoencoder", DrawOptions(finish="none")) if short else ("pix2pix", DrawOptions())
    with tempfile.TemporaryDirectory() as folder:
        paths = scale.copies(folder, 8 if short else 24)
        loop = scale.loop(paths[: len(paths) // 2], model, options)
        one = scale.command(paths[: len(paths) // 2], model, options, 1)
        two = scale.command(paths, model, options, 2)
    yield Ratio("pictures per second: `facesketch --manifest` / a loop in Python", one / loop, 0.9, True)
    yield Ratio("pictures per second: two shards / one process", two / one, 1.8, True)


def page(times: int = 10) -> Iterator[Ratio]:
    """Of the demo."""
    echo, library = serving.parts(times)
    with tempfile.TemporaryDirectory() as folder, serving.served(serving.DEMO, folder) as (url, _):
        serving.call(url, 2)
        seconds, _ = serving.call(url, times)
    yield Ratio("one visitor's wait / Gradio's echo + the library's drawing", median(seconds) / (echo + library), 1.3)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true", help="measure once, with small drawings and without the page")
    short = parser.parse_args().short
    os.environ["OMP_NUM_THREADS"] = "1"  # of the processes that are started
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    print("| | ratio | goal | met |\n|---|---|---|---|")
    for rows in (drawing(short), processes(short), () if short else page()):
        for each in rows:
            print(each, flush=True)


if __name__ == "__main__":
    main()
