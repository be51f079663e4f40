"""Trainer: a run's networks, data and state, and the loop over its steps."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean
from typing import Any

import torch
from accelerate.utils import gather_object, set_seed
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from facesketch import Model
from facesketch.models.config import DIRECTIONS, ModelConfig, Provenance
from facesketch.models.half_precision import MEMORY_FORMAT

from ..config import Config
from ..data.inverse_batches import make_batches
from ..data.overlap import Ancestry, leave_out, record
from ..data.pairs import Folders, find_pairs
from ..data.split import make_split
from ..hardware import TrainingError, check_compiler, describe, git_commit, make_accelerator
from ..methods import METHODS, Method
from ..presets import PRESETS
from ..results import card
from . import checkpoint
from .interrupt import InterruptHandler
from .metric_logger import MetricLogger
from .progress import Progress
from .validation import Validation

# Validations in a run: at the ends of epochs if it has that many, between them if it has fewer than the minimum.
MIN_VALIDATIONS, MAX_VALIDATIONS = 10, 20
CHECKPOINT_SECONDS = 300  # from a checkpoint to one at the end of an epoch without a validation
SELECTION = ("val_ssim_", "val_fsim_", "val_scoot_", "val_iou_")  # the scores whose mean selects the exported step


TEXTURE = "val_texture_"  # the levels of the texture distance, which count too with select_by_texture


@dataclass(frozen=True)
class Best:
    """Validation step whose generators were exported; 0: none yet."""

    step: int = 0
    score: float = -1.0


@dataclass(frozen=True)
class ExtraGenerator:
    """A generator that is exported but not trained, as a model has it."""

    network: nn.Module
    provenance: Provenance


class Trainer:
    """Everything of a run that changes from step to step. If several processes share a run, each has a Trainer."""

    def __init__(
        self,
        config: Config,
        folders: Folders,
        out: Path,
        device: str = "auto",
        tracker: str = "",
        ancestry: Ancestry | None = None,
    ):
        self.out, self.accelerator = out, make_accelerator(device, out, tracker)
        rank, world_size = self.accelerator.process_index, self.accelerator.num_processes
        if config.batch_size % world_size:
            raise TrainingError(
                f"A batch of {config.batch_size} cannot be divided among {world_size} processes; "
                "set --batch-size to a multiple."
            )
        self.ancestry = ancestry or Ancestry()
        self.left_out = leave_out(make_split(find_pairs(folders), folders, config), self.ancestry.trained_on)
        self.split = self.left_out.split
        set_seed(config.seed)
        self.method: Method = METHODS[config.method](config)  # type: ignore[call-arg]
        device_, paired, split = self.accelerator.device, self.method.paired, self.split
        self.batches = make_batches(split.train, config, device_, paired, rank, world_size, split.unpaired)
        self.validation = Validation(split, config, device_, paired)
        self.changed = config.changes_from(PRESETS[config.preset])
        self.config = replace(config, steps=config.steps or config.epochs * self.batches.per_epoch)
        self._prepare_networks()
        self.step = 0
        self.best = Best()
        self.extra_generators: dict[str, ExtraGenerator] = {}  # by direction
        self.metrics = MetricLogger(out / "metrics.jsonl", self.accelerator, self.config.flat())
        self.previous_seconds, self.start = 0.0, time.monotonic()
        self.last_samples: Path | None = None  # of the first direction

    def _prepare_networks(self) -> None:
        """Move the networks to the device, start their EMAs, and give the method what accelerate wraps."""
        self.nets: dict[str, nn.Module] = {
            name: net.to(self.accelerator.device, memory_format=MEMORY_FORMAT)  # type: ignore[call-overload]
            for name, net in self.method.nets.items()
        }
        decay = self.config.optimizer.ema_decay
        self.ema_models = {
            name: AveragedModel(self.nets[name], multi_avg_fn=get_ema_multi_avg_fn(decay))
            for name in self.method.generators.values()
            if decay
        }
        self.prepared_nets = {name: self.accelerator.prepare_model(net) for name, net in self.nets.items()}
        self.method.nets = self.prepared_nets

    @property
    def validation_interval(self) -> int:
        """Steps from one validation to the next."""
        steps, epoch = self.config.steps, self.batches.per_epoch
        return min(epoch * max(1, steps // epoch // MAX_VALIDATIONS), max(1, steps // MIN_VALIDATIONS))

    def compile_networks(self) -> None:
        """Train from now on with compiled networks; validation and export stay as they are. Raises TrainingError."""
        if self.accelerator.num_processes > 1:
            raise TrainingError("--compile works in one process only; train without it, or in one process.")
        check_compiler(self.accelerator.device)
        self.prepared_nets = {
            name: torch.compile(net, options={"fallback_random": True})  # the same random numbers as without
            for name, net in self.prepared_nets.items()
        }
        self.method.nets = self.prepared_nets

    def train(self, log: Callable[[str], object] = print) -> bool:
        """Step until the end or Ctrl-C, with validations and checkpoints. Returns whether the end was reached.

        log: gets lines about the progress if there is no terminal for a bar. Raises TrainingError.
        """
        steps, epoch, interval = self.config.steps, self.batches.per_epoch, self.validation_interval
        progress = Progress(self.config.preset, self.step, steps, log, self.accelerator.is_main_process)
        saved = time.monotonic()
        with InterruptHandler(self.accelerator) as interrupted, progress:
            while self.step < steps and not interrupted():
                self.train_step()
                progress.update(lambda: self._main_losses(self.metrics.newest()))
                validate = self.step % interval == 0 or self.step == steps
                if not (validate or self.step % epoch == 0):
                    continue
                shown = self._main_losses(self.log_losses())
                if validate:
                    scores = self.validate().items()
                    shown |= {name: value for name, value in scores if name.startswith(("val_ssim", "val_iou"))}
                # Several processes have to agree on when to save, which their clocks do not.
                is_due = time.monotonic() - saved >= CHECKPOINT_SECONDS and self.accelerator.num_processes == 1
                if validate or is_due:
                    self.save()
                    saved = time.monotonic()
                progress.report(self.step, shown, self.last_samples if validate else None)
            if self.step < steps:
                self.save()
                if self.accelerator.is_main_process and not self.best.step:
                    card.export(self.current_model(), self.out / "export")
        return self.step >= steps

    def train_step(self) -> None:
        """Update every network once; what is random follows from the seed and the step alone."""
        torch.manual_seed(self.config.seed * 10_000_019 + self.step)
        batch = self.batches(self.step, self.config.steps).map(lambda z: z.contiguous(memory_format=MEMORY_FORMAT))
        for optimizer in self.method.optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = self.config.optimizer.learning_rate * self.lr_factor()
        self.metrics.add(self.method.train_step(batch))
        for name, ema_model in self.ema_models.items():
            ema_model.update_parameters(self.nets[name])
        self.step += 1

    def lr_factor(self) -> float:
        """Factor of the learning rate: a linear warm-up, and a linear decay to 0 from decay_start on."""
        optimizer, progress = self.config.optimizer, self.step / self.config.steps
        warmup = min(1.0, (self.step + 1) / max(1, optimizer.warmup_steps))
        if progress <= optimizer.decay_start:
            return warmup
        return warmup * (1 - progress) / (1 - optimizer.decay_start)

    def exported_net(self, name: str) -> nn.Module:
        """A network as it is exported: its EMA if it has one, else itself."""
        return self.ema_models[name].module if name in self.ema_models else self.nets[name]

    def current_model(self, with_extra: bool = True) -> Model:
        """The generators as they would be exported now, on the run's device; with_extra: those not trained as well."""
        config, extra = self.config, self.extra_generators if with_extra else {}
        directions = sorted([*self.method.generators, *extra], key=DIRECTIONS.index)
        own = Provenance(
            preset=config.preset,
            step=self.step,
            seconds=round(self.seconds()),
            hardware=describe(self.accelerator),
            commit=git_commit(),
            data={**self.split.counts, "split": config.data.split},
            training=config.to_dict(),
            changed=self.changed,
            persons=record(self.split, self.ancestry),
        )
        parents = self.ancestry.parents
        provenance = {name: replace(own, parents=parents.get(name, ())) for name in self.method.generators}
        provenance |= {name: each.provenance for name, each in extra.items()}
        model = Model(
            ModelConfig(
                method=config.method,
                network=config.model.network,
                width=config.model.width,
                size=config.model.size,
                directions=tuple(directions),
                styles=config.model.styles,
                darkest_skin=config.model.darkest_skin,
                provenance=provenance,
            )
        ).to(self.accelerator.device)
        generators = {direction: self.exported_net(name) for direction, name in self.method.generators.items()}
        generators |= {direction: each.network for direction, each in extra.items()}
        for direction, generator in generators.items():
            model.generators[direction].load_state_dict(generator.state_dict())
        return model

    def seconds(self) -> float:
        """How long the run took so far, without pauses."""
        return self.previous_seconds + time.monotonic() - self.start

    def log_losses(self) -> dict[str, float]:
        """Write and return the mean losses since the last line. Raises TrainingError if one is not finite."""
        losses = self.metrics.mean_losses(self.step)
        epoch = round(self.step / self.batches.per_epoch, 3)
        self.metrics.write({"step": self.step, "epoch": epoch, "rate": round(self.lr_factor(), 6), **losses})
        return losses

    def _main_losses(self, losses: Mapping[str, float]) -> dict[str, float]:
        """The losses of the networks, without their terms."""
        return {name: losses[name] for name in self.method.nets if name in losses}

    def validate(self) -> dict[str, float]:
        """Write scores, losses and samples of the validation part, and export the best step; returns the scores.

        Runs in the first process only. The best step has the highest mean of SSIM, FSIM and Scoot over all directions
        (SSIM forgives blur, FSIM less, Scoot penalizes it), or IoU for mattes; with select_by_texture see
        selection_score; with export_last it is the newest.
        """
        if not self.accelerator.is_main_process:
            return {}
        model = self.current_model(with_extra=False)
        scores = self.validation.scores(model)
        line = {"step": self.step, **scores, **self._validation_losses()}
        exported = self.current_model()
        samples = self.validation.samples(exported, self.out / "samples", self.step)
        self.last_samples = samples[exported.config.directions[0]]
        self.metrics.write(line, samples)
        score = selection_score(scores, self.config.select_by_texture)
        if score > self.best.score or self.config.export_last:
            self.best = Best(self.step, score)
            card.export(exported, self.out / "export")
        return scores

    def _validation_losses(self) -> dict[str, float]:
        """The losses on the validation part, by the networks themselves: DDP would wait for the other processes."""
        self.method.nets = self.nets
        try:
            return self.validation.losses(self.method)
        finally:
            self.method.nets = self.prepared_nets

    def save(self) -> None:
        """Write a checkpoint. Raises TrainingError if it cannot be written or a network is not finite."""
        for name, net in self.nets.items():
            if not all(torch.isfinite(p).all() for p in net.parameters()):
                raise TrainingError(
                    f"Network {name} is not finite at step {self.step}; the last checkpoint is from before."
                )
        pools = {name: pool.images for name, pool in self.method.pools.items()}
        state = {
            "step": self.step,
            "seconds": self.seconds(),
            "best": {"step": self.best.step, "score": self.best.score},
            "metrics": self.metrics.state_dict(self.step),
            "nets": {name: net.state_dict() for name, net in self.nets.items()},
            "optimizers": {name: optimizer.state_dict() for name, optimizer in self.method.optimizers.items()},
            "ema_models": {name: ema_model.state_dict() for name, ema_model in self.ema_models.items()},
            "pools": gather_object([pools]) if self.accelerator.num_processes > 1 else [pools],
        }
        if self.accelerator.is_main_process:
            try:
                checkpoint.save(self.out / "state", self.step, state)
            except OSError as error:
                raise TrainingError(f"Step {self.step} cannot be saved in {self.out} ({error.strerror}).") from error
        self.accelerator.wait_for_everyone()

    def resume(self, log: Callable[[str], object] = print) -> bool:
        """Load the newest checkpoint if there is one; lines of metrics.jsonl after it are cut off.

        Raises TrainingError if it does not fit this version.
        """
        folder = self.out / "state"
        state = checkpoint.load(folder, self.accelerator.device, log)
        if state is None:
            self.metrics.restart()
            return False
        try:
            self._load_state(state)
        except KeyError as error:
            raise TrainingError(
                f"{folder} was saved by another version; continue the run with that version."
            ) from error
        return True

    def _load_state(self, state: dict[str, Any]) -> None:
        self.step, self.best, self.previous_seconds = state["step"], Best(**state["best"]), state["seconds"]
        self.metrics.load_state_dict(state["metrics"])
        for name, net in self.nets.items():
            net.load_state_dict(state["nets"][name])
        for name, ema_model in self.ema_models.items():
            ema_model.load_state_dict(state["ema_models"][name])
        for name, optimizer in self.method.optimizers.items():
            optimizer.load_state_dict(state["optimizers"][name])
        pools = state["pools"][self.accelerator.process_index % len(state["pools"])]
        for name, images in pools.items():
            self.method.pools[name].images = images


def selection_score(scores: Mapping[str, float], by_texture: bool) -> float:
    """The mean of a validation's SSIM, FSIM, Scoot and IoU, by which the exported step is chosen: higher is better.

    by_texture: one less the mean of the texture distance's three levels, at least 0, counts as one more. SSIM, FSIM and
    Scoot compare a drawing with the sketch of the same photo, so they prefer a soft one to strokes that are elsewhere
    than the artist's; texture compares strokes wherever they are, and says nothing about likeness. Artists are at 0.03
    from one another and gray photos at 0.4, so it has the range of the other three and one vote among them; it has no
    upper bound, hence the 0.
    """
    values = [value for name, value in scores.items() if name.startswith(SELECTION)]
    levels = [value for name, value in scores.items() if name.startswith(TEXTURE)]
    return mean([*values, max(0.0, 1 - mean(levels))] if by_texture and levels else values)
