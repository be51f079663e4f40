"""The training methods, one paper each: nets, optimizers, generators (direction -> name of a net) and step."""

from .autoencoder import Autoencoder
from .cyclegan import CycleGAN
from .pix2pix import Pix2Pix

METHODS = {"autoencoder": Autoencoder, "pix2pix": Pix2Pix, "cyclegan": CycleGAN}

__all__ = ["METHODS", "Autoencoder", "CycleGAN", "Pix2Pix"]
