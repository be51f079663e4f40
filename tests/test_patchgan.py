"""The discriminator: how many verdicts, of what patches, and what it sees."""

import pytest
import torch
from test_models import WIDTH, count, on_meta, parameters, pictures
from torch import nn

from facesketch.models import PatchGAN


@pytest.mark.parametrize("channels", [3, 6])
def test_patchgan_gives_30_by_30_logits(channels):
    torch.manual_seed(0)
    network = PatchGAN(channels, WIDTH)
    assert count(network, nn.Conv2d) == 5
    logits = network(torch.rand(2, channels, 256, 256) * 200 - 100)
    assert logits.shape == (2, 1, 30, 30)
    assert torch.isfinite(logits).all()


@pytest.mark.parametrize("channels", [3, 6])
def test_patchgan_gradient_reaches_every_parameter_and_the_picture(channels):
    torch.manual_seed(0)
    network = PatchGAN(channels, WIDTH)
    x = (torch.rand(1, channels, 256, 256) * 2 - 1).requires_grad_()
    (network(x) ** 2).mean().backward()
    for key, p in network.named_parameters():
        assert torch.isfinite(p.grad).all() and p.grad.abs().max() > 0, key
    assert (x.grad.abs().amax(dim=(0, 2, 3)) > 0).all()


@pytest.mark.parametrize(("steps", "side"), [(3, 70), (2, 34)])
def test_patchgan_verdict_sees_as_many_pixels_as_it_says(steps, side):
    network = PatchGAN(3, WIDTH, steps)
    for i, module in enumerate(network.layers):
        if isinstance(module, nn.InstanceNorm2d):  # it lets every pixel into every verdict, faintly
            network.layers[i] = nn.Identity()
        if isinstance(module, nn.Conv2d):
            nn.init.ones_(module.weight)
    x = torch.ones(1, 3, 256, 256, requires_grad=True)
    network(x)[0, 0, 15, 15].backward()
    seen = x.grad[0].abs().amax(0) > 0
    rows, columns = seen.any(1).nonzero(), seen.any(0).nonzero()
    assert rows.max() - rows.min() + 1 == side and columns.max() - columns.min() + 1 == side
    assert seen.sum() == side**2


def test_patchgan_without_norms_sees_how_strong_strokes_are():
    torch.manual_seed(0)
    x = pictures(1)
    with torch.no_grad():
        apart = [(net(x) - net(x / 2)).abs().mean() for net in (PatchGAN(3, 8), PatchGAN(3, 8, normed=False))]
        sizes = [net(x).abs().mean() for net in (PatchGAN(3, 8), PatchGAN(3, 8, normed=False))]
    assert apart[0] / sizes[0] < 0.3 < apart[1] / sizes[1]


def test_patchgan_paper_size():
    assert [round(parameters(on_meta(PatchGAN, c, 64)) / 1e6, 2) for c in (3, 6)] == [2.77, 2.77]
