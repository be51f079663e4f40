"""The deck's autoencoder: 6 convolutions down to 4 x 4, 8 transposed convolutions back, no skip connections."""

from itertools import pairwise

from torch import Tensor, nn

from .layers import Tanh
from .registry import register_generator


@register_generator("autoencoder", size_divisor=64)
class Autoencoder(nn.Module):
    """Six 4x4 stride-2 convolutions, six 4x4 stride-2 transposed ones, two more at stride 1, tanh.

    At width 16 the encoder has 16, 32, 64, 128, 256, 256 channels and the network about 3.5 million parameters.
    There is no normalization: the 4 x 4 code is all that the decoder knows of a face, and normalizing it would cost the
    picture its brightness.
    """

    def __init__(self, width: int = 16):
        super().__init__()
        down = [3] + [width * m for m in (1, 2, 4, 8, 16, 16)]
        up = [width * m for m in (16, 16, 8, 4, 2, 1, 1)]
        layers: list[nn.Module] = []
        for c_in, c_out in pairwise(down):
            layers += [nn.Conv2d(c_in, c_out, 4, 2, 1), nn.LeakyReLU(0.2)]
        for c_in, c_out in pairwise(up):
            layers += [nn.ConvTranspose2d(c_in, c_out, 4, 2, 1), nn.LeakyReLU(0.2)]
        layers += [nn.ConvTranspose2d(width, 8, 3, 1, 1), nn.LeakyReLU(0.2), nn.ConvTranspose2d(8, 3, 3, 1, 1), Tanh()]
        self.layers = nn.Sequential(*layers)
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.ConvTranspose2d) and not module.weight.is_meta:
                nn.init.kaiming_normal_(module.weight, a=0.2, mode="fan_in")
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
                if isinstance(module, nn.ConvTranspose2d):  # at stride 2 an output pixel depends on 4 of the 16 taps
                    taps = module.kernel_size[0] ** 2 / module.stride[0] ** 2
                    nn.init.normal_(module.weight, 0.0, (2 / (1.04 * module.in_channels * taps)) ** 0.5)

    def forward(self, x: Tensor) -> Tensor:
        """x: B x 3 x H x W in [-1, 1], H and W multiples of 64. Returns the same shape and range."""
        return self.layers(x)
