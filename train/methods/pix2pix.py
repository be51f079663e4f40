"""Pix2Pix (Isola et al., arXiv 1611.07004): a U-Net against a PatchGAN that sees the photo beside the sketch."""

from __future__ import annotations

import torch
from torch import Tensor

from facesketch.models import GENERATORS, PatchGAN

from ..config import Config
from ..hardware import held
from . import losses


class Pix2Pix:
    """G: X -> Y and its D; where the config asks for the inverse, F: Y -> X and D_X beside them, learned alike."""

    paired = True
    target = "sketch"

    def __init__(self, config: Config):
        self.config = config
        self.generators = {"photo_to_sketch": "G"} | ({"sketch_to_photo": "F"} if config.inverse else {})
        self.nets: dict[str, torch.nn.Module] = {}
        for G, D in zip(self.generators.values(), ("D", "D_X"), strict=False):
            self.nets[G] = GENERATORS[config.network](config.width)
            self.nets[D] = PatchGAN(6, config.discriminator_width)
        betas = (config.beta1, 0.999)
        self.optimizers = {
            name: torch.optim.Adam(net.parameters(), config.learning_rate, betas, fused=True)
            for name, net in self.nets.items()
        }

    def step(self, x: Tensor, y: Tensor, *inverse: Tensor, learn: bool = True) -> dict[str, Tensor]:
        """One update of each network on photos x and their sketches y, where it is to learn. Returns the losses.

        inverse: sketches and their photos, for F; the losses of its networks are named after them.
        """
        found = self._step("G", "D", x, y, learn)
        if inverse:
            names = {"G": "F", "D": "D_X"}
            there = self._step("F", "D_X", *inverse, learn)
            found |= {names.get(name, f"{name}_F"): value for name, value in there.items()}
        return found

    def _step(self, generator: str, discriminator: str, x: Tensor, y: Tensor, learn: bool) -> dict[str, Tensor]:
        """D first, then G (section 3.3)."""
        c, G, D = self.config, self.nets[generator], self.nets[discriminator]
        adversarial = losses.ADVERSARIAL[c.adversarial]
        y_hat = G(x)

        D.requires_grad_(True)
        real, fake = D(torch.cat([torch.cat([x, y], 1), torch.cat([x, y_hat.detach()], 1)])).chunk(2)
        loss_D = (adversarial(real, True) + adversarial(fake, False)) / 2  # halved: section 3.3
        if learn:
            losses.descend(self.optimizers[discriminator], loss_D)

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
            losses.descend(self.optimizers[generator], loss_G)
        return {"G": loss_G.detach(), "D": loss_D.detach(), **{name: value.detach() for name, value in parts.items()}}
