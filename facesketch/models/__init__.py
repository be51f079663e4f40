"""The networks. GENERATORS names every one that a Translator can hold."""

from .autoencoder import Autoencoder
from .patchgan import PatchGAN
from .resnet import ResNet, SmoothResNet
from .unet import SmoothUNet, UNet

GENERATORS = {
    "autoencoder": Autoencoder,
    "unet": UNet,
    "unet-smooth": SmoothUNet,
    "resnet": ResNet,
    "resnet-smooth": SmoothResNet,
}

__all__ = ["GENERATORS", "Autoencoder", "PatchGAN", "ResNet", "SmoothResNet", "SmoothUNet", "UNet"]
