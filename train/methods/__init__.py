"""The training methods, one paper each."""

from typing import Protocol

from torch import Tensor, nn
from torch.optim import Optimizer

from ..data.batch import Batch
from .autoencoder import AutoencoderMethod
from .cyclegan import CycleGAN, ImagePool
from .matte import MatteMethod
from .pix2pix import Pix2Pix


class Method(Protocol):
    """What the trainer knows of a method."""

    paired: bool  # whether source and target of a batch belong together
    nets: dict[str, nn.Module]  # every network by its symbol in the paper
    optimizers: dict[str, Optimizer]
    generators: dict[str, str]  # direction -> name of a network: what is exported
    pools: dict[str, ImagePool]  # state beyond networks and optimizers

    def train_step(self, batch: Batch) -> dict[str, Tensor]:
        """Update every network once. Returns the losses and their terms as detached scalars."""
        ...

    def validation_losses(self, batch: Batch) -> dict[str, Tensor]:
        """The same losses without updating anything."""
        ...


METHODS: dict[str, type[Method]] = {
    "autoencoder": AutoencoderMethod,
    "pix2pix": Pix2Pix,
    "cyclegan": CycleGAN,
    "matte": MatteMethod,
}

__all__ = ["METHODS", "AutoencoderMethod", "CycleGAN", "MatteMethod", "Method", "Pix2Pix"]
