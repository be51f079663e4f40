"""Norms fused into convolutions: the same image without them."""

import pytest
import torch
from torch import nn

from facesketch.models import create_generator
from facesketch.models.layers import norm
from train.engine.fuse_norms import fuse_instance_norms


def networks() -> tuple[nn.Module, nn.Module]:
    """A network with norms in its decoder and weights as after a training, and one without these norms."""
    torch.manual_seed(3)
    smooth, plain = create_generator("resnet-smooth", 4), create_generator("resnet-plain", 4)
    with torch.no_grad():
        for p in smooth.parameters():
            p.add_(0.2 * torch.randn_like(p))
    return smooth, plain


def image(seed: int) -> torch.Tensor:
    return torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_fused_on_one_image_the_output_for_that_image_is_the_same():
    smooth, plain = networks()
    before = {key: value.clone() for key, value in smooth.state_dict().items()}
    plain.load_state_dict(fuse_instance_norms(smooth, [image(1)], plain.state_dict()))
    other = image(2) * 0.3  # with other statistics
    with torch.no_grad():
        torch.testing.assert_close(plain(image(1)), smooth(image(1)), rtol=0, atol=0.02)
        assert (plain(other) - smooth(other)).abs().max() > 0.05
    assert all(torch.equal(value, before[key]) for key, value in smooth.state_dict().items())


def test_statistics_are_of_all_images():
    smooth, plain = networks()
    one, two, both = (
        fuse_instance_norms(smooth, images, plain.state_dict())
        for images in ([image(1)], [image(2) * 0.3], [image(1), image(2) * 0.3])
    )
    biases = [key for key in one if key.endswith(".bias") and key not in smooth.state_dict()]
    assert len(biases) == 2
    for key in biases:
        assert not torch.equal(both[key], one[key]) and not torch.equal(both[key], two[key])


class Normed(nn.Module):
    """A convolution that passes its input on, and a norm of it."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 3, 1), norm(3))
        nn.init.dirac_(self.layers[0].weight)
        nn.init.zeros_(self.layers[0].bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layers(x)


@pytest.mark.parametrize("batch_size", [1, 2])
def test_the_variance_is_that_within_an_image_averaged_over_the_images(batch_size):
    """Of images with means 0 and 10 and deviations 1 and 3: mean 5, variance (1 + 9) / 2, not 30 as of all pixels."""
    board = torch.ones(3, 64, 64)
    board[:, ::2, ::2] = board[:, 1::2, 1::2] = -1
    images = torch.stack([board, 10 + 3 * board])
    fused = fuse_instance_norms(Normed(), images.split(batch_size), ["layers.0.weight", "layers.0.bias"])
    found = [fused["layers.0.weight"].sum((1, 2, 3)), fused["layers.0.bias"]]
    expected = torch.tensor(5**-0.5).expand(3)
    torch.testing.assert_close(found, [expected, -5 * expected], rtol=1e-3, atol=1e-3)
    contrasts = [(image * found[0].view(3, 1, 1)).var() for image in images]
    assert sum(contrasts) / 2 == pytest.approx(1, rel=1e-3)  # as after instance norm


def test_nothing_is_fused_if_both_networks_have_the_norms():
    smooth, _ = networks()
    same = fuse_instance_norms(smooth, [image(1)], smooth.state_dict())
    assert all(torch.equal(value, same[key]) for key, value in smooth.state_dict().items())
