"""The 70 x 70 PatchGAN discriminator of Pix2Pix and CycleGAN: one verdict for each patch."""

from torch import Tensor, nn

from .layers import initialize, norm


class PatchGAN(nn.Module):
    """C64-C128-C256-C512 and a convolution to one logit, 4x4 kernels (Pix2Pix, section 6.1.2).

    `channels` is 3 for a picture alone, 6 for a source and a target side by side (conditional). Fewer strided steps
    see smaller patches: 2 of them 34 x 34 pixels. Not normed, it sees how strong all strokes of a picture are.
    """

    def __init__(self, channels: int = 3, width: int = 64, steps: int = 3, normed: bool = True):
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(channels, width, 4, 2, 1), nn.LeakyReLU(0.2)]
        for i in range(1, steps + 1):
            c_out = width << i
            layers += [nn.Conv2d(c_out // 2, c_out, 4, 2 if i < steps else 1, 1, bias=not normed)]
            layers += [norm(c_out)] * normed + [nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers, nn.Conv2d(width << steps, 1, 4, 1, 1))
        initialize(self)

    def forward(self, x: Tensor) -> Tensor:
        """x: B x channels x 256 x 256 in [-1, 1]. Logits, by 3 steps B x 1 x 30 x 30, each of 70 x 70 pixels."""
        return self.layers(x)
