"""Norms fused into convolutions: the same image without them."""

import torch
from torch import nn

from facesketch.models import create_generator
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


def test_nothing_is_fused_if_both_networks_have_the_norms():
    smooth, _ = networks()
    same = fuse_instance_norms(smooth, [image(1)], smooth.state_dict())
    assert all(torch.equal(value, same[key]) for key, value in smooth.state_dict().items())
