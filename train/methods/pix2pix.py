"""Pix2Pix (Isola et al., arXiv 1611.07004): a U-Net against a PatchGAN that sees the photo beside the sketch."""

from __future__ import annotations

import torch
from torch import Tensor

from facesketch.models import GENERATORS, PatchGAN

from ..config import Config
from ..hardware import frozen
from . import losses


class Pix2Pix:
    """G: X -> Y and its D; where the config asks for the inverse, F: Y -> X and D_X beside them, learned alike.

    Where photos are the target, F and D_X alone, on sketches x and their photos y.

    With styles, photos come with a map for each that says which is asked for, and G and D see it. D_Y, which sees
    drawings alone, judges the others' photos drawn in the first style, of which there are no pairs. D_S, where the
    config weighs strokes, sees drawings less their tones, in small patches.
    """

    paired = True

    def __init__(self, config: Config):
        self.config = config
        back = config.target == "photo"
        self.generators = {} if back else {"photo_to_sketch": "G"}
        self.generators |= {"sketch_to_photo": "F"} if back or config.inverse else {}
        self.nets: dict[str, torch.nn.Module] = {}
        for G in self.generators.values():
            D = {"G": "D", "F": "D_X"}[G]
            labels = len(config.styles.split()) if G == "G" else 0
            self.nets[G] = GENERATORS[config.network](config.width, **({"labels": labels} if labels else {}))
            self.nets[D] = PatchGAN(6 + labels, config.discriminator_width)
        if config.weight_strokes:
            labels = len(config.styles.split())
            self.nets["D_S"] = PatchGAN(3 + labels, config.discriminator_width, steps=2, normed=False)
        if config.weight_wild:
            self.nets["D_Y"] = PatchGAN(3, config.discriminator_width)
        betas = (config.beta1, 0.999)
        self.optimizers = {
            name: torch.optim.Adam(net.parameters(), config.learning_rate, betas, fused=True)
            for name, net in self.nets.items()
        }

    def step(self, x: Tensor, y: Tensor, *more: Tensor, learn: bool = True) -> dict[str, Tensor]:
        """One update of each network on photos x and their sketches y, where it is to learn. Returns the losses.

        more: where the config asks for the inverse, sketches and their photos, for F, whose losses are named after
        them; with styles, photos and their sketches in the others.
        """
        c = self.config
        if c.target == "photo":
            return self._back(x, y, learn)
        inverse, styled = more[: 2 * c.inverse], more[2 * c.inverse :]
        loss_G, found = self._pair("G", "D", x, y, learn)
        if styled:
            loss, there = self._pair("G", "D", *styled, learn, c.weight_styled)
            loss_G, found = loss_G + loss, found | {f"{name}_styled": value for name, value in there.items()}
        if styled and c.weight_wild:
            loss, there = self._wild(torch.cat([styled[0][:, :3], x[:, 3:]], 1), y, learn)
            loss_G, found = loss_G + c.weight_wild * loss, found | there
        if learn:
            losses.optimizer_step(self.optimizers["G"], loss_G)
        return found | (self._back(*inverse, learn) if inverse else {})

    def _back(self, y: Tensor, x: Tensor, learn: bool) -> dict[str, Tensor]:
        """F's and D_X's update on sketches y and their photos x, where they are to learn; the losses, named after F."""
        loss_F, found = self._pair("F", "D_X", y, x, learn)
        if learn:
            losses.optimizer_step(self.optimizers["F"], loss_F)
        names = {"G": "F", "D": "D_X"}
        return {names.get(name, f"{name}_F"): value for name, value in found.items()}

    def _wild(self, x: Tensor, y: Tensor, learn: bool) -> tuple[Tensor, dict[str, Tensor]]:
        """D_Y's update on drawings of photos x and unrelated sketches y, where it is to learn; G's loss by it."""
        loss_D, loss_G = self._against("D_Y", y, self.nets["G"](x), learn)
        return loss_G, {"D_Y": loss_D.detach(), "adversarial_wild": loss_G.detach()}

    def _strokes(self, x: Tensor, y_hat: Tensor, y: Tensor, learn: bool) -> dict[str, Tensor]:
        """D_S's update on the strokes of drawings y_hat and y of photos x, where it is to learn; its loss and G's."""
        real, fake = (torch.cat([losses.high_pass(z), x[:, 3:]], 1) for z in (y, y_hat))
        loss_D, loss_G = self._against("D_S", real, fake, learn)
        return {"D_S": loss_D, "strokes": loss_G}

    def _against(self, name: str, real: Tensor, fake: Tensor, learn: bool) -> tuple[Tensor, Tensor]:
        """A discriminator's update on real and fake pictures, where it is to learn; its loss and then G's."""
        adversarial, D = losses.ADVERSARIAL_LOSSES[self.config.adversarial], self.nets[name]
        D.requires_grad_(True)
        loss_D = (adversarial(D(real), True) + adversarial(D(fake.detach()), False)) / 2
        if learn:
            losses.optimizer_step(self.optimizers[name], loss_D)
        return loss_D, adversarial(frozen(D)(fake), True)

    def _pair(
        self, generator: str, discriminator: str, x: Tensor, y: Tensor, learn: bool, pixel_weight: float = 1.0
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """D's update, where it is to learn, and then G's loss (section 3.3) and what both are made of.

        pixel_weight: factor of the terms that want every pixel in its place; below 1 the gradients are left out.
        """
        c, G, D = self.config, self.nets[generator], self.nets[discriminator]
        adversarial = losses.ADVERSARIAL_LOSSES[c.adversarial]
        y_hat = G(x)

        D.requires_grad_(True)
        real, fake = D(torch.cat([torch.cat([x, y], 1), torch.cat([x, y_hat.detach()], 1)])).chunk(2)
        loss_D = (adversarial(real, True) + adversarial(fake, False)) / 2  # halved: section 3.3
        if learn:
            losses.optimizer_step(self.optimizers[discriminator], loss_D)

        parts = {
            "adversarial": adversarial(frozen(D)(torch.cat([x, y_hat], 1)), True),
            "l1": losses.pooled_mae(y_hat, y, c.l1_block) if c.l1_block > 1 else losses.mae(y_hat, y),
        }
        if c.weight_strokes and generator == "G":
            parts |= self._strokes(x, y_hat, y, learn)
        if c.weight_ssim:
            parts["ssim"] = 1 - losses.ssim(y_hat, y)
        if c.weight_gradients and pixel_weight == 1:
            parts["gradients"] = 1 - losses.gradient_similarity(y_hat, y)
        if c.weight_contrast:
            parts["contrast"] = losses.local_contrast_l1(y_hat, y)
        loss_G = (
            c.weight_adversarial * parts["adversarial"]
            + pixel_weight * c.weight_l1 * parts["l1"]
            + pixel_weight * c.weight_ssim * parts.get("ssim", 0)
            + c.weight_gradients * parts.get("gradients", 0)
            + c.weight_contrast * parts.get("contrast", 0)
            + c.weight_strokes * parts.get("strokes", 0)
        )
        found = {"G": loss_G, "D": loss_D, **parts}
        return loss_G, {name: value.detach() for name, value in found.items()}
