"""The networks. GENERATORS names every one that a Translator can hold."""

from .autoencoder import Autoencoder
from .patchgan import PatchGAN
from .resnet import ResNet
from .unet import UNet

GENERATORS = {"autoencoder": Autoencoder, "unet": UNet, "resnet": ResNet}

__all__ = ["GENERATORS", "Autoencoder", "PatchGAN", "ResNet", "UNet"]
