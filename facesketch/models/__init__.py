"""The networks, one per file, and Model, which holds a model's generators and config."""

from .autoencoder import Autoencoder
from .matte import MatteNet
from .patchgan import PatchGAN
from .registry import GENERATORS, GeneratorSpec, create_generator, register_generator
from .resnet import ResNet, ResNetNoDecoderNorm, SmoothResNet
from .unet import GrainUNet, LeanUNet, UNet

__all__ = [
    "GENERATORS",
    "Autoencoder",
    "GeneratorSpec",
    "GrainUNet",
    "LeanUNet",
    "MatteNet",
    "PatchGAN",
    "ResNet",
    "ResNetNoDecoderNorm",
    "SmoothResNet",
    "UNet",
    "create_generator",
    "register_generator",
]
