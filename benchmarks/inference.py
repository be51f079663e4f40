"""Speed of drawing, compared with what the hardware can do and with the papers' networks.

`python -m benchmarks.inference [--device NAME] [--finish NAME]`, all in one run, so that its ratios hold on a busy
machine. For each method: the floor (the operations of the serving network at the rate of a half-precision matrix
product measured here), the network of its paper (width 64, float32, eager), ours in float32, and the serving network,
with images per second in batches of 1, 4 and 16. Then the steps around it: reading, finding and aligning at one
megapixel, the matte, the whole pipeline, and its part without the generator. The works take turns, and the fastest turn
of each counts. On a CPU, time is CPU time divided by the number of threads, so that other processes do not count. Last,
in wall time, the first drawing of a new process after its imports.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Literal

import cv2
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

import facesketch
from facesketch import DrawOptions, Model
from facesketch.face.matte import predict_matte
from facesketch.image.pixels import style_maps
from facesketch.models import Autoencoder, ResNet, UNet
from facesketch.models.half_precision import half_dtype, run_float32_out, serving_network

PORTRAIT = Path(__file__).parents[1] / "examples" / "grace_hopper.jpg"
PAPER_NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "autoencoder": partial(Autoencoder, 64),
    "pix2pix": UNet,
    "cyclegan": ResNet,
}
MATRIX_SIDE = 2048
BATCH_SIZES = (1, 4, 16)
FIRST_DRAWING = """
import time, facesketch
photo, start = facesketch.read_image("{}"), time.perf_counter()
facesketch.load()(photo)
print(time.perf_counter() - start)
"""


class IdleModel(Model):
    """A model whose generator takes no time: what is left is the rest of the pipeline."""

    def generate(self, x: Tensor, direction: str, style: str | None = None, full_precision: bool = False) -> Tensor:
        return torch.zeros_like(x)


def clock(device: torch.device) -> Callable[[], float]:
    """A clock in seconds, of which only differences have a meaning."""
    if device.type == "cuda":

        def cuda_time() -> float:
            torch.cuda.synchronize()
            return time.perf_counter()

        return cuda_time
    return lambda: time.process_time() / torch.get_num_threads()


def fastest_turns(works: dict[str, Callable], now: Callable[[], float], turns: int) -> dict[str, float]:
    """The milliseconds of each work's fastest turn, after one turn to warm up."""
    best = dict.fromkeys(works, float("inf"))
    for turn in range(turns + 1):
        for name, work in works.items():
            start = now()
            work()
            best[name] = min(best[name], 1000 * (now() - start)) if turn else best[name]
    return best


def floor(network: nn.Module, x: Tensor, now: Callable[[], float]) -> float:
    """The milliseconds that the network's operations would take in a matrix product of its own precision."""
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        network(x.to(next(network.parameters()).dtype))
    a = torch.rand(MATRIX_SIDE, MATRIX_SIDE, device=x.device).to(half_dtype(x.device) or torch.float32)
    product = fastest_turns({"product": lambda: a @ a}, now, 8)["product"]
    return counter.get_total_flops() / (2 * MATRIX_SIDE**3) * product


def networks(name: str, device: torch.device, turns: int) -> dict[str, float]:
    """The milliseconds of a method's networks: "floor", "paper", "float32", and serving by batch: "1", "4", "16"."""
    now, x = clock(device), torch.rand(1, 3, 256, 256, device=device) * 2 - 1
    model, paper = facesketch.load_model(name).to(device), PAPER_NETWORKS[name]().to(device).eval()
    ours, styled = model.generators["photo_to_sketch"], x
    if n_styles := model.n_styles("photo_to_sketch"):
        styled = torch.cat([x, style_maps([0], n_styles, 256).to(device)], 1)
    serving = serving_network(ours, styled)
    works: dict[str, Callable] = {
        "paper": partial(run_float32_out, paper, x),
        "float32": partial(run_float32_out, ours, styled),
    }
    for count in BATCH_SIZES:
        works[str(count)] = partial(run_float32_out, serving, styled.expand(count, -1, -1, -1).contiguous())
    return {**fastest_turns(works, now, turns), "floor": floor(serving, styled, now)}


def row(name: str, took: dict[str, float]) -> str:
    """A method's row of the table."""
    cells = [f"{took[key]:.1f}" for key in ("floor", "paper", "float32", "1")]
    cells += [
        f"{took['1'] / took['floor']:.2f}",
        f"{took['paper'] / took['1']:.1f}",
        f"{took['float32'] / took['1']:.2f}",
    ]
    return f"| {name} | {' | '.join([*cells, *(f'{1000 * n / took[str(n)]:.0f}' for n in BATCH_SIZES)])} |"


def steps(device: torch.device, turns: int, finish: Literal["strokes", "detail"]) -> dict[str, float]:
    """The milliseconds of the steps around the generator, and of the whole pipeline."""
    photo = facesketch.read_image(PORTRAIT)
    large = photo.resize((1024, 1024), Image.Resampling.LANCZOS)
    stored = io.BytesIO()
    photo.resize((1450, 1800), Image.Resampling.LANCZOS).save(stored, "JPEG", quality=90)
    pipeline = facesketch.load("pix2pix", device=str(device))
    idle = facesketch.Pipeline(IdleModel(pipeline.model.config))
    face = facesketch.find_faces(photo)[0]
    crop = facesketch.align_face(photo, face).image
    small, wide = DrawOptions(finish=finish, size=512), DrawOptions(finish=finish, size=1024)
    works = {
        "reading a JPEG of 2.6 megapixels": lambda: facesketch.read_image(stored.getvalue()),
        "... at most a megapixel": lambda: facesketch.read_image(stored.getvalue(), 10**6),
        "finding and aligning in 1024 x 1024": lambda: facesketch.align_face(large, facesketch.find_faces(large)[0]),
        "the matte of a crop of 256 x 320": lambda: predict_matte(crop),
        "the pipeline with Pix2Pix, face known, 512 x 640": lambda: pipeline(photo, small, [face]),
        "... 1024 x 1280": lambda: pipeline(photo, wide, [face]),
        "... of that without the generator": lambda: idle(photo, wide, [face]),
        "... 512 x 640, face to be found": lambda: pipeline(photo, small),
    }
    return fastest_turns(works, clock(device), turns)


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--finish", choices=("strokes", "detail"), default="strokes", help="of the whole pipeline")
    parser.add_argument("--turns", type=int, default=6)
    parser.add_argument("--threads", type=int, default=1, help="of a CPU; on a busy one, several wait for one another")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(options.threads)
    device = torch.device(options.device)
    threads = f"{options.threads} thread{'s' * (options.threads > 1)}"
    hardware = threads if device.type == "cpu" else torch.cuda.get_device_name(device)
    print(f"{device.type}, {hardware}; half precision is {half_dtype(device)}. Milliseconds, and images per second.\n")
    print("| | floor | paper | float32 | serving | serving / floor | paper / serving | float32 / serving |", end="")
    print(" " + " | ".join(f"batch {count}, images/s" for count in BATCH_SIZES) + f" |\n{'|---' * 11}|")
    for name in PAPER_NETWORKS:
        print(row(name, networks(name, device, options.turns)), flush=True)
    print("\n| | ms |\n|---|---|")
    for name, ms in steps(device, options.turns, options.finish).items():
        print(f"| {name} | {ms:.1f} |")
    first = [sys.executable, "-c", FIRST_DRAWING.format(PORTRAIT)]
    print(f"\nThe first drawing after imports: {float(subprocess.check_output(first, text=True)):.1f} s")


if __name__ == "__main__":
    main()
