"""How fast the training loop is, beside a plain reference loop in the same process.

`python -m benchmarks.training [--data DIR]`: for each default preset images a second of our loop and of a loop written
the way the well-known implementations of Pix2Pix and CycleGAN train: pictures decoded, resized to 286 x 286, cropped
and flipped by PIL in a loader's workers, one a step, float32, eager, Adam as it is by default. Both train the same
networks with the same losses; they take turns, and the medians of their turns are compared. Beside the ratio: the share
of our time that is spent outside forward, backward and optimizer, and our time over its floor, the step's
floating-point operations at the rate of a measured matrix product.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median

import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torch.utils.flop_counter import FlopCounterMode
from torchvision.transforms import v2

from train.config import Config
from train.data.pairs import pairs
from train.engine.trainer import Trainer
from train.methods import METHODS
from train.presets import PRESETS

from .kill import noise_pairs

MATRIX = 2048


class Decoded(Dataset):
    """Photo and sketch of a pair, decoded anew each time, cropped and flipped alike where paired: two 3 x S x S."""

    def __init__(self, data: Path, size: int, paired: bool):
        self.pairs, self.size, self.paired = pairs(data), size, paired
        self.to_tensor = v2.Compose(
            [v2.PILToTensor(), v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.5] * 3, [0.5] * 3)]
        )

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, i: int) -> tuple[torch.Tensor, torch.Tensor]:
        geometry = self._geometry()
        j = i if self.paired else random.randrange(len(self.pairs))
        return (
            self._picture(self.pairs[i].photo, geometry),
            self._picture(self.pairs[j].sketch, geometry if self.paired else self._geometry()),
        )

    def _geometry(self) -> tuple[int, int, bool]:
        room = self.size * 286 // 256 - self.size
        return random.randint(0, room), random.randint(0, room), random.random() < 0.5

    def _picture(self, path: Path, geometry: tuple[int, int, bool]) -> torch.Tensor:
        left, top, flip = geometry
        side = self.size * 286 // 256
        with Image.open(path) as file:
            image = file.convert("RGB").resize((side, side), Image.Resampling.BICUBIC)
        image = image.crop((left, top, left + self.size, top + self.size))
        return self.to_tensor(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if flip else image)


def reference(config: Config, data: Path, device: torch.device, workers: int) -> Iterator[int]:
    """Each next() is a step of the plain loop and gives the number of its images."""
    method = METHODS[config.method](replace(config, batch=1))
    for net in method.nets.values():
        net.to(device)
    for name, optimizer in method.optimizers.items():
        (group,) = optimizer.param_groups
        method.optimizers[name] = torch.optim.Adam(group["params"], group["lr"], group["betas"])
    loader = DataLoader(Decoded(data, config.size, method.paired), batch_size=1, shuffle=True, num_workers=workers)
    while True:
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            losses = method.step(x, y, *((y, x) if config.inverse else ()))
            [value.item() for value in losses.values()]
            yield len(x)


def ours(run: Trainer) -> Iterator[int]:
    while True:
        run.train_step()
        yield run.config.batch


def turn(loop: Iterator[int], seconds: float, wait: Callable) -> float:
    """Images a second of a loop over at least that many seconds."""
    images, began = 0, time.perf_counter()
    while (passed := time.perf_counter() - began) < seconds or not images:
        images += next(loop)
        wait()
    return images / passed


def outside(run: Trainer, steps: int, wait: Callable) -> float:
    """The share of time that steps of our loop spend outside the method's step."""
    inside, step = 0.0, run.method.step

    def timed(*batch: torch.Tensor) -> dict:
        nonlocal inside
        wait()
        began = time.perf_counter()
        losses = step(*batch)
        wait()
        inside += time.perf_counter() - began
        return losses

    run.method.step = timed
    began = time.perf_counter()
    for _ in range(steps):
        run.train_step()
    wait()
    run.method.step = step
    return 1 - inside / (time.perf_counter() - began)


def rate(run: Trainer, wait: Callable) -> float:
    """Floating-point operations a second of a square matrix product in the run's precision."""
    dtype = torch.bfloat16 if run.accelerator.mixed_precision == "bf16" else torch.float32
    a = torch.rand(MATRIX, MATRIX, device=run.accelerator.device, dtype=dtype)
    seconds = []
    for _ in range(8):
        began = time.perf_counter()
        a @ a
        wait()
        seconds.append(time.perf_counter() - began)
    return 2 * MATRIX**3 / min(seconds)


def measure(name: str, data: Path, out: Path, options: argparse.Namespace) -> str:
    """A row of the table for a preset."""
    run = Trainer(replace(PRESETS[name], steps=10**6), data, out, options.device)
    wait = torch.cuda.synchronize if run.accelerator.device.type == "cuda" else lambda: None
    loops = {"ours": ours(run), "reference": reference(run.config, data, run.accelerator.device, options.workers)}
    for loop in loops.values():
        for _ in range(2):
            next(loop)
    speeds: dict[str, list[float]] = {who: [] for who in loops}
    for _ in range(options.turns):
        for who, loop in loops.items():
            speeds[who].append(turn(loop, options.seconds, wait))
    fast, plain = (median(speeds[who]) for who in ("ours", "reference"))
    with FlopCounterMode(display=False) as counter:
        run.train_step()
    floor = counter.get_total_flops() / rate(run, wait)
    over = run.config.batch / fast / floor
    share = outside(run, 10, wait)
    return f"| {name} | {fast:.2f} | {plain:.2f} | {fast / plain:.2f} | {100 * share:.1f} % | {over:.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("presets", nargs="*", default=["autoencoder", "pix2pix", "cyclegan"])
    parser.add_argument("--data", type=Path, help="a folder of pairs; noise otherwise")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--workers", type=int, default=4, help="of the reference's loader")
    parser.add_argument("--seconds", type=float, default=10, help="a turn")
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    print("| preset | images/s | reference | ratio | outside | time / floor |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        data = options.data or noise_pairs(Path(folder) / "data", 16, (200, 250))
        for name in options.presets:
            print(measure(name, data, Path(folder) / name, options), flush=True)


if __name__ == "__main__":
    main()
