"""Pix2Pix (Isola et al., arXiv 1611.07004): a U-Net against a PatchGAN that sees the photo with the sketch."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from facesketch.models import PatchGAN, create_generator

from ..config import Config, Pix2PixLosses
from ..data.batch import Batch
from . import losses
from .common import detached, frozen, optimizer_step

Terms = dict[str, Tensor]


class Pix2Pix:
    """G: photo -> sketch and its discriminator D.

    With config.model.inverse also F: sketch -> photo and D_X, trained in the same way; if the direction is
    sketch_to_photo, F and D_X alone. With styles, G and D also see one channel for each style. Two more discriminators
    exist if their losses have a weight: D_Y, which sees drawings alone, judges the first style on the photos of the
    other styles, for which there are no sketches; D_S sees high-pass filtered drawings in small patches.
    """

    paired = True

    def __init__(self, config: Config):
        assert isinstance(config.losses, Pix2PixLosses)
        self.weights = config.losses
        self.pools: dict = {}
        model, n_styles = config.model, len(config.model.styles)
        self.inverse_only = model.direction == "sketch_to_photo"
        self.generators = {} if self.inverse_only else {"photo_to_sketch": "G"}
        self.generators |= {"sketch_to_photo": "F"} if self.inverse_only or model.inverse else {}
        self.nets: dict[str, nn.Module] = {}
        for G in self.generators.values():
            D, channels = {"G": ("D", n_styles), "F": ("D_X", 0)}[G]
            self.nets[G] = create_generator(model.network, model.width, channels)
            self.nets[D] = PatchGAN(6 + channels, model.discriminator_width)
        if self.weights.stroke_adversarial:
            self.nets["D_S"] = PatchGAN(3 + n_styles, model.discriminator_width, n_layers=2, normed=False)
        if self.weights.unpaired_adversarial:
            self.nets["D_Y"] = PatchGAN(3, model.discriminator_width)
        learning_rate, betas = config.optimizer.learning_rate, (config.optimizer.beta1, 0.999)
        self.optimizers: dict[str, Optimizer] = {
            name: torch.optim.Adam(net.parameters(), learning_rate, betas, fused=True)
            for name, net in self.nets.items()
        }

    def train_step(self, batch: Batch) -> Terms:
        return self._step(batch, update=True)

    @torch.no_grad()
    def validation_losses(self, batch: Batch) -> Terms:
        return self._step(batch, update=False)

    def _step(self, batch: Batch, update: bool) -> Terms:
        """Update D and G, then D_Y, then D_X and F; F's terms get the suffix _F."""
        if self.inverse_only:
            return self._inverse(batch, update)
        x, y, weights = batch.generator_input, batch.target, self.weights
        loss_G, terms = self._pair("G", "D", x, y, update)
        if others := batch.other_styles:
            loss, other_terms = self._pair(
                "G",
                "D",
                others.generator_input,
                others.target,
                update,
                pixel_weight=weights.other_styles,
                compare_gradients=False,
            )
            loss_G = loss_G + loss
            terms |= {f"{name}_styled": value for name, value in other_terms.items()}
            if weights.unpaired_adversarial:
                in_first_style = Batch(others.source, y, batch.style).generator_input
                loss_D, loss = self._adversarial("D_Y", y, self.nets["G"](in_first_style), update)
                loss_G = loss_G + weights.unpaired_adversarial * loss
                terms |= detached({"D_Y": loss_D, "adversarial_wild": loss})
        if update:
            optimizer_step(self.optimizers["G"], loss_G)
        return terms | (self._inverse(batch.inverse, update) if batch.inverse else {})

    def _inverse(self, batch: Batch, update: bool) -> Terms:
        """F and D_X on sketches and their photos."""
        loss_F, terms = self._pair("F", "D_X", batch.source, batch.target, update)
        if update:
            optimizer_step(self.optimizers["F"], loss_F)
        names = {"G": "F", "D": "D_X"}
        return {names.get(name, f"{name}_F"): value for name, value in terms.items()}

    def _pair(
        self,
        generator: str,
        discriminator: str,
        x: Tensor,
        y: Tensor,
        update: bool,
        pixel_weight: float = 1.0,
        compare_gradients: bool = True,
    ) -> tuple[Tensor, Terms]:
        """Update D, and return G's loss (section 3.3) and the detached terms of both.

        pixel_weight: factor of L1 and SSIM. compare_gradients: whether gradients are part of the loss.
        """
        weights, G, D = self.weights, self.nets[generator], self.nets[discriminator]
        adversarial = losses.ADVERSARIAL_LOSSES[weights.gan_mode]
        y_hat = G(x)

        D.requires_grad_(True)
        real, fake = D(torch.cat([torch.cat([x, y], 1), torch.cat([x, y_hat.detach()], 1)])).chunk(2)
        loss_D = (adversarial(real, True) + adversarial(fake, False)) / 2  # halved: section 3.3
        if update:
            optimizer_step(self.optimizers[discriminator], loss_D)

        block_size = weights.l1_block_size
        terms = {
            "adversarial": adversarial(frozen(D)(torch.cat([x, y_hat], 1)), True),
            "l1": losses.pooled_mae(y_hat, y, block_size) if block_size > 1 else losses.mae(y_hat, y),
        }
        if weights.stroke_adversarial and generator == "G":
            real, fake = (torch.cat([losses.high_pass(z), x[:, 3:]], 1) for z in (y, y_hat))
            terms["D_S"], terms["strokes"] = self._adversarial("D_S", real, fake, update)
        if weights.ssim:
            terms["ssim"] = 1 - losses.ssim(y_hat, y)
        if weights.gradients and compare_gradients:
            terms["gradients"] = 1 - losses.gradient_similarity(y_hat, y)
        if weights.contrast:
            terms["contrast"] = losses.local_contrast_l1(y_hat, y)
        loss_G = (
            weights.adversarial * terms["adversarial"]
            + pixel_weight * weights.l1 * terms["l1"]
            + pixel_weight * weights.ssim * terms.get("ssim", 0)
            + weights.gradients * terms.get("gradients", 0)
            + weights.contrast * terms.get("contrast", 0)
            + weights.stroke_adversarial * terms.get("strokes", 0)
        )
        return loss_G, detached({"G": loss_G, "D": loss_D, **terms})

    def _adversarial(self, name: str, real: Tensor, fake: Tensor, update: bool) -> tuple[Tensor, Tensor]:
        """Update a discriminator on real and fake images; return its loss and the generator's."""
        adversarial, D = losses.ADVERSARIAL_LOSSES[self.weights.gan_mode], self.nets[name]
        D.requires_grad_(True)
        loss_D = (adversarial(D(real), True) + adversarial(D(fake.detach()), False)) / 2
        if update:
            optimizer_step(self.optimizers[name], loss_D)
        return loss_D, adversarial(frozen(D)(fake), True)
