"""How fast pictures are drawn, beside what this machine could do and beside the networks of the papers.

`python -m benchmarks.inference [--device NAME]`, all in one run, so that its ratios hold on a busy machine: for each
method the floor (the operations of the network that serves at the rate of a half precision matrix product measured
here), the network of its reference implementation (width 64, float32, eager), ours in float32, and what serves, with
images a second at 1, 4 and 16 at once. Then the steps around it: reading, finding and aligning at one megapixel, the
matte, the whole of translate, and what of it is not the generator's. They take turns, and the quickest turn of each
counts. On a processor time is what the process used on its processors, over their number, so that others' work is not
counted. Last, by the clock, the first drawing of a new process after its imports.
"""

from __future__ import annotations

import argparse
import io
import logging
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import torch
from PIL import Image
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

import facesketch
from facesketch.faces.matte import person
from facesketch.fast import answer, half, quick
from facesketch.images import label_maps
from facesketch.models import Autoencoder, ResNet, UNet

PORTRAIT = Path(__file__).parents[1] / "examples" / "grace_hopper.jpg"
REFERENCE = {"autoencoder": lambda: Autoencoder(64), "pix2pix": UNet, "cyclegan": ResNet}
MATRIX = 2048
AT_ONCE = (1, 4, 16)
FIRST = """
import time, facesketch
photo, began = facesketch.read_image("{}"), time.perf_counter()
facesketch.load().translate(photo)
print(time.perf_counter() - began)
"""


def clock(device: torch.device) -> Callable[[], float]:
    """Seconds, of which only differences mean something."""
    if device.type == "cuda":
        return lambda: (torch.cuda.synchronize(), time.perf_counter())[1]
    return lambda: time.process_time() / torch.get_num_threads()


def least(works: dict[str, Callable], now: Callable[[], float], turns: int) -> dict[str, float]:
    """The milliseconds of each one's quickest turn, after one that warms up."""
    best = dict.fromkeys(works, float("inf"))
    for turn in range(turns + 1):
        for name, work in works.items():
            began = now()
            work()
            best[name] = min(best[name], 1000 * (now() - began)) if turn else best[name]
    return best


def floor(network: nn.Module, x: torch.Tensor, now: Callable[[], float]) -> float:
    """The milliseconds that the network's operations would take in a matrix product of its own precision."""
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        network(x.to(next(network.parameters()).dtype))
    a = torch.rand(MATRIX, MATRIX, device=x.device).to(half(x.device) or torch.float32)
    per = least({"product": lambda: a @ a}, now, 8)["product"]
    return counter.get_total_flops() / (2 * MATRIX**3) * per


def networks(name: str, device: torch.device, turns: int) -> str:
    """A method's row of the table."""
    now, x = clock(device), torch.rand(1, 3, 256, 256, device=device) * 2 - 1
    model, reference = facesketch.load(name), REFERENCE[name]().to(device).eval()
    ours, given = model.photo_to_sketch.to(device), x
    if model.styles:
        given = torch.cat([x, label_maps([0], len(model.styles), 256).to(device)], 1)
    serving = quick(ours, given)
    works = {"reference": lambda: answer(reference, x), "float32": lambda: answer(ours, given)}
    for count in AT_ONCE:
        works[str(count)] = partial(answer, serving, given.expand(count, -1, -1, -1).contiguous())
    took, low = least(works, now, turns), floor(serving, given, now)
    cells = [f"{low:.1f}", *(f"{took[key]:.1f}" for key in ("reference", "float32", "1"))]
    cells += [f"{took['1'] / low:.2f}", f"{took['reference'] / took['1']:.1f}", f"{took['float32'] / took['1']:.2f}"]
    return f"| {name} | {' | '.join([*cells, *(f'{1000 * n / took[str(n)]:.0f}' for n in AT_ONCE)])} |"


def steps(device: torch.device, turns: int) -> dict[str, float]:
    """The milliseconds of what is done around a network, and of all of it."""
    photo = facesketch.read_image(PORTRAIT)
    large = photo.resize((1024, 1024), Image.Resampling.LANCZOS)
    stored = io.BytesIO()
    photo.resize((1450, 1800), Image.Resampling.LANCZOS).save(stored, "JPEG", quality=90)
    face, model, idle = facesketch.find_faces(photo)[0], *(facesketch.load("pix2pix").to(device) for _ in range(2))
    drawn, crop = torch.zeros(1, 3, 256, 256), facesketch.align(photo, face)[0]
    idle.ask = lambda *_: drawn  # type: ignore[method-assign]
    works = {
        "reading a JPEG of 2.6 megapixels": lambda: facesketch.read_image(stored.getvalue()),
        "... at most a megapixel": lambda: facesketch.read_image(stored.getvalue(), 10**6),
        "finding and aligning in 1024 x 1024": lambda: facesketch.align(large, facesketch.find_faces(large)[0]),
        "the matte of a crop of 256 x 320": lambda: person(crop),
        "translate with Pix2Pix, face known, 512 x 640": lambda: model.translate(photo, faces=[face], size=512),
        "... 1024 x 1280": lambda: model.translate(photo, faces=[face], size=1024),
        "... of these beyond the generator": lambda: idle.translate(photo, faces=[face], size=1024),
        "... 512 x 640, face to be found": lambda: model.translate(photo, size=512),
    }
    return least(works, clock(device), turns)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--turns", type=int, default=6)
    parser.add_argument("--threads", type=int, default=1, help="of a processor; on a busy one several wait for another")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(options.threads)
    logging.getLogger("facesketch").setLevel(logging.ERROR)
    device = torch.device(options.device)
    threads = (
        f"{options.threads} thread{'s' * (options.threads > 1)}"
        if device.type == "cpu"
        else torch.cuda.get_device_name(device)
    )
    print(f"{device.type}, {threads}; half precision is {half(device)}. Milliseconds, but for images a second.\n")
    print("| | floor | reference | float32 | serves | serves / floor | reference / serves | float32 / serves |", end="")
    print(" " + " | ".join(f"{count} at once, images/s" for count in AT_ONCE) + f" |\n{'|---' * 11}|")
    for name in REFERENCE:
        print(networks(name, device, options.turns), flush=True)
    print("\n| | ms |\n|---|---|")
    for name, ms in steps(device, options.turns).items():
        print(f"| {name} | {ms:.1f} |")
    first = [sys.executable, "-c", FIRST.format(PORTRAIT)]
    print(f"\nThe first drawing after imports: {float(subprocess.check_output(first, text=True)):.1f} s")


if __name__ == "__main__":
    main()
