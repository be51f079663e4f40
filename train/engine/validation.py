"""What a run shows of itself between epochs: scores and losses on pictures it does not learn from, and samples."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch
from torchvision.utils import make_grid, save_image

from facesketch.fast import LAYOUT
from facesketch.images import to_tensor
from facesketch.translator import Translator

from ..config import Config
from ..data.inverse_batches import make_batches
from ..data.pairs import Item
from ..methods import Method
from ..results.card import METRIC_LABELS
from ..results.evaluate import measure, oriented, summary, with_model
from ..results.portraits import PORTRAITS, sheet

SCORED, LOSSES, SHOWN = 32, 8, 6  # pictures at the most: for scores, for losses, in the grid


class Validation:
    """The pictures to validate on, of parts (train, val, test): val, or where that is empty the first of train."""

    def __init__(self, parts: dict[str, list[Item]], config: Config, device: torch.device, paired: bool):
        val = _some(parts["val"], SCORED) or parts["train"][:4]
        self.items = {"val": val, "train": parts["train"][: min(len(val), SCORED // 2)]}
        plain = {
            "turn": 0.0,
            "zoom": 0.0,
            "shift": 0.0,
            "mirror": False,
            "photometric": 0.0,
            "grounds": 0.0,
            "light": 0.0,
            "damage": 0.0,
            "empty": 0.0,
            "crop_until": 0.0,
        }
        self.batches = make_batches(val[:LOSSES], replace(config, **plain), device, paired)

    def scores(self, model: Translator) -> dict[str, float]:
        """val_ and train_ scores of every direction; those that take longer of the validation part alone."""
        return {
            f"{part}_{name}_{direction}": result[name]
            for direction in model.directions
            for part in ("val", "train")
            for result in [summary(measure(with_model(model, direction), self.items[part], direction, part == "train"))]
            for name in METRIC_LABELS
            if name in result
        }

    def losses(self, method: Method) -> dict[str, float]:
        """val_ and the name of each of the method's losses, without augmentation."""
        with torch.no_grad():
            found = [
                method.step(*(z.contiguous(memory_format=LAYOUT) for z in self.batches(i, 1)), learn=False)
                for i in range(self.batches.per_epoch)
            ]
        return {f"val_{name}": round(float(sum(each[name] for each in found) / len(found)), 6) for name in found[0]}

    def samples(self, model: Translator, folder: Path) -> dict[str, Path]:
        """Write a grid of sources, answers and targets for each direction into folder, named after the step.

        And a sheet of the portraits, which unlike those may be published.
        """
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{model.about['step']:07d}"
        paths = {"portraits": folder / f"portraits-{name}.png"} if PORTRAITS else {}
        if PORTRAITS:
            sheet(model, PORTRAITS).save(paths["portraits"])
        for direction in model.directions:
            tiles = []
            for item in self.items["val"][:SHOWN]:
                source, target = (image.resize((200, 250)) for image in oriented(item, direction))
                tiles += [source, with_model(model, direction)(item, source), target]
            grid = make_grid(torch.stack([to_tensor(tile) for tile in tiles]), nrow=6, padding=4)
            paths[direction] = folder / f"{direction}-{name}.png"
            save_image((grid + 1) / 2, paths[direction])
        return paths


def _some(items: list[Item], most: int) -> list[Item]:
    """At most that many of the items, evenly spread over them."""
    return items[:: -(-len(items) // most) or 1]
