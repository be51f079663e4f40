"""A run: its networks, data, log and state, and one step of it."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from statistics import mean

import torch
from accelerate.utils import set_seed
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from torchvision.utils import make_grid, save_image

from facesketch.images import to_tensor
from facesketch.translator import Translator

from . import card, checkpoint
from .config import Config
from .data import Batches, pairs
from .evaluate import measure, oriented, summary, with_model
from .hardware import TrainingError, accelerator_for, describe, memory_format
from .methods import METHODS
from .split import split


class Run:
    """Everything of a run that changes from step to step."""

    def __init__(self, config: Config, data: Path, out: Path, device: str):
        self.out, self.accelerator = out, accelerator_for(device)
        self.parts = split(pairs(data), data, config)
        set_seed(config.seed)
        self.method = METHODS[config.method](config)
        nets, self.format = self.method.nets, memory_format(self.accelerator.device)
        for name, net in nets.items():
            nets[name] = self.accelerator.prepare_model(net.to(memory_format=self.format))
        self.batches = Batches(self.parts["train"], config, self.accelerator.device, self.method.paired)
        self.config = replace(config, steps=config.steps or config.epochs * self.batches.per_epoch)
        self.averages = {
            name: AveragedModel(nets[name], multi_avg_fn=get_ema_multi_avg_fn(config.ema))
            for name in self.method.generators.values()
            if config.ema
        }
        self.step, self.sums, self.count = 0, {}, 0
        self.best: dict = {"step": 0, "ssim": -1.0}  # of the validations so far; export/ holds that step's generators
        self.log = out / "metrics.jsonl"

    def train_step(self) -> None:
        """One update of every network; what is random in it follows from seed and step alone."""
        torch.manual_seed(self.config.seed * 10_000_019 + self.step)
        x, y = (z.contiguous(memory_format=self.format) for z in self.batches(self.step, self.config.steps))
        for optimizer in self.method.optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] = self.config.learning_rate * self.rate()
        for name, value in self.method.step(x, y).items():
            self.sums[name] = self.sums.get(name, 0) + value.float()
        for name, average in self.averages.items():
            average.update_parameters(self.method.nets[name])
        self.step, self.count = self.step + 1, self.count + 1

    def rate(self) -> float:
        """The learning rate's factor: 1, then falling linearly to 0 from the share decay_from of the steps on."""
        done, start = self.step / self.config.steps, self.config.decay_from
        return 1.0 if done <= start else (1 - done) / (1 - start)

    def translator(self) -> Translator:
        """The generators as they would be exported now, with their description, on the run's device."""
        c = self.config
        about = {
            "method": c.method,
            "preset": c.preset,
            "network": c.network,
            "width": c.width,
            "size": c.size,
            "directions": list(self.method.generators),
            "step": self.step,
            "data": {part: len(items) for part, items in self.parts.items()} | {"split": c.split},
            "hardware": describe(self.accelerator.device),
            "training": c.as_dict(),
        }
        model = Translator(about).to(self.accelerator.device)
        for direction, name in self.method.generators.items():
            net = self.averages[name].module if name in self.averages else self.method.nets[name]
            getattr(model, direction).load_state_dict(self.accelerator.unwrap_model(net).state_dict())
        return model

    def log_losses(self) -> None:
        """Append the mean losses since the last call to metrics.jsonl. Raises TrainingError where one is not finite."""
        means = {name: round(float(value) / self.count, 6) for name, value in self.sums.items()}
        bad = [name for name, value in means.items() if not math.isfinite(value)]
        if bad:
            raise TrainingError(
                f"The loss {bad[0]} is not finite at step {self.step}; the run stands at its last checkpoint."
            )
        self._append(
            {
                "step": self.step,
                "epoch": round(self.step / self.batches.per_epoch, 3),
                "rate": round(self.rate(), 6),
                **means,
            }
        )
        self.sums, self.count = {}, 0

    def validate(self) -> dict:
        """Scores on the validation part, appended to metrics.jsonl, and a grid of samples; the best are exported.

        The best is the one of the highest SSIM, averaged over the directions.
        """
        model, scores = self.translator(), {}
        items = self.parts["val"][:32] or self.parts["train"][:4]
        for direction in model.directions:
            result = summary(measure(with_model(model, direction), items, direction))
            scores |= {f"val_ssim_{direction}": result["ssim"], f"val_mae_{direction}": result["mae"]}
            self._sample(model, direction, items[:6])
        self._append({"step": self.step, **scores})
        ssim = mean(scores[f"val_ssim_{direction}"] for direction in model.directions)
        if ssim > self.best["ssim"]:
            self.best = {"step": self.step, "ssim": round(ssim, 6)}
            self.export(model)
        return scores

    def _sample(self, model: Translator, direction: str, items: list) -> None:
        columns = []
        for item in items:
            source, target = (image.resize((200, 250)) for image in oriented(item, direction))
            answer = model.translate(source, direction, align="never")
            columns += [to_tensor(image) for image in (source, answer, target)]
        path = self.out / "samples" / f"{direction}-{self.step:07d}.png"
        path.parent.mkdir(exist_ok=True)
        save_image((make_grid(torch.stack(columns), nrow=6, padding=4) + 1) / 2, path)

    def _append(self, line: dict) -> None:
        with self.log.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def save(self) -> None:
        """Write the state that load takes up."""
        m = self.method
        state = {
            "step": self.step,
            "sums": self.sums,
            "count": self.count,
            "best": self.best,
            "log_bytes": self.log.stat().st_size if self.log.exists() else 0,
            "nets": {name: self.accelerator.unwrap_model(net).state_dict() for name, net in m.nets.items()},
            "optimizers": {name: optimizer.state_dict() for name, optimizer in m.optimizers.items()},
            "averages": {name: average.state_dict() for name, average in self.averages.items()},
            "pools": {name: pool.images for name, pool in getattr(m, "pools", {}).items()},
        }
        checkpoint.save(self.out / "state" / "last.pt", state)

    def start_from(self, other: Run) -> None:
        """Take over the networks of a finished run of the same method, averaged where it averages them."""
        for name, net in self.method.nets.items():
            source = other.averages[name].module if name in other.averages else other.method.nets[name]
            self.accelerator.unwrap_model(net).load_state_dict(other.accelerator.unwrap_model(source).state_dict())

    def load(self) -> bool:
        """Take up the saved state, if there is one; lines logged after it are cut off."""
        state = checkpoint.load(self.out / "state" / "last.pt", self.accelerator.device)
        if state is None:
            return False
        m = self.method
        self.step, self.sums, self.count, self.best = (state[name] for name in ("step", "sums", "count", "best"))
        for name, net in m.nets.items():
            self.accelerator.unwrap_model(net).load_state_dict(state["nets"][name])
        for name, optimizer in m.optimizers.items():
            optimizer.load_state_dict(state["optimizers"][name])
        for name, average in self.averages.items():
            average.load_state_dict(state["averages"][name])
        for name, images in state["pools"].items():
            m.pools[name].images = images
        if self.log.exists():
            with self.log.open("r+b") as file:
                file.truncate(state["log_bytes"])
        return True

    def export(self, model: Translator) -> None:
        """Write export/: config.json, model.safetensors and the card, the layout of weights/ and of a Hub repo."""
        model.save_pretrained(self.out / "export")
        (self.out / "export" / "README.md").write_text(card.render(model.about))
