"""The matte: which pixels of a photo belong to the person, learned from the mattes that lie beside the photos."""

from __future__ import annotations

import torch
from torch import Tensor

from facesketch.models import GENERATORS

from ..config import Config
from . import losses


class Matte:
    paired = True

    def __init__(self, config: Config):
        self.config = config
        M = GENERATORS[config.network](config.width)
        self.nets = {"M": M}
        self.optimizers = {
            "M": torch.optim.AdamW(M.parameters(), config.learning_rate, (config.beta1, 0.999), fused=True)
        }
        self.generators = {"photo_to_matte": "M"}

    def step(self, x: Tensor, y: Tensor, *, learn: bool = True) -> dict[str, Tensor]:
        """One update on photos x and their mattes y, where it is to learn. Returns the losses."""
        y_hat = self.nets["M"](x)[:, :1]
        parts = {"coverage": losses.matte_bce(y_hat, y[:, :1]), "overlap": losses.soft_iou_loss(y_hat, y[:, :1])}
        total = parts["coverage"] + parts["overlap"]
        if learn:
            losses.optimizer_step(self.optimizers["M"], total)
        return {"M": total.detach(), **{name: value.detach() for name, value in parts.items()}}
