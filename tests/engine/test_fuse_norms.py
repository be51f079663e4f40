"""Norms frozen into convolutions: the same picture without them."""

import torch
from torch import nn

from facesketch.models import GENERATORS
from train.engine.fuse_norms import fuse_instance_norms


def pair() -> tuple[nn.Module, nn.Module]:
    """A network that normalises on the way up, with weights as after a training, and one that does not."""
    torch.manual_seed(3)
    smooth, plain = GENERATORS["resnet-smooth"](4), GENERATORS["resnet-plain"](4)
    with torch.no_grad():
        for p in smooth.parameters():
            p.add_(0.2 * torch.randn_like(p))
    return smooth, plain


def picture(seed: int) -> torch.Tensor:
    return torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def test_frozen_on_one_picture_draws_that_picture_as_before():
    smooth, plain = pair()
    before = {key: value.clone() for key, value in smooth.state_dict().items()}
    plain.load_state_dict(fuse_instance_norms(smooth, [picture(1)], plain.state_dict()))
    with torch.no_grad():
        torch.testing.assert_close(plain(picture(1)), smooth(picture(1)), rtol=0, atol=0.02)
        assert (
            plain(picture(2) * 0.3) - smooth(picture(2) * 0.3)
        ).abs().max() > 0.05  # whose own statistics are others
    assert all(torch.equal(value, before[key]) for key, value in smooth.state_dict().items())


def test_frozen_on_many_pictures_is_their_mean():
    smooth, plain = pair()
    one, two, both = (
        fuse_instance_norms(smooth, pictures, plain.state_dict())
        for pictures in ([picture(1)], [picture(2) * 0.3], [picture(1), picture(2) * 0.3])
    )
    biases = [key for key in one if key.endswith(".bias") and key not in smooth.state_dict()]
    assert len(biases) == 2
    for key in biases:
        assert not torch.equal(both[key], one[key]) and not torch.equal(both[key], two[key])


def test_nothing_is_frozen_where_both_normalise():
    smooth, _ = pair()
    same = fuse_instance_norms(smooth, [picture(1)], smooth.state_dict())
    assert all(torch.equal(value, same[key]) for key, value in smooth.state_dict().items())
