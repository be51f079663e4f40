"""What the networks share: how a convolution is started, normalised and made non-linear."""

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn


class InstanceNorm(nn.InstanceNorm2d):
    """Instance normalisation, on a processor as batch normalisation of one picture at a time.

    That is the same sum, but torch computes it with the channels of a pixel side by side, for which the other's are
    copied to and fro: Pix2Pix draws in two thirds of the time, and CycleGAN learns in four fifths.
    """

    def forward(self, x: Tensor) -> Tensor:
        """x: B x C x H x W. Returns the same shape."""
        if x.device.type != "cpu" or torch.compiler.is_compiling():  # an exported network has batches of any size
            return super().forward(x)
        ones = [nnf.batch_norm(z, None, None, self.weight, self.bias, training=True, eps=self.eps) for z in x.split(1)]
        return torch.cat(ones) if len(ones) > 1 else ones[0]


def norm(channels: int) -> nn.Module:
    """Instance normalisation with learned scale and shift and no running statistics.

    It computes from the picture alone, so training, evaluation and any batch size give the same pixels. It is
    what batch normalisation is at the batch size of one that the Pix2Pix paper trains and tests with.
    """
    return InstanceNorm(channels, affine=True, track_running_stats=False)


class Tanh(nn.Module):
    """tanh in float32 whatever the precision before it: what a network ends in.

    In bfloat16 it is 1 from 3.5 on, where no gradient comes back: a network that once paints all paper white stays so.
    """

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(x.float())


def initialize(network: nn.Module, std: float = 0.02) -> nn.Module:
    """Draw every convolution's weights from N(0, std^2) and set biases to 0 (Pix2Pix, section 6.2); return network."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d) and not module.weight.is_meta:
            nn.init.normal_(module.weight, 0.0, std)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return network
