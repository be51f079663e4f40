"""CycleGAN's step: who learns from what, and the way back."""

import copy

import pytest
import torch
from test_methods import assert_same, gradients, make, pictures

from train.methods import losses


def test_cyclegan_updates_the_generators_first():
    """G and F learn from the old discriminators; these then learn from the pictures made before."""
    weights = {"weight_adversarial": 5.0, "weight_adversarial_photo": 6.0, "weight_identity": 2.0}
    method = make("cyclegan-whole", weight_cycle=3.0, weight_cycle_sketch=4.0, **weights)
    x, y = pictures()
    nets = copy.deepcopy(method.nets)
    G, F, D_X, D_Y = nets.values()
    found = method.step(x, y)

    y_hat, x_hat = G(x), F(y)
    cycle, back = losses.mae(F(y_hat), x), losses.mae(G(x_hat), y)
    identity = losses.mae(G(y), y) + losses.mae(F(x), x)
    loss_G = 5 * ((D_Y(y_hat) - 1) ** 2).mean() + 6 * ((D_X(x_hat) - 1) ** 2).mean()
    loss_G = loss_G + 3 * cycle + 4 * back + 2 * identity
    loss_G.backward()
    assert found["G"].item() == pytest.approx(loss_G.item(), rel=1e-4)
    assert found["cycle"].item() == pytest.approx(cycle.item(), rel=1e-4)
    assert found["cycle_sketch"].item() == pytest.approx(back.item(), rel=1e-4)
    for key in "GF":
        assert_same(gradients(method.nets[key]), gradients(nets[key]))

    for D in (D_X, D_Y):
        D.zero_grad()
    loss_X = (((D_X(x) - 1) ** 2).mean() + (D_X(x_hat.detach()) ** 2).mean()) / 2
    loss_Y = (((D_Y(y) - 1) ** 2).mean() + (D_Y(y_hat.detach()) ** 2).mean()) / 2
    (loss_X + loss_Y).backward()
    assert found["D_X"].item() == pytest.approx(loss_X.item(), rel=1e-4)
    assert found["D_Y"].item() == pytest.approx(loss_Y.item(), rel=1e-4)
    for key in ("D_X", "D_Y"):
        assert_same(gradients(method.nets[key]), gradients(nets[key]))


def test_wild_photos_are_drawn_and_brought_back_but_never_shown_to_the_photos_judge():
    torch.manual_seed(0)
    (x, y), (wild, _) = pictures(), pictures()
    alone, beside = (make("cyclegan-whole") for _ in range(2))
    for key, net in alone.nets.items():
        beside.nets[key].load_state_dict(net.state_dict())
    without, found = alone.step(x, y, learn=False), beside.step(x, y, wild, learn=False)
    assert found["D_X"] == pytest.approx(without["D_X"].item(), rel=1e-5)
    G, F, _, D_Y = beside.nets.values()
    with torch.no_grad():
        drawn = G(torch.cat([x, wild]))
        assert found["cycle"].item() == pytest.approx(losses.mae(F(drawn), torch.cat([x, wild])).item(), rel=1e-4)
        assert found["adversarial_G"].item() == pytest.approx(((D_Y(drawn) - 1) ** 2).mean().item(), rel=1e-4)


ONE_CYCLE = {"weight_cycle": 1.0} | dict.fromkeys(
    ["weight_adversarial", "weight_adversarial_photo", "weight_cycle_sketch", "weight_gradients"], 0.0
)


def test_ssim_and_gradients_of_what_comes_back():
    method = make("cyclegan-whole", **{**ONE_CYCLE, "weight_ssim": 2.0, "weight_gradients": 3.0})
    (x, y), (G, F) = pictures(), (method.nets[key] for key in "GF")
    with torch.no_grad():
        x_back, y_back = F(G(x)), G(F(y))
        ssim, gradients = (2 - like(x_back, x) - like(y_back, y) for like in (losses.ssim, losses.gradient_similarity))
        total = losses.mae(x_back, x) + 2 * ssim + 3 * gradients
    found = method.step(x, y)
    assert found["ssim"].item() == pytest.approx(ssim.item(), rel=1e-4)
    assert found["gradients"].item() == pytest.approx(gradients.item(), rel=1e-4)
    assert found["G"].item() == pytest.approx(total.item(), rel=1e-4)


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_under_back_translation_the_way_back_learns_alone_and_from_noise(noise):
    method, (x, y) = make("cyclegan", back_translation=noise, **{**ONE_CYCLE, "weight_ssim": 0.0}), pictures()
    found = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        found.append(method.step(x, y, learn=False)["cycle"].item())
    assert (found[0] != found[1]) is (noise > 0)
    method.step(x, y)
    assert any(grad.any() for grad in gradients(method.nets["F"]))
    assert any(grad.any() for grad in gradients(method.nets["G"])) is (noise == 0)
