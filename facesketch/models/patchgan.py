"""The 70 x 70 PatchGAN discriminator of Pix2Pix and CycleGAN: one verdict for each patch."""

from torch import Tensor, nn

from .layers import initialize, norm


class PatchGAN(nn.Module):
    """C64-C128-C256-C512 and a convolution to one logit, 4x4 kernels (Pix2Pix, section 6.1.2).

    `channels` is 3 for a picture alone, 6 for a source and a target side by side (conditional).
    """

    def __init__(self, channels: int = 3, width: int = 64):
        super().__init__()
        w = [width, 2 * width, 4 * width, 8 * width]
        self.layers = nn.Sequential(
            nn.Conv2d(channels, w[0], 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(w[0], w[1], 4, 2, 1, bias=False),
            norm(w[1]),
            nn.LeakyReLU(0.2),
            nn.Conv2d(w[1], w[2], 4, 2, 1, bias=False),
            norm(w[2]),
            nn.LeakyReLU(0.2),
            nn.Conv2d(w[2], w[3], 4, 1, 1, bias=False),
            norm(w[3]),
            nn.LeakyReLU(0.2),
            nn.Conv2d(w[3], 1, 4, 1, 1),
        )
        initialize(self)

    def forward(self, x: Tensor) -> Tensor:
        """x: B x channels x 256 x 256 in [-1, 1]. Returns logits, B x 1 x 30 x 30; each sees 70 x 70 pixels."""
        return self.layers(x)
