"""CycleGAN's generator: 9 residual blocks between two strided steps down and up (Zhu et al., arXiv 1703.10593)."""

from torch import Tensor, nn

from .layers import Tanh, initialize, norm


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


class ResNet(nn.Module):
    """c7s1-64, d128, d256, 9 x R256, u128, u64, c7s1-3 (section 7.2 and appendix), tanh.

    `width` 64 is the paper's (11.4 million parameters).
    """

    multiple = 4  # of which the sides of its pictures are, in pixels

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
        """Twice the height and width by a strided transposed convolution."""
        return [nn.ConvTranspose2d(c_in, c_out, 3, 2, 1, output_padding=1, bias=False)]

    def forward(self, x: Tensor) -> Tensor:
        """x: B x 3 x H x W in [-1, 1], H and W multiples of 4, at least 16. Returns the same shape and range."""
        return self.layers(x)


class SmoothResNet(ResNet):
    """The same, with bilinear resizing and a convolution in place of each transposed convolution (Odena et al. 2016).

    A 3 x 3 kernel at stride 2 covers every other pixel twice, and leaves a grid in what should be smooth, as skin and
    paper are.
    """

    up_bias = False

    def up(self, c_in: int, c_out: int) -> list[nn.Module]:
        """Twice the height and width by resizing."""
        return [
            nn.Upsample(scale_factor=2, mode="bilinear"),
            nn.Conv2d(c_in, c_out, 3, 1, 1, padding_mode="reflect", bias=self.up_bias),
        ]


class PlainResNet(SmoothResNet):
    """The same, but nothing is normalised on the way up.

    Where a picture takes shape, instance normalisation makes a network stamp a blot at one place, whose size tells all
    other places their scale (Karras et al. 2020, section 2); here it was a white spot below an eye.
    """

    up_norm = nn.Identity
    up_bias = True
