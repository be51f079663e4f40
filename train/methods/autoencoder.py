"""The deck's autoencoder: one network, one picture, one distance."""

from __future__ import annotations

import torch
from torch import Tensor

from facesketch.models import GENERATORS

from .. import losses
from ..config import Config


class Autoencoder:
    paired = True

    def __init__(self, config: Config):
        self.config = config
        G = GENERATORS[config.network](config.width)
        self.nets = {"G": G}
        self.optimizers = {"G": torch.optim.Adam(G.parameters(), config.learning_rate, (config.beta1, 0.999))}
        self.generators = {"photo_to_sketch": "G"}

    def step(self, x: Tensor, y: Tensor) -> dict[str, Tensor]:
        """One update on photos x and their sketches y. Returns the detached losses."""
        c, G = self.config, self.nets["G"]
        y_hat = G(x)
        parts = {"l1": losses.mae(y_hat, y)}
        if c.weight_ssim:
            parts["ssim"] = 1 - losses.ssim(y_hat, y)
        total = c.weight_l1 * parts["l1"] + c.weight_ssim * parts.get("ssim", 0)
        self.optimizers["G"].zero_grad()
        total.backward()
        self.optimizers["G"].step()
        return {"G": total.detach(), **{name: value.detach() for name, value in parts.items()}}
