"""Pix2Pix (Isola et al., arXiv 1611.07004): a U-Net against a PatchGAN that sees the photo beside the sketch."""

from __future__ import annotations

import torch
from torch import Tensor

from facesketch.models import GENERATORS, PatchGAN

from .. import losses
from ..config import Config
from ..hardware import held


class Pix2Pix:
    paired = True

    def __init__(self, config: Config):
        self.config = config
        G, D = GENERATORS[config.network](config.width), PatchGAN(6, config.discriminator_width)
        self.nets = {"G": G, "D": D}
        betas = (config.beta1, 0.999)
        self.optimizers = {
            name: torch.optim.Adam(net.parameters(), config.learning_rate, betas, fused=True)
            for name, net in self.nets.items()
        }
        self.generators = {"photo_to_sketch": "G"}

    def step(self, x: Tensor, y: Tensor, learn: bool = True) -> dict[str, Tensor]:
        """D first, then G (section 3.3), on photos x and their sketches y, where it is to learn. Returns the losses."""
        c, G, D = self.config, self.nets["G"], self.nets["D"]
        adversarial = losses.ADVERSARIAL[c.adversarial]
        y_hat = G(x)

        D.requires_grad_(True)
        real, fake = D(torch.cat([torch.cat([x, y], 1), torch.cat([x, y_hat.detach()], 1)])).chunk(2)
        loss_D = (adversarial(real, True) + adversarial(fake, False)) / 2  # halved: section 3.3
        if learn:
            losses.descend(self.optimizers["D"], loss_D)

        parts = {"adversarial": adversarial(held(D)(torch.cat([x, y_hat], 1)), True), "l1": losses.mae(y_hat, y)}
        if c.weight_ssim:
            parts["ssim"] = 1 - losses.ssim(y_hat, y)
        if c.weight_gradients:
            parts["gradients"] = 1 - losses.gradients(y_hat, y)
        loss_G = (
            c.weight_adversarial * parts["adversarial"]
            + c.weight_l1 * parts["l1"]
            + c.weight_ssim * parts.get("ssim", 0)
            + c.weight_gradients * parts.get("gradients", 0)
        )
        if learn:
            losses.descend(self.optimizers["G"], loss_G)
        return {"G": loss_G.detach(), "D": loss_D.detach(), **{name: value.detach() for name, value in parts.items()}}
