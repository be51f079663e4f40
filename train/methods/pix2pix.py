"""Pix2Pix (Isola et al., arXiv 1611.07004): a U-Net against a PatchGAN that sees the photo with the sketch."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from facesketch.models import PatchGAN, create_generator

from ..config import Config, Pix2PixLosses
from ..data.batch import Batch
from . import losses
from .common import detached, frozen, optimizer_step

Terms = dict[str, Tensor]


@dataclass(frozen=True)
class Example:
    """Sources x, their targets y, and what the generator makes of x, with how its loss is counted.

    pixel_weight: factor of L1 and SSIM. gradients, strokes: whether these are compared. suffix: of the names of terms.
    """

    x: Tensor
    y: Tensor
    y_hat: Tensor
    strokes: bool
    pixel_weight: float = 1.0
    gradients: bool = True
    suffix: str = ""


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
        self.perceptual = losses.PerceptualDistance() if self.weights.perceptual else None
        self.face_distance = losses.FaceDistance() if self.weights.face_identity else None
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
        """The discriminators' updates, then G's; the same for F, whose terms get the suffix _F."""
        if self.inverse_only:
            return self._inverse(batch, update)
        G, weights, others = self.nets["G"], self.weights, batch.other_styles
        examples = [self._example("G", batch)]
        if others:
            other = self._example("G", others)
            examples.append(replace(other, suffix="_styled", pixel_weight=weights.other_styles, gradients=False))
        in_first_style = None
        if others and weights.unpaired_adversarial:
            in_first_style = G(Batch(others.source, batch.target, batch.style).generator_input)

        terms: Terms = {}
        for example in examples:
            terms |= self._update_discriminators("D", example, update)
        if in_first_style is not None:
            terms["D_Y"] = self._update_one("D_Y", batch.target, in_first_style, update)

        loss_G = torch.zeros((), device=batch.target.device)
        for example in examples:
            loss, found = self._generator_loss("D", example)
            loss_G, terms = loss_G + loss, terms | found
        if in_first_style is not None:
            terms["adversarial_wild"] = self._adversarial_loss("D_Y", in_first_style)
            loss_G = loss_G + weights.unpaired_adversarial * terms["adversarial_wild"]
        if update:
            optimizer_step(self.optimizers["G"], loss_G)
        return detached(terms) | (self._inverse(batch.inverse, update) if batch.inverse else {})

    def _inverse(self, batch: Batch, update: bool) -> Terms:
        """F and D_X on sketches and their photos."""
        example = self._example("F", batch)
        terms = self._update_discriminators("D_X", example, update)
        loss_F, found = self._generator_loss("D_X", example)
        if update:
            optimizer_step(self.optimizers["F"], loss_F)
        names = {"G": "F", "D": "D_X"}
        return detached({names.get(name, f"{name}_F"): value for name, value in (terms | found).items()})

    def _example(self, generator: str, batch: Batch) -> Example:
        x = batch.generator_input
        return Example(x, batch.target, self.nets[generator](x), strokes=generator == "G")

    def _update_discriminators(self, discriminator: str, example: Example, update: bool) -> Terms:
        """D sees source and target together (section 3.1); D_S, if it has a weight, the strokes of the target."""
        x, y, y_hat, suffix = example.x, example.y, example.y_hat, example.suffix
        real, fake = (torch.cat([x, z], 1) for z in (y, y_hat))
        terms = {f"D{suffix}": self._update_one(discriminator, real, fake, update, at_once=True)}
        if self.weights.stroke_adversarial and example.strokes:
            terms[f"D_S{suffix}"] = self._update_one("D_S", self._strokes(x, y), self._strokes(x, y_hat), update)
        return terms

    def _generator_loss(self, discriminator: str, example: Example) -> tuple[Tensor, Terms]:
        """The generator's loss (section 3.3) and its terms, with the discriminators as they are after their updates."""
        weights, x, y, y_hat = self.weights, example.x, example.y, example.y_hat
        block_size = weights.l1_block_size
        terms = {
            "adversarial": self._adversarial_loss(discriminator, torch.cat([x, y_hat], 1)),
            "l1": losses.pooled_mae(y_hat, y, block_size) if block_size > 1 else losses.mae(y_hat, y),
        }
        if weights.stroke_adversarial and example.strokes:
            terms["strokes"] = self._adversarial_loss("D_S", self._strokes(x, y_hat))
        if weights.ssim:
            terms["ssim"] = 1 - losses.ssim(y_hat, y)
        if weights.gradients and example.gradients:
            terms["gradients"] = 1 - losses.gradient_similarity(y_hat, y)
        if weights.contrast:
            terms["contrast"] = losses.local_contrast_l1(y_hat, y)
        if self.perceptual:
            terms["perceptual"] = self.perceptual(y_hat, y)
        if self.face_distance:  # always from the photo
            terms["face_identity"] = self.face_distance(y_hat, x[:, :3] if example.strokes else y)
        loss_G = (
            weights.adversarial * terms["adversarial"]
            + example.pixel_weight * weights.l1 * terms["l1"]
            + example.pixel_weight * weights.ssim * terms.get("ssim", 0)
            + weights.gradients * terms.get("gradients", 0)
            + weights.contrast * terms.get("contrast", 0)
            + weights.perceptual * terms.get("perceptual", 0)
            + weights.face_identity * terms.get("face_identity", 0)
            + weights.stroke_adversarial * terms.get("strokes", 0)
        )
        return loss_G, {f"{name}{example.suffix}": value for name, value in {"G": loss_G, **terms}.items()}

    def _update_one(self, name: str, y: Tensor, y_hat: Tensor, update: bool, at_once: bool = False) -> Tensor:
        """Update a discriminator on real and fake images, which may pass through it in one batch; returns its loss."""
        adversarial, D = losses.ADVERSARIAL_LOSSES[self.weights.gan_mode], self.nets[name]
        D.requires_grad_(True)
        real, fake = D(torch.cat([y, y_hat.detach()])).chunk(2) if at_once else (D(y), D(y_hat.detach()))
        loss_D = (adversarial(real, True) + adversarial(fake, False)) / 2  # halved: section 3.3
        if update:
            optimizer_step(self.optimizers[name], loss_D)
        return loss_D

    def _adversarial_loss(self, name: str, fake: Tensor) -> Tensor:
        """The generator's adversarial loss by a discriminator, which it does not change."""
        return losses.ADVERSARIAL_LOSSES[self.weights.gan_mode](frozen(self.nets[name])(fake), True)

    @staticmethod
    def _strokes(x: Tensor, y: Tensor) -> Tensor:
        """What D_S sees: a high-pass filtered drawing and its style maps."""
        return torch.cat([losses.high_pass(y), x[:, 3:]], 1)
