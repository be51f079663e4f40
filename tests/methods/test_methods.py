"""Every training method: one step moves every network, in its paper's order."""

import copy

import pytest
import torch

from facesketch.image.pixels import style_maps
from facesketch.models import GENERATORS, create_generator
from facesketch.models.config import DIRECTIONS
from train.config import override
from train.data.batch import Batch
from train.methods import METHODS, Method, losses
from train.methods.autoencoder import accuracy
from train.presets import PRESETS

TINY = {"model.width": 4, "model.discriminator_width": 4, "model.size": 256, "batch_size": 1}


def make(name: str, changes: dict | None = None) -> Method:
    """The method of a preset."""
    torch.manual_seed(0)
    return METHODS[PRESETS[name].method](override(PRESETS[name], {**TINY, **(changes or {})}))


def images(count: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    return (torch.rand(2, count, 3, 256, 256, generator=torch.Generator().manual_seed(1)) * 2 - 1).unbind()


def make_batch(name: str, changes: dict | None = None) -> Batch:
    """A batch for the method of a preset."""
    x, y = images()
    model = override(PRESETS[name], changes or {}).model
    inverse = Batch(y, x) if model.inverse else None
    if not model.styles:
        return Batch(x, y, inverse=inverse)
    first, other = (style_maps([i], len(model.styles), 256) for i in (0, 2))
    return Batch(x, y, first, inverse, Batch(y, x, other))


def gradients(net: torch.nn.Module) -> list[torch.Tensor]:
    return [p.grad for p in net.parameters()]


def assert_same(found: list[torch.Tensor], expected: list[torch.Tensor]) -> None:
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-3 * b.abs().max().item() + 1e-9)


def test_every_preset_names_a_method_a_network_and_a_direction():
    for config in PRESETS.values():
        assert config.method in METHODS and config.model.network in GENERATORS and config.model.direction in DIRECTIONS
        assert config.flat().get("losses.gan_mode", "bce") in losses.ADVERSARIAL_LOSSES


@pytest.mark.parametrize("name", METHODS)
def test_what_a_method_has(name):
    method, model = make(name), PRESETS[name].model
    assert isinstance(method.paired, bool)
    assert set(method.generators) <= set(DIRECTIONS) and next(iter(method.generators)) == model.direction
    network = type(create_generator(model.network, 4))
    assert all(isinstance(method.nets[net], network) for net in method.generators.values())
    assert len(set(method.generators.values())) == len(method.generators)
    optimized = [
        id(p) for optimizer in method.optimizers.values() for group in optimizer.param_groups for p in group["params"]
    ]
    assert sorted(optimized) == sorted(id(p) for net in method.nets.values() for p in net.parameters())


ADVERSARIAL = [(name, mode) for name in ("pix2pix", "cyclegan") for mode in losses.ADVERSARIAL_LOSSES]


@pytest.mark.parametrize(("name", "gan_mode"), [("autoencoder", ""), ("matte", ""), *ADVERSARIAL])
def test_a_step_moves_every_parameter(name, gan_mode):
    method = make(name, {"losses.gan_mode": gan_mode} if gan_mode else {})
    before = {key: copy.deepcopy(net.state_dict()) for key, net in method.nets.items()}
    found = method.train_step(make_batch(name))
    for key, net in method.nets.items():
        for parameter, value in net.named_parameters():
            assert torch.isfinite(value).all(), (key, parameter)
            assert not torch.equal(value, before[key][parameter]), (key, parameter)
    assert found
    for key, value in found.items():
        assert value.shape == () and torch.isfinite(value) and not value.requires_grad, key


@pytest.mark.parametrize("name", METHODS)
def test_validation_losses_are_those_of_a_step_and_change_nothing(name):
    method, trained, batch = make(name), make(name), make_batch(name)
    before = copy.deepcopy([dict(net.named_parameters()) for net in method.nets.values()])
    torch.manual_seed(3)
    found = method.validation_losses(batch)
    for net, state in zip(method.nets.values(), before, strict=True):
        assert all(torch.equal(value, state[key]) for key, value in net.named_parameters())
    assert not any(value.requires_grad for value in found.values())
    assert all(not pool.images for pool in method.pools.values())
    torch.manual_seed(3)
    losses_of_step = trained.train_step(batch)
    assert found.keys() == losses_of_step.keys()
    first = "D" if name == "pix2pix" else next(iter(method.nets))  # what is updated first has not seen an update yet
    assert found[first].item() == pytest.approx(losses_of_step[first].item(), rel=1e-5)


def test_accuracy_is_the_share_of_pixels_with_the_same_largest_channel():
    y = torch.tensor([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.5, 0.5, 0.5], [0.0, 0.0, 1.0]]).T.reshape(1, 3, 2, 2)
    y_hat = torch.tensor([[0.1, 0.9, 0.0], [0.0, 0.0, 0.2], [0.4, 0.3, 0.2], [0.0, 0.1, 0.0]]).T.reshape(1, 3, 2, 2)
    assert accuracy(y_hat, y).item() == 0.5  # the first; the third, whose target's first channel counts as the largest


@pytest.mark.parametrize("name", [name for name in METHODS if f"{name}-deck" in PRESETS])
def test_the_decks_preset_takes_a_step(name):
    found = make(f"{name}-deck").train_step(Batch(*images()))
    assert all(torch.isfinite(value) for value in found.values())


@pytest.mark.parametrize("name", METHODS)
def test_the_same_seed_is_the_same_step(name):
    runs = []
    for _ in range(2):
        method = make(name)
        torch.manual_seed(5)
        steps = [method.train_step(make_batch(name)) for _ in range(2)]
        values = [value for found in steps for value in found.values()]
        runs.append(values + [p for net in method.nets.values() for p in net.parameters()])
    assert all(torch.equal(a, b) for a, b in zip(*runs, strict=True))


def test_the_autoencoders_loss_is_the_sum_of_its_terms():
    method, (x, y) = make("autoencoder", {"losses.l1": 2.0, "losses.ssim": 3.0}), images()
    y_hat = method.nets["G"](x).detach()
    found = method.train_step(Batch(x, y))
    l1, ssim = losses.mae(y_hat, y).item(), 1 - losses.ssim(y_hat, y).item()
    assert found["l1"].item() == pytest.approx(l1, rel=1e-4) and found["ssim"].item() == pytest.approx(ssim, rel=1e-4)
    assert found["G"].item() == pytest.approx(2 * l1 + 3 * ssim, rel=1e-4)


def test_the_mattes_loss_is_the_sum_of_its_terms():
    method, (x, y) = make("matte", {"losses.bce": 2.0, "losses.iou": 3.0}), images()
    found = method.train_step(Batch(x, y))
    assert found["M"].item() == pytest.approx(2 * found["coverage"].item() + 3 * found["overlap"].item(), rel=1e-4)


def test_a_matte_network_that_is_certain_and_wrong_learns():
    """In float32 its outputs are rounded to 1, where tanh has no gradient."""
    method, x = make("matte", {"losses.iou": 0.0}), images()[0]
    (bias,) = (p for name, p in method.nets["M"].named_parameters() if name == "last.0.bias")
    torch.nn.init.constant_(bias, 20.0)
    assert (method.nets["M"](x) == 1).all()
    method.train_step(Batch(x, -torch.ones_like(x)))
    assert (bias.grad > 0.1 / bias.numel()).all()


def test_an_autoencoder_can_memorize_one_pair():
    y = torch.linspace(-1, 1, 256).view(1, 1, 1, 256).expand(1, 3, 256, 256).contiguous()
    method = make("autoencoder")
    found = [method.train_step(Batch(images()[0], y))["G"].item() for _ in range(30)]
    assert found[-1] < 0.7 * found[0]


def test_pix2pix_updates_d_first():
    """D learns from the old G; G then learns from the new D, and D's own loss leaves no trace in G."""
    weights = {"losses.gan_mode": "bce", "losses.adversarial": 4.0, "losses.l1": 2.0}
    method = make("pix2pix-cufs", {**weights, "losses.ssim": 3.0, "losses.gradients": 5.0})
    x, y = images()
    G, D = (copy.deepcopy(method.nets[key]) for key in "GD")
    found = method.train_step(Batch(x, y))

    y_hat = G(x)
    real, fake = D(torch.cat([x, y], 1)), D(torch.cat([x, y_hat.detach()], 1))
    loss_D = (losses.adversarial_bce(real, True) + losses.adversarial_bce(fake, False)) / 2
    loss_D.backward()
    assert found["D"].item() == pytest.approx(loss_D.item(), rel=1e-4)
    assert_same(gradients(method.nets["D"]), gradients(D))

    logits = copy.deepcopy(method.nets["D"])(torch.cat([x, y_hat], 1))
    loss_G = 4 * losses.adversarial_bce(logits, True) + 2 * losses.mae(y_hat, y)
    loss_G = loss_G + 3 * (1 - losses.ssim(y_hat, y)) + 5 * (1 - losses.gradient_similarity(y_hat, y))
    loss_G.backward()
    assert found["G"].item() == pytest.approx(loss_G.item(), rel=1e-4)
    assert found["adversarial"].item() == pytest.approx(losses.adversarial_bce(logits, True).item(), rel=1e-4)
    assert_same(gradients(method.nets["G"]), gradients(G))


def test_the_direction_of_every_generator():
    forward = {"photo_to_sketch": "G"}
    assert make("autoencoder").generators == make("pix2pix-cufs", {"model.inverse": False}).generators == forward
    for name in ("pix2pix", "cyclegan"):
        assert make(name).generators == {"photo_to_sketch": "G", "sketch_to_photo": "F"}
    assert make("pix2pix-sketch-to-photo").generators == {"sketch_to_photo": "F"}


def test_the_inverse_generator_learns_like_the_first():
    """F and D_X, with the weights of G and D, learn the same from the same images, and have the same losses."""
    method, (x, y) = make("pix2pix-cufs"), images()
    for first, second in (("G", "F"), ("D", "D_X")):
        method.nets[second].load_state_dict(method.nets[first].state_dict())
    start = copy.deepcopy(method.nets["G"].state_dict())
    found = method.train_step(Batch(x, y, inverse=Batch(x, y)))
    assert len(found) == 12
    for first, second in (("G", "F"), ("D", "D_X"), ("l1", "l1_F"), ("adversarial", "adversarial_F")):
        assert torch.equal(found[first], found[second])
    alone = make("pix2pix-cufs", {"model.direction": "sketch_to_photo", "model.inverse": False})
    alone.nets["F"].load_state_dict(start)
    inverse_losses = {name for name in found if name in ("F", "D_X") or name.endswith("_F")}
    assert alone.train_step(Batch(x, y)).keys() == inverse_losses
    assert_same(list(method.nets["F"].parameters()), list(method.nets["G"].parameters()))
    assert_same(list(method.nets["D_X"].parameters()), list(method.nets["D"].parameters()))
