"""CycleGAN (Zhu et al., arXiv 1703.10593): G: X -> Y and F: Y -> X without pairs, each against a discriminator."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from facesketch.models import PatchGAN, create_generator

from ..config import Config, CycleGANLosses
from ..data.batch import Batch
from . import losses
from .common import detached, frozen, optimizer_step


class ImagePool:
    """The last `size` generated images, of which D sees one half of the time (section 4; Shrivastava et al. 2017).

    Random numbers come from torch's default generator, which the trainer seeds at every step.
    """

    def __init__(self, size: int):
        self.size = size
        self.images: list[Tensor] = []

    def query(self, batch: Tensor) -> Tensor:
        """B x 3 x H x W in, the same shape out, each image either the new one or one from the pool.

        When the images' size changes, the pool is emptied.
        """
        if self.images and self.images[0].shape[-2:] != batch.shape[-2:]:
            self.images.clear()
        chosen = []
        for image in batch.detach():
            if len(self.images) < self.size:
                self.images.append(image.clone())
                chosen.append(image)
            elif self.size and torch.rand(()).item() < 0.5:
                i = int(torch.randint(self.size, ()).item())
                chosen.append(self.images[i])
                self.images[i] = image.clone()
            else:
                chosen.append(image)
        return torch.stack(chosen)


class CycleGAN:
    """G: photo -> sketch, F: sketch -> photo; D_X judges photos, D_Y sketches."""

    paired = False

    def __init__(self, config: Config):
        assert isinstance(config.losses, CycleGANLosses)
        model, self.weights, self.optimizer_config = config.model, config.losses, config.optimizer
        G, F = (create_generator(model.network, model.width) for _ in range(2))
        D_X, D_Y = (PatchGAN(3, model.discriminator_width) for _ in range(2))
        self.nets: dict[str, nn.Module] = {"G": G, "F": F, "D_X": D_X, "D_Y": D_Y}
        self.optimizers: dict[str, Optimizer] = {"G": self._adam(G, F), "D": self._adam(D_X, D_Y)}
        self.generators = {"photo_to_sketch": "G", "sketch_to_photo": "F"}
        self.perceptual = losses.PerceptualDistance() if self.weights.perceptual else None
        self.pools = {"X": ImagePool(self.weights.pool_size), "Y": ImagePool(self.weights.pool_size)}

    def _adam(self, *nets: nn.Module) -> Optimizer:
        parameters = itertools.chain(*(net.parameters() for net in nets))
        optimizer = self.optimizer_config
        return torch.optim.Adam(parameters, optimizer.learning_rate, (optimizer.beta1, 0.999), fused=True)

    def train_step(self, batch: Batch) -> dict[str, Tensor]:
        return self._step(batch, update=True)

    @torch.no_grad()
    def validation_losses(self, batch: Batch) -> dict[str, Tensor]:
        return self._step(batch, update=False)

    def _step(self, batch: Batch, update: bool) -> dict[str, Tensor]:
        """G and F first, then D_X and D_Y. D_X does not see unpaired photos, so that F does not imitate them."""
        weights, (G, F, D_X, D_Y) = self.weights, self.nets.values()
        adversarial = losses.ADVERSARIAL_LOSSES[weights.gan_mode]
        photos, y = batch.source, batch.target
        x = photos if batch.unpaired is None else torch.cat([photos, batch.unpaired])

        y_hat, x_hat = G(x), F(y)
        x_cycle, y_cycle = F(self._cycle_input(y_hat)), G(self._cycle_input(x_hat))
        terms = {
            "adversarial_G": adversarial(frozen(D_Y)(y_hat), True),
            "adversarial_F": adversarial(frozen(D_X)(x_hat), True),
            "cycle": losses.mae(x_cycle, x),
            "cycle_sketch": losses.mae(y_cycle, y),
        }
        if weights.ssim:
            terms["ssim"] = 2 - losses.ssim(x_cycle, x) - losses.ssim(y_cycle, y)
        if weights.gradients:
            similarity = losses.gradient_similarity
            terms["gradients"] = 2 - similarity(x_cycle, x) - similarity(y_cycle, y)
        if self.perceptual:
            terms["perceptual"] = self.perceptual(x_cycle, x) + self.perceptual(y_cycle, y)
        if weights.identity:
            terms["identity"] = losses.mae(G(y), y) + losses.mae(F(photos), photos)
        loss_G = (
            weights.adversarial_sketch * terms["adversarial_G"]
            + weights.adversarial_photo * terms["adversarial_F"]
            + weights.cycle_photo * terms["cycle"]
            + weights.cycle_sketch * terms["cycle_sketch"]
            + weights.ssim * terms.get("ssim", 0)
            + weights.gradients * terms.get("gradients", 0)
            + weights.perceptual * terms.get("perceptual", 0)
            + weights.identity * terms.get("identity", 0)
        )
        if update:
            optimizer_step(self.optimizers["G"], loss_G)
            x_hat, y_hat = self.pools["X"].query(x_hat), self.pools["Y"].query(y_hat)

        for D in (D_X, D_Y):
            D.requires_grad_(True)
        loss_D_X = (adversarial(D_X(photos), True) + adversarial(D_X(x_hat.detach()), False)) / 2
        loss_D_Y = (adversarial(D_Y(y), True) + adversarial(D_Y(y_hat.detach()), False)) / 2
        loss_D = loss_D_X + loss_D_Y
        if update:
            optimizer_step(self.optimizers["D"], loss_D)
        return detached({"G": loss_G, "D": loss_D, **terms, "D_X": loss_D_X, "D_Y": loss_D_Y})

    def _cycle_input(self, z: Tensor) -> Tensor:
        """A generated image as the second generator of a cycle sees it.

        With cycle_noise it is detached and noisy, as in back-translation (Sennrich et al. 2016, section 3): the first
        generator gains nothing by hiding information in it (Chu et al. 2017), and the noise covers what is hidden. The
        noise is the same for all images of a batch, so that it does not depend on the number of processes.
        """
        noise = self.weights.cycle_noise
        return z.detach() + noise * torch.randn_like(z[:1]) if noise else z
