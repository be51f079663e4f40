"""Validation during a run: scores, losses and samples on images that the run does not learn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import torch
from torchvision.utils import make_grid, save_image

from facesketch import Model
from facesketch.image.pixels import to_tensor
from facesketch.models.half_precision import MEMORY_FORMAT

from ..config import Augmentation, Config
from ..data.inverse_batches import make_batches
from ..data.pairs import Item
from ..data.split import Split
from ..methods import Method
from ..results.evaluate import draw_with, measure, source_and_target
from ..results.portraits import PORTRAITS, portrait_sheet
from ..results.scores import METRIC_LABELS, summarize

# Numbers of images that keep a validation short.
N_SCORED = 32
N_LOSSES = 8
N_SAMPLES = 6


class Validation:
    """Scores, losses and samples of the validation part, or of the first training images if that is empty."""

    def __init__(self, split: Split, config: Config, device: torch.device, paired: bool):
        val = _evenly_spaced(split.val, N_SCORED) or list(split.train[:4])
        self.items = {"val": val, "train": list(split.train[: min(len(val), N_SCORED // 2)])}
        data = replace(config.data, augmentation=Augmentation(), crop_until=0.0)
        self.batches = make_batches(val[:N_LOSSES], replace(config, data=data), device, paired)

    def scores(self, model: Model) -> dict[str, float]:
        """PART_METRIC_DIRECTION -> mean, for val and train; slow metrics and texture, by its levels, for val only."""
        scores: dict[str, float] = {}
        for direction in model.config.directions:
            for part, items in self.items.items():
                rows = measure(draw_with(model, direction), items, direction, quick=part == "train")
                score = summarize(rows)
                means, levels = score.metrics, asdict(score.texture) if score.texture else {}
                scores |= {f"{part}_{name}_{direction}": means[name].value for name in METRIC_LABELS if name in means}
                scores |= {f"{part}_texture_{level}_{direction}": value for level, value in levels.items()}
        return scores

    def losses(self, method: Method) -> dict[str, float]:
        """val_NAME of each of the method's losses, without augmentation."""
        steps = []
        for i in range(self.batches.per_epoch):
            batch = self.batches(i, 1).map(lambda z: z.contiguous(memory_format=MEMORY_FORMAT))
            steps.append(method.validation_losses(batch))
        return {f"val_{name}": round(float(sum(step[name] for step in steps) / len(steps)), 6) for name in steps[0]}

    def samples(self, model: Model, folder: Path, step: int) -> dict[str, Path]:
        """Write sheets named after the step: the portraits, and source, output and target in each direction.

        Unlike the latter, the portraits may be published.
        """
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{step:07d}"
        paths = {}
        if PORTRAITS:
            paths["portraits"] = folder / f"portraits-{name}.png"
            portrait_sheet(model, PORTRAITS).save(paths["portraits"])
        for direction in model.config.directions:
            tiles = []
            for item in self.items["val"][:N_SAMPLES]:
                source, target = (image.resize((200, 250)) for image in source_and_target(item, direction))
                tiles += [source, draw_with(model, direction)(item, source), target]
            grid = make_grid(torch.stack([to_tensor(tile) for tile in tiles if tile]), nrow=6, padding=4)
            paths[direction] = folder / f"{direction}-{name}.png"
            save_image((grid + 1) / 2, paths[direction])
        return paths


def _evenly_spaced(items: Sequence[Item], count: int) -> list[Item]:
    """At most count of the items."""
    return list(items[:: -(-len(items) // count) or 1])
