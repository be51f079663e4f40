"""CycleGAN (Zhu et al., arXiv 1703.10593): G: X -> Y and F: Y -> X without pairs, each held by a discriminator."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor

from facesketch.models import GENERATORS, PatchGAN

from ..config import Config
from ..hardware import frozen
from . import losses


class ImagePool:
    """The last `size` generated pictures; D sees one of them half of the time (section 4; Shrivastava et al. 2017).

    The order of choice comes from torch's default generator, which the loop seeds at every step.
    """

    def __init__(self, size: int):
        self.size, self.images = size, []

    def query(self, batch: Tensor) -> Tensor:
        """B x 3 x H x W in, as many pictures of that shape out; a picture of another size is never given."""
        if self.images and self.images[0].shape[-2:] != batch.shape[-2:]:
            self.images.clear()
        answer = []
        for image in batch.detach():
            if len(self.images) < self.size:
                self.images.append(image.clone())
                answer.append(image)
            elif self.size and torch.rand(()).item() < 0.5:
                i = int(torch.randint(self.size, ()).item())
                answer.append(self.images[i])
                self.images[i] = image.clone()
            else:
                answer.append(image)
        return torch.stack(answer)


class CycleGAN:
    paired = False

    def __init__(self, config: Config):
        self.config = config
        G, F = (GENERATORS[config.network](config.width) for _ in range(2))
        D_X, D_Y = (PatchGAN(3, config.discriminator_width) for _ in range(2))
        self.nets = {"G": G, "F": F, "D_X": D_X, "D_Y": D_Y}
        self.optimizers = {"G": self._adam(G, F), "D": self._adam(D_X, D_Y)}
        self.generators = {"photo_to_sketch": "G", "sketch_to_photo": "F"}
        self.pools = {"X": ImagePool(config.pool), "Y": ImagePool(config.pool)}

    def _adam(self, *nets: torch.nn.Module) -> torch.optim.Adam:
        parameters = itertools.chain(*(net.parameters() for net in nets))
        return torch.optim.Adam(parameters, self.config.learning_rate, (self.config.beta1, 0.999), fused=True)

    def _between(self, z: Tensor) -> Tensor:
        """A generated picture as the way back is given it.

        Where the way back learns alone (back-translation, Sennrich et al. 2016, section 3), no gradient reaches who
        made it, so that nobody gains by hiding strokes in it (Chu et al. 2017), and noise covers what was hidden. The
        noise is one for all pictures of a batch: however many processes share it, they draw the same.
        """
        noise = self.config.back_translation
        return z.detach() + noise * torch.randn_like(z[:1]) if noise else z

    def step(self, x: Tensor, y: Tensor, *wild: Tensor, learn: bool = True) -> dict[str, Tensor]:
        """G and F first, then D_X and D_Y, on photos x and unrelated sketches y, where it is to learn.

        wild: more photos, which G is to draw and F to bring back, but not to copy: D_X sees none of them. Returns the
        losses. Where it is not to learn, the pools stay as they are.
        """
        c, (G, F, D_X, D_Y) = self.config, self.nets.values()
        adversarial, real = losses.ADVERSARIAL_LOSSES[c.adversarial], x
        x = torch.cat([x, *wild])

        y_hat, x_hat = G(x), F(y)
        x_back, y_back = F(self._between(y_hat)), G(self._between(x_hat))
        parts = {
            "adversarial_G": adversarial(frozen(D_Y)(y_hat), True),
            "adversarial_F": adversarial(frozen(D_X)(x_hat), True),
            "cycle": losses.mae(x_back, x),
            "cycle_sketch": losses.mae(y_back, y),
        }
        if c.weight_ssim:
            parts["ssim"] = 2 - losses.ssim(x_back, x) - losses.ssim(y_back, y)
        if c.weight_gradients:
            parts["gradients"] = 2 - losses.gradient_similarity(x_back, x) - losses.gradient_similarity(y_back, y)
        if c.weight_identity:
            parts["identity"] = losses.mae(G(y), y) + losses.mae(F(real), real)
        loss_G = (
            c.weight_adversarial * parts["adversarial_G"]
            + c.weight_adversarial_photo * parts["adversarial_F"]
            + c.weight_cycle * parts["cycle"]
            + c.weight_cycle_sketch * parts["cycle_sketch"]
            + c.weight_ssim * parts.get("ssim", 0)
            + c.weight_gradients * parts.get("gradients", 0)
            + c.weight_identity * parts.get("identity", 0)
        )
        if learn:
            losses.optimizer_step(self.optimizers["G"], loss_G)
            x_hat, y_hat = self.pools["X"].query(x_hat), self.pools["Y"].query(y_hat)

        for D in (D_X, D_Y):
            D.requires_grad_(True)
        loss_D_X = (adversarial(D_X(real), True) + adversarial(D_X(x_hat.detach()), False)) / 2
        loss_D_Y = (adversarial(D_Y(y), True) + adversarial(D_Y(y_hat.detach()), False)) / 2
        if learn:
            losses.optimizer_step(self.optimizers["D"], loss_D_X + loss_D_Y)
        parts |= {"D_X": loss_D_X, "D_Y": loss_D_Y}
        return {"G": loss_G.detach(), "D": (loss_D_X + loss_D_Y).detach(), **{k: v.detach() for k, v in parts.items()}}
