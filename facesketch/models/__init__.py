"""The networks. GENERATORS names every one that a Translator can hold."""

from typing import Any

from .autoencoder import Autoencoder
from .matte import Matte
from .patchgan import PatchGAN
from .resnet import PlainResNet, ResNet, SmoothResNet
from .unet import GrainUNet, LeanUNet, UNet

GENERATORS: dict[str, Any] = {
    "autoencoder": Autoencoder,
    "matte": Matte,
    "unet": UNet,
    "unet-lean": LeanUNet,
    "unet-grain": GrainUNet,
    "resnet": ResNet,
    "resnet-smooth": SmoothResNet,
    "resnet-plain": PlainResNet,
}

__all__ = [
    "GENERATORS",
    "Autoencoder",
    "GrainUNet",
    "LeanUNet",
    "Matte",
    "PatchGAN",
    "PlainResNet",
    "ResNet",
    "SmoothResNet",
    "UNet",
]
