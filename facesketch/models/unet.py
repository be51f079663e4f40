"""Pix2Pix's generator: a U-Net of 8 convolutions and 8 transposed convolutions (Isola et al., arXiv 1611.07004)."""

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from .layers import Tanh, initialize, norm


class UNet(nn.Module):
    """C64-C128-C256-C512-C512-C512-C512-C512 down, the mirror up, each step joined to its twin (section 6.1.1).

    `width` 64 is the paper's (54.4 million parameters). The 1 x 1 bottleneck is not normalised: a single value less
    its own mean is zero (the paper's erratum). There is no dropout, so that a picture has one answer. With labels a
    picture has as many more channels, maps of 0 or 1 that say what is asked for.
    """

    multiple = 256  # of which the sides of its pictures are, in pixels
    widths = (1, 2, 4, 8, 8, 8, 8, 8)  # of the steps down, in times the first's

    def __init__(self, width: int = 64, labels: int = 0):
        super().__init__()
        widths = [width * times for times in self.widths]
        self.down = nn.ModuleList()
        for i, c_out in enumerate(widths):
            normed = 0 < i < 7
            block: list[nn.Module] = [] if i == 0 else [nn.LeakyReLU(0.2)]
            block += [nn.Conv2d(3 + labels if i == 0 else widths[i - 1], c_out, 4, 2, 1, bias=not normed)]
            self.down.append(nn.Sequential(*block, *([norm(c_out)] if normed else [])))
        self.up = nn.ModuleList()
        for i in reversed(range(8)):
            c_in = widths[7] if i == 7 else 2 * widths[i]
            c_out = 3 if i == 0 else widths[i - 1]
            self.up.append(nn.Sequential(nn.ReLU(), *self.rise(i, c_in, c_out), *([Tanh()] if i == 0 else [])))
        initialize(self)

    @staticmethod
    def rise(i: int, c_in: int, c_out: int) -> list[nn.Module]:
        """From the side 2^(7 - i) to twice that, i from 7 to 0."""
        return [nn.ConvTranspose2d(c_in, c_out, 4, 2, 1, bias=i == 0), *([norm(c_out)] if i else [])]

    def forward(self, x: Tensor) -> Tensor:
        """x: B x (3 + labels) x H x W in [-1, 1], H and W multiples of 256. Returns B x 3 x H x W in [-1, 1]."""
        return self.up[7](torch.cat(self._before_last(x), dim=1))

    def _before_last(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """What the last step up is given, of half the picture's sides: what came up, and its twin."""
        skips = []
        for block in self.down:
            x = block(x)
            skips.append(x)
        x = self.up[0](skips.pop())
        for block in self.up[1:7]:
            x = block(torch.cat([x, skips.pop()], dim=1))
        return x, skips.pop()


class LeanUNet(UNet):
    """The same, but from 8 x 8 up nothing is normalised on the way to the picture, and up to 64 x 64 it is resized.

    Instance normalisation where a picture takes shape makes a network stamp a blot at one place, whose size tells all
    other places their scale (Karras et al. 2020, section 2); here it was a black cross in each pupil. Transposed
    convolutions draw grids (Odena et al. 2016), coarse ones as beads along every line; the last two draw the grain of
    pencil. It is narrower where the picture is 8 x 8 and less: two in three of the weights lay there.
    """

    widths = (1, 2, 4, 8, 8, 4, 4, 4)

    def __init__(self, width: int = 64, labels: int = 0):
        super().__init__(width, labels)
        for block in list(self.up)[3:-1]:
            layer = next(part for part in reversed(block) if isinstance(part, nn.Conv2d | nn.ConvTranspose2d))
            if not layer.weight.is_meta:  # He's; of a transposed one's 16 taps an output pixel sees 4
                taps = 9 if isinstance(layer, nn.Conv2d) else 4
                nn.init.normal_(layer.weight, 0.0, (2 / (taps * layer.in_channels)) ** 0.5)

    @staticmethod
    def rise(i: int, c_in: int, c_out: int) -> list[nn.Module]:
        if i > 4:
            return UNet.rise(i, c_in, c_out)
        if i < 2:
            return [nn.ConvTranspose2d(c_in, c_out, 4, 2, 1)]
        return [nn.Upsample(scale_factor=2, mode="bilinear"), nn.Conv2d(c_in, c_out, 3, 1, 1)]


class GrainUNet(LeanUNet):
    """The same with noise for the grain of pencil, resized on the last two steps up as well, the photo beside the last.

    A network that is to draw texture and is given nothing random weaves one of its own. The noise, N(0, 1), lies in
    the weights, so that a picture has one answer; in training it is moved about. It is added before the last two
    rectifiers, which let it through where there is something to hatch.
    """

    fine = 16  # channels at the picture's own size

    def __init__(self, width: int = 64, labels: int = 0):
        super().__init__(width, labels)
        self.register_buffer("noise", torch.randn(1, 1, 256, 256, generator=torch.Generator().manual_seed(0)))
        self.grain = nn.Conv2d(4, width, 1, bias=False)
        self.near = nn.Conv2d(4 + labels, self.fine, 3, 1, 1, bias=False)
        self.last = nn.Sequential(nn.ReLU(), nn.Conv2d(self.fine, 3, 3, 1, 1), Tanh())
        self.up[7] = nn.Sequential(*list(self.up[7])[:-1])
        if not self.grain.weight.is_meta:
            nn.init.normal_(self.grain.weight, 0.0, 0.02)

    @classmethod
    def rise(cls, i: int, c_in: int, c_out: int) -> list[nn.Module]:
        if i > 1:
            return LeanUNet.rise(i, c_in, c_out)
        return [nn.Conv2d(c_in, c_out if i else cls.fine, 3, 1, 1), nn.Upsample(scale_factor=2, mode="bilinear")]

    def forward(self, x: Tensor) -> Tensor:
        """x: B x (3 + labels) x H x W in [-1, 1], H and W multiples of 256. Returns B x 3 x H x W in [-1, 1]."""
        noise = self.noise.repeat(len(x), 1, x.shape[2] // 256, x.shape[3] // 256)
        if self.training:
            noise = noise.roll(torch.randint(256, (2,)).tolist(), (2, 3))
        near = self.near(torch.cat([x, noise], dim=1))
        x, twin = self._before_last(x)
        x = x + self.grain(nnf.pixel_unshuffle(noise, 2))
        return self.last(self.up[7](torch.cat([x, twin], dim=1)) + near)
