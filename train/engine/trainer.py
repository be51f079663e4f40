"""A run: its networks, data, record and state, and one step of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import mean

import torch
from accelerate.utils import gather_object, set_seed
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from facesketch.fast import LAYOUT
from facesketch.translator import DIRECTIONS, Translator

from ..config import Config
from ..data.inverse_batches import make_batches
from ..data.pairs import Folders, pairs
from ..data.split import split
from ..hardware import TrainingError, accelerator_for, commit, describe
from ..methods import METHODS
from ..presets import PRESETS
from ..results import card
from . import checkpoint
from .metric_logger import MetricLogger
from .validation import Validation


class Trainer:
    """Everything of a run that changes from step to step. Where several processes share one, each holds a Trainer."""

    def __init__(self, config: Config, data: Folders, out: Path, device: str = "auto", track: str = ""):
        self.out, self.accelerator = out, accelerator_for(device, out, track)
        shares = self.accelerator.num_processes
        if config.batch % shares:
            raise TrainingError(
                f"A batch of {config.batch} cannot be shared by {shares} processes; give --batch a multiple."
            )
        self.parts = split(pairs(data), data, config)
        set_seed(config.seed)
        self.method = METHODS[config.method](config)
        share = (self.accelerator.process_index, shares)
        wild = self.parts.get("wild", [])
        self.batches = make_batches(
            self.parts["train"], config, self.accelerator.device, self.method.paired, share, wild
        )
        self.validation = Validation(self.parts, config, self.accelerator.device, self.method.paired)
        self.changed = config.changed(PRESETS[config.preset])
        self.config = replace(config, steps=config.steps or config.epochs * self.batches.per_epoch)
        self._prepare()
        self.step = 0
        self.before, self.began = 0.0, time.monotonic()  # seconds spent before this process, and since when it runs
        self.kept: dict[str, nn.Module] = {}  # direction -> a network that is exported beside what this run learns
        self.best: dict = {"step": 0, "score": -1.0}  # of the validations so far; export/ holds that step's generators
        self.metrics = MetricLogger(out / "metrics.jsonl", self.accelerator, config.as_dict())

    def _prepare(self) -> None:
        """Bring the networks to the device, start their averages, and hand the method what accelerate makes of them."""
        self.nets: dict[str, nn.Module] = {
            name: net.to(self.accelerator.device, memory_format=LAYOUT) for name, net in self.method.nets.items()
        }
        self.averages = {
            name: AveragedModel(self.nets[name], multi_avg_fn=get_ema_multi_avg_fn(self.config.ema))
            for name in self.method.generators.values()
            if self.config.ema
        }
        self.method.nets = {name: self.accelerator.prepare_model(net) for name, net in self.nets.items()}

    def train_step(self) -> None:
        """One update of every network; what is random in it follows from seed and step alone."""
        torch.manual_seed(self.config.seed * 10_000_019 + self.step)
        batch = (z.contiguous(memory_format=LAYOUT) for z in self.batches(self.step, self.config.steps))
        for optimizer in self.method.optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = self.config.learning_rate * self.lr_factor()
        self.metrics.add(self.method.step(*batch))
        for name, average in self.averages.items():
            average.update_parameters(self.nets[name])
        self.step += 1

    def lr_factor(self) -> float:
        """The learning rate's factor: up to 1 in warmup steps, then falling linearly to 0 from decay_from on."""
        done, start = self.step / self.config.steps, self.config.decay_from
        rise = min(1.0, (self.step + 1) / max(1, self.config.warmup))
        return rise if done <= start else rise * (1 - done) / (1 - start)

    def averaged(self, name: str) -> nn.Module:
        """A network as it is used after training: its moving average where it has one."""
        return self.averages[name].module if name in self.averages else self.nets[name]

    def translator(self, whole: bool = False) -> Translator:
        """The generators as they would be exported now, with their description, on the run's device.

        whole: with what is kept, as exported.
        """
        c, kept = self.config, self.kept if whole else {}
        about = {
            "method": c.method,
            "preset": c.preset,
            "network": c.network,
            "width": c.width,
            "size": c.size,
            "directions": sorted([*self.method.generators, *kept], key=DIRECTIONS.index),
            "skin": c.skin,
            **({"styles": c.styles.split()} if c.styles else {}),
            "step": self.step,
            "data": {part: len(items) for part, items in self.parts.items()} | {"split": c.split},
            "hardware": describe(self.accelerator),
            "seconds": round(self.seconds()),
            "commit": commit(),
            "training": c.as_dict(),
            "changed": self.changed,
        }
        model = Translator(about).to(self.accelerator.device)
        for direction, name in self.method.generators.items():
            getattr(model, direction).load_state_dict(self.averaged(name).state_dict())
        for direction, network in kept.items():
            getattr(model, direction).load_state_dict(network.state_dict())
        return model

    def seconds(self) -> float:
        """How long the run took so far, without its pauses."""
        return self.before + time.monotonic() - self.began

    def log_losses(self) -> dict:
        """Write the mean losses since the last line. Raises TrainingError where one is not finite."""
        line = {
            "step": self.step,
            "epoch": round(self.step / self.batches.per_epoch, 3),
            "rate": round(self.lr_factor(), 6),
            **self.metrics.means(self.step),
        }
        self.metrics.write(line)
        return line

    def validate(self) -> dict:
        """Write scores, losses and samples of the validation part; export the best, on the first process alone.

        The best is the one of the highest mean of SSIM, FSIM and Scoot over the directions: the first forgives blur,
        which the second sees and the third punishes. Without piq there is no FSIM in it. Of mattes it is the one of the
        highest intersection over union. Where the config asks for the last step, the newest counts as the best.
        """
        if not self.accelerator.is_main_process:
            return {}
        model = self.translator()
        scores = self.validation.scores(model)
        line = {"step": self.step, **scores, **self.validation.losses(self.method)}
        whole = self.translator(whole=True)
        self.metrics.write(line, self.validation.samples(whole, self.out / "samples"))
        judged = ("val_ssim_", "val_fsim_", "val_scoot_", "val_iou_")
        score = mean(value for name, value in scores.items() if name.startswith(judged))
        if score > self.best["score"] or self.config.last:
            self.best = {"step": self.step, "score": round(score, 6)}
            card.export(whole, self.out / "export")
        return scores

    def save(self) -> None:
        """Write the state that load takes up. Raises TrainingError where it cannot be written or is not finite."""
        for name, net in self.nets.items():
            if not all(torch.isfinite(p).all() for p in net.parameters()):
                raise TrainingError(f"Network {name} is not finite at step {self.step}; the last checkpoint stays.")
        pools = {name: pool.images for name, pool in getattr(self.method, "pools", {}).items()}
        state = {
            "step": self.step,
            "seconds": self.seconds(),
            "best": self.best,
            "metrics": self.metrics.state(self.step),
            "nets": {name: net.state_dict() for name, net in self.nets.items()},
            "optimizers": {name: optimizer.state_dict() for name, optimizer in self.method.optimizers.items()},
            "averages": {name: average.state_dict() for name, average in self.averages.items()},
            "pools": gather_object([pools]) if self.accelerator.num_processes > 1 else [pools],
        }
        if self.accelerator.is_main_process:
            try:
                checkpoint.save(self.out / "state", self.step, state)
            except OSError as error:
                raise TrainingError(f"Step {self.step} cannot be saved in {self.out} ({error.strerror}).") from error
        self.accelerator.wait_for_everyone()

    def load(self, say: Callable = print) -> bool:
        """Take up the newest whole state, if there is one; what was written after it is cut off or written again."""
        state = checkpoint.load(self.out / "state", self.accelerator.device, say)
        if state is None:
            self.metrics.load({"names": [], "losses": [], "bytes": 0})
            return False
        self.step, self.best, self.before = state["step"], state["best"], state["seconds"]
        self.metrics.load(state["metrics"])
        for kind in ("nets", "averages"):
            for name, net in getattr(self, kind).items():
                net.load_state_dict(state[kind][name])
        for name, optimizer in self.method.optimizers.items():
            optimizer.load_state_dict(state["optimizers"][name])
        for name, images in state["pools"][self.accelerator.process_index % len(state["pools"])].items():
            self.method.pools[name].images = images
        return True
