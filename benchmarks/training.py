"""How fast the training loop is, compared with a plain reference loop in the same process.

`python -m benchmarks.training [--data DIR]`: for each default preset, images per second of our loop and of a loop
written like the well-known implementations of Pix2Pix and CycleGAN: images decoded, resized to 286 x 286, cropped and
flipped by PIL in a loader's workers, one per step, float32, eager, the default Adam. Both train the same networks with
the same losses; they take turns, and the medians of their turns are compared. Also: the share of our time spent outside
forward, backward and optimizer, and our time over its lower bound, the step's floating-point operations at the rate of
a measured matrix product.

`--compile` compares a step without and with compiled networks instead, after compiling, in turns. `--presets` says how
long presets train, by default all: what the runs in docs/results/runs took, and with --data an estimate here, the time
of a step and of a validation times their number on the data.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torch.utils.flop_counter import FlopCounterMode
from torchvision.transforms import v2

from facesketch.hub.weights_io import load_config
from facesketch.image.pixels import style_maps
from facesketch.models.config import Provenance
from train.config import Config, override
from train.data.batch import Batch
from train.data.pairs import find_pairs
from train.engine.trainer import Trainer
from train.methods import METHODS
from train.presets import PRESETS

from .kill import noise_pairs

MATRIX_SIDE = 2048
WARM_UP = 3  # steps
COMPARED = ["autoencoder", "pix2pix", "cyclegan"]
HEADERS = {
    "speed": "| preset | images/s | reference | ratio | overhead | time / lower bound |",
    "compile": "| preset | s/step | with --compile | ratio | s to compile |",
    "presets": "| preset | recorded run: pairs | steps | hours | on |",
}
HEADER_HERE = " measured here: pairs | steps | s/step | hours |"
RUNS = Path(__file__).parent.parent / "docs" / "results" / "runs"


class Decoded(Dataset):
    """Photo and sketch of a pair, 3 x S x S each, decoded every time; cropped and flipped together if paired."""

    def __init__(self, data: Sequence[Path], size: int, paired: bool):
        self.pairs, self.size, self.paired = find_pairs(data), size, paired
        self.to_tensor = v2.Compose(
            [v2.PILToTensor(), v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.5] * 3, [0.5] * 3)]
        )

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, i: int) -> tuple[torch.Tensor, torch.Tensor]:
        geometry = self._random_geometry()
        j = i if self.paired else random.randrange(len(self.pairs))
        return (
            self._image(self.pairs[i].photo, geometry),
            self._image(self.pairs[j].sketch, geometry if self.paired else self._random_geometry()),
        )

    def _random_geometry(self) -> tuple[int, int, bool]:
        margin = self.size * 286 // 256 - self.size
        return random.randint(0, margin), random.randint(0, margin), random.random() < 0.5

    def _image(self, path: Path, geometry: tuple[int, int, bool]) -> torch.Tensor:
        left, top, flip = geometry
        side = self.size * 286 // 256
        with Image.open(path) as file:
            image = file.convert("RGB").resize((side, side), Image.Resampling.BICUBIC)
        image = image.crop((left, top, left + self.size, top + self.size))
        return self.to_tensor(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if flip else image)


def reference(config: Config, data: Sequence[Path], device: torch.device, workers: int) -> Iterator[int]:
    """Each next() is a step of the plain loop; it yields the number of its images."""
    method = METHODS[config.method](override(config, {"batch_size": 1}))
    for net in method.nets.values():
        net.to(device)
    for name, optimizer in method.optimizers.items():
        (group,) = optimizer.param_groups
        method.optimizers[name] = torch.optim.Adam(group["params"], group["lr"], group["betas"])
    styles = config.model.styles
    style = style_maps([0], len(styles), config.model.size).to(device) if styles else None
    images = Decoded(data, config.model.size, method.paired)
    loader = DataLoader(images, batch_size=1, shuffle=True, num_workers=workers)
    while True:
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            inverse = Batch(y, x) if config.model.inverse else None
            losses = method.train_step(Batch(x, y, style, inverse))
            [value.item() for value in losses.values()]
            yield len(x)


def ours(trainer: Trainer) -> Iterator[int]:
    """The same of our loop."""
    while True:
        trainer.train_step()
        yield trainer.config.batch_size


def images_per_second(loop: Iterator[int], seconds: float, wait: Callable) -> float:
    """The speed of a loop, measured for at least some seconds."""
    images, start = 0, time.perf_counter()
    while (passed := time.perf_counter() - start) < seconds or not images:
        images += next(loop)
        wait()
    return images / passed


def overhead(trainer: Trainer, steps: int, wait: Callable) -> float:
    """The share of time that steps of our loop spend outside the method's step."""
    inside, train_step = 0.0, trainer.method.train_step

    def timed(batch: Batch) -> dict[str, torch.Tensor]:
        nonlocal inside
        wait()
        start = time.perf_counter()
        losses = train_step(batch)
        wait()
        inside += time.perf_counter() - start
        return losses

    trainer.method.train_step = timed
    start = time.perf_counter()
    for _ in range(steps):
        trainer.train_step()
    wait()
    trainer.method.train_step = train_step
    return 1 - inside / (time.perf_counter() - start)


def flops_per_second(trainer: Trainer, wait: Callable) -> float:
    """Floating-point operations per second of a square matrix product in the run's precision."""
    dtype = torch.bfloat16 if trainer.accelerator.mixed_precision == "bf16" else torch.float32
    a = torch.rand(MATRIX_SIDE, MATRIX_SIDE, device=trainer.accelerator.device, dtype=dtype)
    seconds = []
    for _ in range(8):
        start = time.perf_counter()
        a @ a
        wait()
        seconds.append(time.perf_counter() - start)
    return 2 * MATRIX_SIDE**3 / min(seconds)


class Clock:
    """Seconds of a device: of a GPU, when its work is done; of a CPU, of its time for this process and what it started.

    With one thread, the latter are the seconds that it takes on a machine that does nothing else.
    """

    def __init__(self, device: torch.device):
        self.is_cuda = device.type == "cuda"

    def __call__(self) -> float:
        if not self.is_cuda:
            return sum(os.times()[:4])
        torch.cuda.synchronize()
        return time.perf_counter()


def seconds_a_step(trainer: Trainer, seconds: float, clock: Clock) -> float:
    """The mean time of steps, measured for at least some seconds."""
    steps, start = 0, clock()
    while (passed := clock() - start) < seconds or not steps:
        trainer.train_step()
        steps += 1
    return passed / steps


def measure_compiled(name: str, out: Path, options: argparse.Namespace) -> str:
    """A row for a preset: seconds a step without and with --compile, in turns, and the first steps, which compile."""
    plain, compiled = (
        Trainer(override(PRESETS[name], {"steps": 10**6}), options.data, out / kind, options.device)
        for kind in ("plain", "compiled")
    )
    compiled.compile_networks()
    clock = Clock(plain.accelerator.device)
    warm_up = []
    for trainer in (plain, compiled):
        start = clock()
        for _ in range(WARM_UP):
            trainer.train_step()
        warm_up.append(clock() - start)
    turns = [
        [seconds_a_step(trainer, options.seconds, clock) for trainer in (plain, compiled)] for _ in range(options.turns)
    ]
    before, after = map(median, zip(*turns, strict=True))
    return f"| {name} | {before:.3f} | {after:.3f} | {before / after:.2f} | {warm_up[1] - warm_up[0]:.0f} |"


def recorded_runs() -> dict[str, Provenance]:
    """What the runs in docs/results/runs recorded of their training, by preset."""
    folders = [path.parent for path in sorted(RUNS.glob("*/metrics.jsonl"))]  # not those that hold only scores
    configs = [load_config(folder / "export", folder.name) for folder in folders]
    return {origin.preset: origin for config in configs for origin in config.provenance.values()}


def preset_row(name: str, out: Path, options: argparse.Namespace) -> str:
    """A row for a preset: how long it took where it was recorded, and here if there is data.

    A preset's hours here include those of the presets that it trains first.
    """
    origin, cells = recorded_runs().get(name), [f"`{name}`", "", "", "not recorded", ""]
    if origin:
        stage = ", the last stage" if PRESETS[name].init_preset else ""
        steps, hours = origin.training["steps"], f"{origin.seconds / 3600:.1f}{stage}"
        cells[1:] = [str(origin.data["train"]), str(steps), hours, origin.hardware]
    if options.data:
        cells += measure_preset(name, out, options)
    return f"| {' | '.join(cells)} |"


def measure_preset(name: str, out: Path, options: argparse.Namespace) -> list[str]:
    """Cells for a preset, after those that it trains first: pairs, steps, seconds a step, and the hours of all."""
    stages = [PRESETS[name]]
    while stages[0].init_preset:
        stages.insert(0, PRESETS[stages[0].init_preset])
    pairs, counts, times, total = [], [], [], 0.0
    for config in stages:
        trainer = Trainer(config, options.data, out / config.preset, options.device)
        trainer.out.mkdir(parents=True)
        clock, steps = Clock(trainer.accelerator.device), trainer.config.steps
        seconds_a_step(trainer, 0, clock)
        step = median(seconds_a_step(trainer, options.seconds, clock) for _ in range(options.turns))
        start = clock()
        trainer.validate()
        total += steps * step + steps / trainer.validation_interval * (clock() - start)
        pairs.append(str(len(trainer.split.train)))
        counts.append(str(steps))
        times.append(f"{step:.2f}")
    return [*(" + ".join(each) for each in (pairs, counts, times)), f"{total / 3600:.1f}"]


def measure(name: str, out: Path, options: argparse.Namespace) -> str:
    """A row for a preset: our loop compared with the reference."""
    trainer = Trainer(override(PRESETS[name], {"steps": 10**6}), options.data, out, options.device)
    device = trainer.accelerator.device
    wait = torch.cuda.synchronize if device.type == "cuda" else lambda: None
    loops = {"ours": ours(trainer), "reference": reference(trainer.config, options.data, device, options.workers)}
    for loop in loops.values():
        for _ in range(2):
            next(loop)
    speeds: dict[str, list[float]] = {loop_name: [] for loop_name in loops}
    for _ in range(options.turns):
        for loop_name, loop in loops.items():
            speeds[loop_name].append(images_per_second(loop, options.seconds, wait))
    fast, plain = (median(speeds[loop_name]) for loop_name in ("ours", "reference"))
    with FlopCounterMode(display=False) as counter:
        trainer.train_step()
    lower_bound = counter.get_total_flops() / flops_per_second(trainer, wait)
    over = trainer.config.batch_size / fast / lower_bound
    share = overhead(trainer, 10, wait)
    return f"| {name} | {fast:.2f} | {plain:.2f} | {fast / plain:.2f} | {100 * share:.1f} % | {over:.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "names", nargs="*", metavar="PRESET", help=f"by default {', '.join(COMPARED)}; with --presets all"
    )
    parser.add_argument(
        "--data", type=Path, action="append", help="a folder of pairs, repeatable; noise if not given, except --presets"
    )
    parser.add_argument("--compile", action="store_const", const="compile", dest="mode", help="with and without it")
    parser.add_argument(
        "--presets", action="store_const", const="presets", dest="mode", help="hours of whole trainings"
    )
    parser.add_argument("--device", default="auto")
    parser.add_argument("--workers", type=int, default=4, help="of the reference's loader")
    parser.add_argument("--seconds", type=float, default=10, help="of a turn")
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    mode = options.mode or "speed"
    row = {"speed": measure, "compile": measure_compiled, "presets": preset_row}[mode]
    header = HEADERS[mode] + (HEADER_HERE if mode == "presets" and options.data else "")
    print(f"{header}\n{'|---' * (header.count('|') - 1)}|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        if mode != "presets":  # whose hours depend on the number of pairs
            options.data = options.data or [noise_pairs(Path(folder) / "data", 16, (200, 250))]
        for name in options.names or (PRESETS if mode == "presets" else COMPARED):
            print(row(name, Path(folder) / name, options), flush=True)


if __name__ == "__main__":
    main()
