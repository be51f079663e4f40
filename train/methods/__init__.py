"""The training methods, one paper each."""

from typing import Protocol

from torch import Tensor, nn
from torch.optim import Optimizer

from .autoencoder import Autoencoder
from .cyclegan import CycleGAN
from .matte import Matte
from .pix2pix import Pix2Pix


class Method(Protocol):
    """What the loop knows of a method: its networks, what moves them, which of them draw, and one step."""

    paired: bool  # whether x and y of a step belong together
    nets: dict[str, nn.Module]
    optimizers: dict[str, Optimizer]
    generators: dict[str, str]  # direction -> name of a net

    def step(self, x: Tensor, y: Tensor, *inverse: Tensor, learn: bool = True) -> dict[str, Tensor]: ...


METHODS: dict[str, type[Method]] = {
    "autoencoder": Autoencoder,
    "pix2pix": Pix2Pix,
    "cyclegan": CycleGAN,
    "matte": Matte,
}

__all__ = ["METHODS", "Autoencoder", "CycleGAN", "Matte", "Method", "Pix2Pix"]
