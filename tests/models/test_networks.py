"""All networks: shape, range, gradients, deterministic output, and the layers of their papers."""

import pytest
import torch
from torch import nn

from facesketch.models import GENERATORS, Autoencoder, GrainUNet, PatchGAN, ResNet, UNet, create_generator
from facesketch.models.layers import norm
from facesketch.models.resnet import ResidualBlock

WIDTH = 4


def make(name: str) -> nn.Module:
    torch.manual_seed(0)
    return create_generator(name, WIDTH)


def pictures(count: int, seed: int = 1) -> torch.Tensor:
    return torch.rand(count, 3, 256, 256, generator=torch.Generator().manual_seed(seed)) * 2 - 1


def on_meta(network: type, *args) -> nn.Module:
    with torch.device("meta"):
        return network(*args)


def count(network: nn.Module, kind: type) -> int:
    return sum(isinstance(module, kind) for module in network.modules())


def parameters(network: nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


@pytest.mark.parametrize("name", GENERATORS)
def test_shape_and_range(name):
    x = pictures(2)
    y = make(name)(x)
    assert y.shape == x.shape and y.dtype == torch.float32
    assert y.min() >= -1 and y.max() <= 1
    assert y.std() > 0


@pytest.mark.parametrize("name", GENERATORS)
def test_range_holds_for_extreme_weights(name):
    network = make(name)
    with torch.no_grad():
        for p in network.parameters():
            p.mul_(50)
        y = network(pictures(1))
    assert torch.isfinite(y).all() and y.abs().max() <= 1


@pytest.mark.parametrize("name", GENERATORS)
def test_gradient_reaches_every_parameter(name):
    network = make(name)
    (network(pictures(2)) * pictures(2, seed=2)).sum().backward()
    for key, p in network.named_parameters():
        assert p.grad is not None, key
        assert torch.isfinite(p.grad).all(), key
        assert p.grad.abs().max() > 0, key


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("name", GENERATORS)
def test_same_output_alone_in_a_batch_and_after_others(name, training):
    network, x = make(name).train(training), pictures(3)
    if training and hasattr(network, "noise"):
        pytest.skip("its noise is shifted in training")
    with torch.no_grad():
        alone = network(x[:1])
        assert torch.equal(network(x[:1]), alone)
        batch = network(x)
        network(pictures(2, seed=9) * 0.1 + 0.9)  # which a running mean would remember
        assert torch.equal(network(x[:1]), alone)
        assert torch.equal(network(x), batch)
        torch.testing.assert_close(batch[:1], alone, rtol=0, atol=1e-5)
        if not hasattr(network, "noise"):
            torch.testing.assert_close(network.train(not training)(x[:1]), alone, rtol=0, atol=0)


@pytest.mark.parametrize("name", GENERATORS)
def test_state_is_parameters_and_fixed_noise(name):
    network = make(name)
    fixed = {"noise"} if name == "unet-grain" else set()
    assert dict(network.named_buffers()).keys() == fixed
    assert network.state_dict().keys() == dict(network.named_parameters()).keys() | fixed


def test_noise_is_fixed_in_eval_and_shifted_in_training():
    network, x = make("unet-grain"), pictures(1)
    assert torch.equal(network.noise, GrainUNet(WIDTH).noise)
    with torch.no_grad():
        first, second = network(x), network(x)
        assert not torch.equal(first, second)
        assert torch.equal(network.eval()(x), network(x))
        assert network(x.repeat(1, 1, 2, 1)).shape == (1, 3, 512, 256)


def test_noise_acts_locally():
    network, x = make("unet-grain").eval(), torch.zeros(1, 3, 256, 256)
    with torch.no_grad():
        before = network(x)
        network.noise[..., 100, 100] += 10
        rows, columns = (network(x) - before).abs().amax((0, 1)).gt(1e-6).nonzero().T
    assert len(rows) and min(rows.min(), columns.min()) >= 95 and max(rows.max(), columns.max()) <= 106


def test_the_mattes_logits_are_those_of_its_output():
    network, x = make("matte"), pictures(2)
    with torch.no_grad():
        logits = network(x, logits=True)
        assert logits.shape == (2, 1, 256, 256) and torch.equal(network(x)[:, :1], torch.tanh(logits / 2))


def test_autoencoder_layers():
    network = on_meta(Autoencoder, 16)
    convolutions = [m for m in network.modules() if isinstance(m, nn.Conv2d)]
    assert len(convolutions) == 6 and count(network, nn.ConvTranspose2d) == 8
    assert [m.out_channels for m in convolutions] == [16, 32, 64, 128, 256, 256]
    assert parameters(network) == 3_497_299


def test_autoencoder_has_a_bottleneck_of_4_by_4():
    """All six strided convolutions come before the first transposed one, so the encoder's output is 4 x 4."""
    network = make("autoencoder")
    shapes = []
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            module.register_forward_hook(lambda m, i, o: shapes.append(o.shape[-1]))
    network(pictures(1))
    assert shapes == [128, 64, 32, 16, 8, 4, 8, 16, 32, 64, 128, 256, 256, 256]


@pytest.mark.parametrize(("width", "millions"), [(64, 54.41), (24, 7.66)])
def test_unet_layers(width, millions):
    network = on_meta(UNet, width)
    assert count(network, nn.Conv2d) == 8 and count(network, nn.ConvTranspose2d) == 8
    assert round(parameters(network) / 1e6, 2) == millions


def test_unet_has_skip_connections():
    """Without the bottleneck, the output still depoutputs on the input."""
    network, x = make("unet"), pictures(2)
    with torch.no_grad():
        for p in network.down[7].parameters():
            p.zero_()
        y = network(x)
    assert not torch.allclose(y[0], y[1], atol=1e-3)


@pytest.mark.parametrize(("width", "millions"), [(64, 11.38), (32, 2.85)])
def test_resnet_layers(width, millions):
    network = on_meta(ResNet, width)
    assert count(network, ResidualBlock) == 9
    assert round(parameters(network) / 1e6, 2) == millions


def test_resnet_has_no_running_statistics():
    assert not [key for key in on_meta(ResNet, 8).state_dict() if "running" in key or "batches" in key]


@pytest.mark.parametrize("size", [64, 128])
def test_resnet_accepts_other_sizes(size):
    assert make("resnet")(pictures(1)[..., :size, :size]).shape == (1, 3, size, size)


@pytest.mark.parametrize("name", GENERATORS)
def test_gradient_of_a_white_output_in_bfloat16(name):
    """In bfloat16, tanh(4) is 1 and its gradient 0, so a network with white output could not learn any more."""
    network = create_generator(name, 4)
    last = [module for module in network.modules() if isinstance(module, torch.nn.Conv2d | torch.nn.ConvTranspose2d)][
        -1
    ]
    nn.init.zeros_(last.weight)
    nn.init.constant_(last.bias, 4.0)
    with torch.autocast("cpu", torch.bfloat16):
        y = network(torch.zeros(1, 3, 256, 256))
    y.mean().backward()
    share = last.bias.grad * last.bias.numel()  # with a pixel shuffle, each bias is one pixel of a block
    assert y.dtype == torch.float32 and (share > 1e-3).all()


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
def test_instance_norm_equals_torchs_in_any_batch_and_memory_format(memory_format):
    torch.manual_seed(0)
    ours, theirs = norm(6), nn.InstanceNorm2d(6, affine=True)
    for parameter, own in zip(theirs.parameters(), ours.parameters(), strict=True):
        own.data.copy_(parameter.data.normal_())
    x = torch.randn(3, 6, 9, 8).to(memory_format=memory_format)
    outputs, sources = [], []
    for layer in (ours, theirs):
        sources.append(x.clone().requires_grad_())
        outputs.append(layer(sources[-1]))
        (outputs[-1] ** 3).sum().backward()
    torch.testing.assert_close(*outputs)
    torch.testing.assert_close(sources[0].grad, sources[1].grad, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(ours.weight.grad, theirs.weight.grad, rtol=1e-4, atol=1e-4)
    assert torch.equal(outputs[0], torch.cat([ours(each[None]) for each in x]))


@pytest.mark.parametrize("channels", [3, 6])
def test_patchgan_gives_30_by_30_logits(channels):
    torch.manual_seed(0)
    network = PatchGAN(channels, WIDTH)
    assert count(network, nn.Conv2d) == 5
    logits = network(torch.rand(2, channels, 256, 256) * 200 - 100)
    assert logits.shape == (2, 1, 30, 30)
    assert torch.isfinite(logits).all()


@pytest.mark.parametrize("channels", [3, 6])
def test_patchgan_gradient_reaches_every_parameter_and_pixel(channels):
    torch.manual_seed(0)
    network = PatchGAN(channels, WIDTH)
    x = (torch.rand(1, channels, 256, 256) * 2 - 1).requires_grad_()
    (network(x) ** 2).mean().backward()
    for key, p in network.named_parameters():
        assert torch.isfinite(p.grad).all() and p.grad.abs().max() > 0, key
    assert (x.grad.abs().amax(dim=(0, 2, 3)) > 0).all()


@pytest.mark.parametrize(("n_layers", "side"), [(3, 70), (2, 34)])
def test_patchgan_receptive_field(n_layers, side):
    network = PatchGAN(3, WIDTH, n_layers)
    for i, module in enumerate(network.layers):
        if isinstance(module, nn.InstanceNorm2d):  # its statistics depend on every pixel
            network.layers[i] = nn.Identity()
        if isinstance(module, nn.Conv2d):
            nn.init.ones_(module.weight)
    x = torch.ones(1, 3, 256, 256, requires_grad=True)
    network(x)[0, 0, 15, 15].backward()
    seen = x.grad[0].abs().amax(0) > 0
    rows, columns = seen.any(1).nonzero(), seen.any(0).nonzero()
    assert rows.max() - rows.min() + 1 == side and columns.max() - columns.min() + 1 == side
    assert seen.sum() == side**2


def test_patchgan_without_norms_judges_the_strength_of_strokes():
    torch.manual_seed(0)
    x = pictures(1)
    with torch.no_grad():
        differences = [(net(x) - net(x / 2)).abs().mean() for net in (PatchGAN(3, 8), PatchGAN(3, 8, normed=False))]
        magnitudes = [net(x).abs().mean() for net in (PatchGAN(3, 8), PatchGAN(3, 8, normed=False))]
    assert differences[0] / magnitudes[0] < 0.3 < differences[1] / magnitudes[1]


def test_patchgan_paper_size():
    assert [round(parameters(on_meta(PatchGAN, c, 64)) / 1e6, 2) for c in (3, 6)] == [2.77, 2.77]
