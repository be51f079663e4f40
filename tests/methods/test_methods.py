"""Every training method: one step moves every network, in its paper's order."""

import copy
from dataclasses import replace

import pytest
import torch

from facesketch import DIRECTIONS
from facesketch.images import label_maps
from facesketch.models import GENERATORS
from train.methods import METHODS, losses
from train.methods.autoencoder import accuracy
from train.presets import PRESETS

TINY = {"width": 4, "discriminator_width": 4, "batch": 1, "size": 256}


def make(name: str, **changes):
    """The method of a preset."""
    torch.manual_seed(0)
    return METHODS[PRESETS[name].method](replace(PRESETS[name], **{**TINY, **changes}))


def pictures(count: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    return (torch.rand(2, count, 3, 256, 256, generator=torch.Generator().manual_seed(1)) * 2 - 1).unbind()


def batch(method) -> tuple[torch.Tensor, ...]:
    x, y = pictures()
    inverse = (y, x) if method.config.inverse else ()
    if not method.config.styles:
        return (x, y, *inverse)
    first, other = (label_maps([i], len(method.config.styles.split()), 256) for i in (0, 2))
    return (torch.cat([x, first], 1), y, *inverse, torch.cat([y, other], 1), x)


def gradients(net: torch.nn.Module) -> list[torch.Tensor]:
    return [p.grad for p in net.parameters()]


def assert_same(found: list[torch.Tensor], expected: list[torch.Tensor]) -> None:
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-3 * b.abs().max().item() + 1e-9)


def test_every_preset_names_a_method_and_a_network():
    for name, config in PRESETS.items():
        assert config.preset == name
        assert (
            config.method in METHODS
            and config.network in GENERATORS
            and config.adversarial in losses.ADVERSARIAL_LOSSES
        )


@pytest.mark.parametrize("name", METHODS)
def test_what_a_method_has(name):
    method = make(name)
    assert isinstance(method.paired, bool)
    assert (
        set(method.generators) <= set(DIRECTIONS)
        and next(iter(method.generators)) == f"photo_to_{method.config.target}"
    )
    network = GENERATORS[PRESETS[name].network]
    assert all(isinstance(method.nets[net], network) for net in method.generators.values())
    assert len(set(method.generators.values())) == len(method.generators)
    held = [
        id(p) for optimizer in method.optimizers.values() for group in optimizer.param_groups for p in group["params"]
    ]
    assert sorted(held) == sorted(id(p) for net in method.nets.values() for p in net.parameters())


@pytest.mark.parametrize("adversarial", losses.ADVERSARIAL_LOSSES)
@pytest.mark.parametrize("name", METHODS)
def test_one_step_moves_every_parameter(name, adversarial):
    method = make(name, adversarial=adversarial)
    before = {key: copy.deepcopy(net.state_dict()) for key, net in method.nets.items()}
    found = method.step(*batch(method))
    for key, net in method.nets.items():
        for parameter, value in net.named_parameters():
            assert torch.isfinite(value).all(), (key, parameter)
            assert not torch.equal(value, before[key][parameter]), (key, parameter)
    assert found
    for key, value in found.items():
        assert value.shape == () and torch.isfinite(value) and not value.requires_grad, key


@pytest.mark.parametrize("name", METHODS)
def test_a_step_that_is_not_to_learn_tells_the_losses_and_changes_nothing(name):
    method, learning = make(name), make(name)
    before = copy.deepcopy([dict(net.named_parameters()) for net in method.nets.values()])
    torch.manual_seed(3)
    with torch.no_grad():
        found = method.step(*batch(method), learn=False)
    for net, state in zip(method.nets.values(), before, strict=True):
        assert all(torch.equal(value, state[key]) for key, value in net.named_parameters())
    assert all(not pool.images for pool in getattr(method, "pools", {}).values())
    torch.manual_seed(3)
    learned = learning.step(*batch(method))
    assert found.keys() == learned.keys()
    first = "D" if name == "pix2pix" else next(iter(method.nets))  # what is updated first has not seen an update yet
    assert found[first].item() == pytest.approx(learned[first].item(), rel=1e-5)
    assert_same([p for net in method.nets.values() for p in net.parameters()], [v for s in before for v in s.values()])


def test_accuracy_is_the_share_of_pixels_whose_largest_channel_agrees():
    y = torch.tensor([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0], [0.5, 0.5, 0.5], [0.0, 0.0, 1.0]]).T.reshape(1, 3, 2, 2)
    y_hat = torch.tensor([[0.1, 0.9, 0.0], [0.0, 0.0, 0.2], [0.4, 0.3, 0.2], [0.0, 0.1, 0.0]]).T.reshape(1, 3, 2, 2)
    assert accuracy(y_hat, y).item() == 0.5  # the first; the third, whose target's first channel counts as the largest


@pytest.mark.parametrize("name", [name for name in METHODS if f"{name}-deck" in PRESETS])
def test_deck_preset_takes_a_step(name):
    config = replace(PRESETS[f"{name}-deck"], **TINY)
    found = METHODS[name](config).step(*pictures())
    assert all(torch.isfinite(value) for value in found.values())


@pytest.mark.parametrize("name", METHODS)
def test_same_seed_same_step(name):
    runs = []
    for _ in range(2):
        method = make(name)
        torch.manual_seed(5)
        found = [method.step(*batch(method)) for _ in range(2)]
        runs.append(
            [value for each in found for value in each.values()]
            + [p for net in method.nets.values() for p in net.parameters()]
        )
    assert all(torch.equal(a, b) for a, b in zip(*runs, strict=True))


def test_autoencoder_loss_is_its_terms():
    method, (x, y) = make("autoencoder", weight_l1=2.0, weight_ssim=3.0), pictures()
    y_hat = method.nets["G"](x).detach()
    found = method.step(x, y)
    l1, ssim = losses.mae(y_hat, y).item(), 1 - losses.ssim(y_hat, y).item()
    assert found["l1"].item() == pytest.approx(l1, rel=1e-4) and found["ssim"].item() == pytest.approx(ssim, rel=1e-4)
    assert found["G"].item() == pytest.approx(2 * l1 + 3 * ssim, rel=1e-4)


def test_autoencoder_learns_one_pair_by_heart():
    y = torch.linspace(-1, 1, 256).view(1, 1, 1, 256).expand(1, 3, 256, 256).contiguous()
    method = make("autoencoder")
    found = [method.step(pictures()[0], y)["G"].item() for _ in range(30)]
    assert found[-1] < 0.7 * found[0]


def test_pix2pix_updates_d_first():
    """D learns from the old G; G then learns from the new D, and D's own loss leaves no trace in G."""
    method, (x, y) = (
        make(
            "pix2pix-cufs",
            weight_adversarial=4.0,
            weight_l1=2.0,
            weight_ssim=3.0,
            weight_gradients=5.0,
            adversarial="bce",
        ),
        pictures(),
    )
    G, D = (copy.deepcopy(method.nets[key]) for key in "GD")
    found = method.step(x, y)

    y_hat = G(x)
    real, fake = D(torch.cat([x, y], 1)), D(torch.cat([x, y_hat.detach()], 1))
    loss_D = (losses.adversarial_bce(real, True) + losses.adversarial_bce(fake, False)) / 2
    loss_D.backward()
    assert found["D"].item() == pytest.approx(loss_D.item(), rel=1e-4)
    assert_same(gradients(method.nets["D"]), gradients(D))

    verdict = copy.deepcopy(method.nets["D"])(torch.cat([x, y_hat], 1))
    loss_G = 4 * losses.adversarial_bce(verdict, True) + 2 * losses.mae(y_hat, y)
    loss_G = loss_G + 3 * (1 - losses.ssim(y_hat, y)) + 5 * (1 - losses.gradient_similarity(y_hat, y))
    loss_G.backward()
    assert found["G"].item() == pytest.approx(loss_G.item(), rel=1e-4)
    assert found["adversarial"].item() == pytest.approx(losses.adversarial_bce(verdict, True).item(), rel=1e-4)
    assert_same(gradients(method.nets["G"]), gradients(G))


def test_generators_face_their_direction():
    assert make("autoencoder").generators == make("pix2pix-cufs", inverse=False).generators == {"photo_to_sketch": "G"}
    for name in ("pix2pix", "cyclegan"):
        assert make(name).generators == {"photo_to_sketch": "G", "sketch_to_photo": "F"}
    assert make("pix2pix-back").generators == {"sketch_to_photo": "F"}


def test_the_inverse_learns_as_the_direction_does():
    """F and D_X, begun as G and D, do on the same pictures what those do, and have the same losses."""
    method, (x, y) = make("pix2pix-cufs"), pictures()
    for first, second in (("G", "F"), ("D", "D_X")):
        method.nets[second].load_state_dict(method.nets[first].state_dict())
    start = copy.deepcopy(method.nets["G"].state_dict())
    found = method.step(x, y, x, y)
    assert len(found) == 12
    for first, second in (("G", "F"), ("D", "D_X"), ("l1", "l1_F"), ("adversarial", "adversarial_F")):
        assert torch.equal(found[first], found[second])
    alone = make("pix2pix-cufs", target="photo", inverse=False)
    alone.nets["F"].load_state_dict(start)
    assert alone.step(x, y).keys() == {name for name in found if name in ("F", "D_X") or name.endswith("_F")}
    assert_same(list(method.nets["F"].parameters()), list(method.nets["G"].parameters()))
    assert_same(list(method.nets["D_X"].parameters()), list(method.nets["D"].parameters()))
