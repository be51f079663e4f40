"""Pix2Pix's generator: a U-Net of 8 convolutions and 8 transposed convolutions (Isola et al., arXiv 1611.07004)."""

import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from .layers import Tanh, initialize, norm
from .registry import register_generator


@register_generator("unet", size_divisor=256, accepts_styles=True)
class UNet(nn.Module):
    """Encoder C64-C128-C256-C512-C512-C512-C512-C512, mirrored decoder, skip connections (section 6.1.1).

    width 64 is the paper's (54.4 million parameters). The 1 x 1 bottleneck is not normalized, as a single value minus
    its own mean is zero (the paper's erratum). There is no dropout, so the output is deterministic. n_styles: extra
    input channels, one-hot maps of the style to draw in.
    """

    widths = (1, 2, 4, 8, 8, 8, 8, 8)  # of the encoder's layers, in multiples of the first's

    def __init__(self, width: int = 64, n_styles: int = 0):
        super().__init__()
        widths = [width * times for times in self.widths]
        self.down = nn.ModuleList()
        for i, c_out in enumerate(widths):
            normed = 0 < i < 7
            block: list[nn.Module] = [] if i == 0 else [nn.LeakyReLU(0.2)]
            block += [nn.Conv2d(3 + n_styles if i == 0 else widths[i - 1], c_out, 4, 2, 1, bias=not normed)]
            self.down.append(nn.Sequential(*block, *([norm(c_out)] if normed else [])))
        self.up = nn.ModuleList()
        for i in reversed(range(8)):
            c_in = widths[7] if i == 7 else 2 * widths[i]
            c_out = 3 if i == 0 else widths[i - 1]
            self.up.append(nn.Sequential(nn.ReLU(), *self.up_block(i, c_in, c_out), *([Tanh()] if i == 0 else [])))
        initialize(self)

    @staticmethod
    def up_block(i: int, c_in: int, c_out: int) -> list[nn.Module]:
        """Upsample by 2 from side 2^(7 - i), for i from 7 to 0, with normalization where there is any."""
        return [nn.ConvTranspose2d(c_in, c_out, 4, 2, 1, bias=i == 0), *([norm(c_out)] if i else [])]

    def forward(self, x: Tensor) -> Tensor:
        """x: B x (3 + n_styles) x H x W in [-1, 1], H and W multiples of 256. Returns B x 3 x H x W in [-1, 1]."""
        return self.up[7](torch.cat(self._features(x), dim=1))

    def _features(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The inputs of the last decoder block, at half the picture's size: decoder and encoder features."""
        skips = []
        for block in self.down:
            x = block(x)
            skips.append(x)
        x = self.up[0](skips.pop())
        for block in self.up[1:7]:
            x = block(torch.cat([x, skips.pop()], dim=1))
        return x, skips.pop()


@register_generator("unet-lean", size_divisor=256, accepts_styles=True)
class LeanUNet(UNet):
    """UNet without decoder normalization from 8 x 8 up, and with bilinear upsampling up to 64 x 64.

    Instance normalization in a decoder produces a droplet artifact (Karras et al. 2020, StyleGAN2, section 2); here it
    was a black cross in each pupil. Transposed convolutions draw checkerboards (Odena et al. 2016), coarse ones as
    beads along every line; the last two draw the pencil's grain. It is narrower at 8 x 8 and below, which held two
    thirds of the weights.
    """

    widths = (1, 2, 4, 8, 8, 4, 4, 4)

    def __init__(self, width: int = 64, n_styles: int = 0):
        super().__init__(width, n_styles)
        for block in list(self.up)[3:-1]:
            layer = [part for part in block.modules() if isinstance(part, nn.Conv2d | nn.ConvTranspose2d)][-1]
            if not layer.weight.is_meta:  # He et al.; at stride 2 an output pixel depends on 4 of 16 taps
                taps = 9 if isinstance(layer, nn.Conv2d) else 4
                nn.init.normal_(layer.weight, 0.0, (2 / (taps * layer.in_channels)) ** 0.5)

    @staticmethod
    def up_block(i: int, c_in: int, c_out: int) -> list[nn.Module]:
        if i > 4:
            return UNet.up_block(i, c_in, c_out)
        if i < 2:
            return [nn.ConvTranspose2d(c_in, c_out, 4, 2, 1)]
        return [nn.Upsample(scale_factor=2, mode="bilinear"), nn.Conv2d(c_in, c_out, 3, 1, 1)]


@register_generator("unet-grain", size_divisor=256, accepts_styles=True)
class GrainUNet(LeanUNet):
    """LeanUNet with a noise input for the pencil's grain, upsampling in the last two blocks, and the photo at the last.

    A network that has to draw texture without a random input invents a regular weave. The noise, N(0, 1), is stored
    with the weights, so the output is deterministic; in training it is shifted at random. It is added before the last
    two ReLUs, which pass it where there is something to hatch.
    """

    fine = 16  # channels at full resolution
    noise: Tensor

    def __init__(self, width: int = 64, n_styles: int = 0):
        super().__init__(width, n_styles)
        seed = torch.Generator("cpu").manual_seed(0)
        self.register_buffer("noise", torch.randn(1, 1, 256, 256, generator=seed, device="cpu", dtype=torch.float32))
        self.grain = nn.Conv2d(4, width, 1, bias=False)
        self.near = nn.Conv2d(4 + n_styles, self.fine, 3, 1, 1, bias=False)
        self.last = nn.Sequential(nn.ReLU(), nn.Conv2d(self.fine, 3, 3, 1, 1), Tanh())
        self.up[7] = nn.Sequential(*list(self.up[7].children())[:-1])
        if not self.grain.weight.is_meta:
            nn.init.normal_(self.grain.weight, 0.0, 0.02)

    @classmethod
    def up_block(cls, i: int, c_in: int, c_out: int) -> list[nn.Module]:
        if i > 1:
            return LeanUNet.up_block(i, c_in, c_out)
        return [nn.Conv2d(c_in, c_out if i else cls.fine, 3, 1, 1), nn.Upsample(scale_factor=2, mode="bilinear")]

    def forward(self, x: Tensor) -> Tensor:
        """x: B x (3 + n_styles) x H x W in [-1, 1], H and W multiples of 256. Returns B x 3 x H x W in [-1, 1]."""
        noise = self.noise.repeat(len(x), 1, x.shape[2] // 256, x.shape[3] // 256)
        if self.training:
            noise = noise.roll(torch.randint(256, (2,)).tolist(), (2, 3))
        near = self.near(torch.cat([x, noise], dim=1))
        x, skip = self._features(x)
        x = x + self.grain(nnf.pixel_unshuffle(noise, 2))
        return self.last(self.up[7](torch.cat([x, skip], dim=1)) + near)
