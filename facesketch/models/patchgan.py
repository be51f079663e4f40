"""The 70 x 70 PatchGAN discriminator of Pix2Pix and CycleGAN: one logit per patch."""

from torch import Tensor, nn

from .layers import initialize, norm


class PatchGAN(nn.Module):
    """C64-C128-C256-C512 and a convolution to one logit, 4x4 kernels (Pix2Pix, section 6.1.2).

    channels: 3 for a picture alone, 6 for a source concatenated with a target (conditional). n_layers: of strided
    convolutions after the first; 3 give a receptive field of 70 x 70 pixels, 2 of 34 x 34. Without normalization
    (normed=False) it can judge how strong all strokes of a picture are.
    """

    def __init__(self, channels: int = 3, width: int = 64, n_layers: int = 3, normed: bool = True):
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(channels, width, 4, 2, 1), nn.LeakyReLU(0.2)]
        for i in range(1, n_layers + 1):
            c_out = width << i
            layers += [nn.Conv2d(c_out // 2, c_out, 4, 2 if i < n_layers else 1, 1, bias=not normed)]
            layers += [norm(c_out)] * normed + [nn.LeakyReLU(0.2)]
        self.layers = nn.Sequential(*layers, nn.Conv2d(width << n_layers, 1, 4, 1, 1))
        initialize(self)

    def forward(self, x: Tensor) -> Tensor:
        """x: B x channels x 256 x 256 in [-1, 1]. Logits: with 3 layers B x 1 x 30 x 30."""
        return self.layers(x)
