"""CycleGAN's generator: 9 residual blocks between two strided steps down and up (Zhu et al., arXiv 1703.10593)."""

from torch import Tensor, nn

from .layers import Tanh, initialize, norm
from .registry import register_generator


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions with reflected borders, added to their input."""

    def __init__(self, channels: int):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, channels, 3, 1, 1, padding_mode="reflect", bias=False),
            norm(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, 1, 1, padding_mode="reflect", bias=False),
            norm(channels),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.layers(x)


@register_generator("resnet", size_divisor=4)
class ResNet(nn.Module):
    """c7s1-64, d128, d256, 9 x R256, u128, u64, c7s1-3 (section 7.2 and appendix), tanh.

    `width` 64 is the paper's (11.4 million parameters).
    """

    def __init__(self, width: int = 64, blocks: int = 9):
        super().__init__()
        w1, w2, w4 = width, 2 * width, 4 * width
        self.layers = nn.Sequential(
            nn.Conv2d(3, w1, 7, 1, 3, padding_mode="reflect", bias=False),
            norm(w1),
            nn.ReLU(),
            nn.Conv2d(w1, w2, 3, 2, 1, bias=False),
            norm(w2),
            nn.ReLU(),
            nn.Conv2d(w2, w4, 3, 2, 1, bias=False),
            norm(w4),
            nn.ReLU(),
            *[ResidualBlock(w4) for _ in range(blocks)],
            *self.up(w4, w2),
            self.up_norm(w2),
            nn.ReLU(),
            *self.up(w2, w1),
            self.up_norm(w1),
            nn.ReLU(),
            nn.Conv2d(w1, 3, 7, 1, 3, padding_mode="reflect"),
            Tanh(),
        )
        initialize(self)

    up_norm = staticmethod(norm)

    def up(self, c_in: int, c_out: int) -> list[nn.Module]:
        """Upsample by 2 with a transposed convolution."""
        return [nn.ConvTranspose2d(c_in, c_out, 3, 2, 1, output_padding=1, bias=False)]

    def forward(self, x: Tensor) -> Tensor:
        """x: B x 3 x H x W in [-1, 1], H and W multiples of 4, at least 16. Returns the same shape and range."""
        return self.layers(x)


@register_generator("resnet-smooth", size_divisor=4)
class SmoothResNet(ResNet):
    """ResNet with bilinear upsampling and a convolution in place of each transposed one (Odena et al. 2016).

    A 3 x 3 kernel at stride 2 overlaps unevenly, which leaves a checkerboard in smooth areas such as skin and paper.
    """

    up_bias = False

    def up(self, c_in: int, c_out: int) -> list[nn.Module]:
        """Upsample by 2 with interpolation and a convolution."""
        return [
            nn.Upsample(scale_factor=2, mode="bilinear"),
            nn.Conv2d(c_in, c_out, 3, 1, 1, padding_mode="reflect", bias=self.up_bias),
        ]


@register_generator("resnet-plain", size_divisor=4)
class ResNetNoDecoderNorm(SmoothResNet):
    """SmoothResNet without normalization in the decoder.

    Instance normalization in a decoder produces a droplet artifact (Karras et al. 2020, StyleGAN2, section 2); here it
    was a white spot below an eye.
    """

    up_norm = nn.Identity
    up_bias = True
