"""CycleGAN (Zhu et al., arXiv 1703.10593): G: X -> Y and F: Y -> X without pairs, each against a discriminator."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from facesketch.models import PatchGAN, create_generator

from ..config import Config, CycleGANLosses
from ..data.batch import Batch
from . import losses
from .common import detached, frozen, optimizer_step

# The terms of the loss whose weights have another name in CycleGANLosses.
WEIGHTS = {"adversarial_G": "adversarial_sketch", "adversarial_F": "adversarial_photo", "cycle": "cycle_photo"}


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
    """G: photo -> sketch, F: sketch -> photo; D_X judges photos, D_Y sketches.

    If the direction is sketch_to_photo, F and D_X alone: F closes the cycle of drawings that a finished G made, as in
    back-translation (Sennrich et al. 2016, section 3), and D_X also judges what F makes of artists' sketches.
    """

    paired = False

    def __init__(self, config: Config):
        assert isinstance(config.losses, CycleGANLosses)
        model, self.weights, self.optimizer_config = config.model, config.losses, config.optimizer
        self.inverse_only = model.direction == "sketch_to_photo"
        self.generators = {} if self.inverse_only else {"photo_to_sketch": "G"}
        self.generators |= {"sketch_to_photo": "F"}
        discriminators = ["D_X"] if self.inverse_only else ["D_X", "D_Y"]
        self.nets: dict[str, nn.Module] = {
            name: create_generator(model.network, model.width) for name in self.generators.values()
        }
        self.nets |= {name: PatchGAN(3, model.discriminator_width) for name in discriminators}
        self.optimizers: dict[str, Optimizer] = {
            "G": self._adam(*self.generators.values()),
            "D": self._adam(*discriminators),
        }
        self.perceptual = losses.PerceptualDistance() if self.weights.perceptual else None
        self.face_distance = losses.FaceDistance() if self.weights.face_identity else None
        self.pools = {name.removeprefix("D_"): ImagePool(self.weights.pool_size) for name in discriminators}

    def _adam(self, *names: str) -> Optimizer:
        parameters = itertools.chain(*(self.nets[name].parameters() for name in names))
        optimizer = self.optimizer_config
        return torch.optim.Adam(parameters, optimizer.learning_rate, (optimizer.beta1, 0.999), fused=True)

    def train_step(self, batch: Batch) -> dict[str, Tensor]:
        return self._step(batch, update=True)

    @torch.no_grad()
    def validation_losses(self, batch: Batch) -> dict[str, Tensor]:
        return self._step(batch, update=False)

    def _step(self, batch: Batch, update: bool) -> dict[str, Tensor]:
        """G and F first, then D_X and D_Y. D_X does not see unpaired photos, so that F does not imitate them."""
        if self.inverse_only:
            return self._inverse(batch, update)
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
        if self.face_distance:
            terms["face_identity"] = self.face_distance(x_cycle, x)
        if weights.identity:
            terms["identity"] = losses.mae(G(y), y) + losses.mae(F(photos), photos)
        loss_G = self._weighted_sum(terms)
        if update:
            optimizer_step(self.optimizers["G"], loss_G)
        seen = {"D_X": (photos, x_hat), "D_Y": (y, y_hat)}
        return detached({"G": loss_G, **terms, **self._update_discriminators(seen, update)})

    def _inverse(self, batch: Batch, update: bool) -> dict[str, Tensor]:
        """F on G's drawings of the photos x and on artists' sketches, then D_X."""
        weights, (F, D_X) = self.weights, self.nets.values()
        x = batch.target
        y = batch.source if batch.unpaired is None else torch.cat([batch.source, batch.unpaired])
        x_hat = F(y)
        x_cycle = x_hat[: len(x)]
        terms = {
            "adversarial_F": losses.ADVERSARIAL_LOSSES[weights.gan_mode](frozen(D_X)(x_hat), True),
            "cycle": losses.mae(x_cycle, x),
        }
        if weights.ssim:
            terms["ssim"] = 1 - losses.ssim(x_cycle, x)
        if weights.gradients:
            terms["gradients"] = 1 - losses.gradient_similarity(x_cycle, x)
        if self.perceptual:
            terms["perceptual"] = self.perceptual(x_cycle, x)
        if self.face_distance:
            terms["face_identity"] = self.face_distance(x_cycle, x)
        loss_F = self._weighted_sum(terms)
        if update:
            optimizer_step(self.optimizers["G"], loss_F)
        return detached({"F": loss_F, **terms, **self._update_discriminators({"D_X": (x, x_hat)}, update)})

    def _weighted_sum(self, terms: Mapping[str, Tensor]) -> Tensor:
        """The generators' loss: the sum of its terms, each times its weight."""
        weighted = (getattr(self.weights, WEIGHTS.get(name, name)) * value for name, value in terms.items())
        return sum(weighted, torch.zeros(()))

    def _update_discriminators(self, seen: Mapping[str, tuple[Tensor, Tensor]], update: bool) -> dict[str, Tensor]:
        """Update each discriminator on real and generated images, the latter through its pool. Returns the losses."""
        adversarial = losses.ADVERSARIAL_LOSSES[self.weights.gan_mode]
        if update:
            seen = {name: (real, self.pools[name[2:]].query(fake)) for name, (real, fake) in seen.items()}
        terms = {}
        for name, (real, fake) in seen.items():
            D = self.nets[name].requires_grad_(True)
            terms[name] = (adversarial(D(real), True) + adversarial(D(fake.detach()), False)) / 2
        loss_D = torch.stack([*terms.values()]).sum()
        if update:
            optimizer_step(self.optimizers["D"], loss_D)
        return {"D": loss_D, **terms}

    def _cycle_input(self, z: Tensor) -> Tensor:
        """A generated image as the second generator of a cycle sees it.

        With cycle_noise it is detached and noisy, as in back-translation (Sennrich et al. 2016, section 3): the first
        generator gains nothing by hiding information in it (Chu et al. 2017), and the noise covers what is hidden. The
        noise is the same for all images of a batch, so that it does not depend on the number of processes.
        """
        noise = self.weights.cycle_noise
        return z.detach() + noise * torch.randn_like(z[:1]) if noise else z
