"""CycleGAN's step: which network learns from what, and the cycles."""

import copy

import pytest
import torch
from test_methods import assert_same, gradients, images, make

from train.data.batch import Batch
from train.methods import losses


def test_cyclegan_updates_the_generators_first():
    """G and F learn from the old discriminators, which then learn from the images generated before."""
    weights = {"adversarial_sketch": 5.0, "adversarial_photo": 6.0, "identity": 2.0, "cycle_photo": 3.0}
    weights |= {"cycle_sketch": 4.0}
    method = make("cyclegan-fullres", {f"losses.{name}": value for name, value in weights.items()})
    x, y = images()
    nets = copy.deepcopy(method.nets)
    G, F, D_X, D_Y = nets.values()
    found = method.train_step(Batch(x, y))

    y_hat, x_hat = G(x), F(y)
    cycle_x, cycle_y = losses.mae(F(y_hat), x), losses.mae(G(x_hat), y)
    identity = losses.mae(G(y), y) + losses.mae(F(x), x)
    loss_G = 5 * ((D_Y(y_hat) - 1) ** 2).mean() + 6 * ((D_X(x_hat) - 1) ** 2).mean()
    loss_G = loss_G + 3 * cycle_x + 4 * cycle_y + 2 * identity
    loss_G.backward()
    assert found["G"].item() == pytest.approx(loss_G.item(), rel=1e-4)
    assert found["cycle"].item() == pytest.approx(cycle_x.item(), rel=1e-4)
    assert found["cycle_sketch"].item() == pytest.approx(cycle_y.item(), rel=1e-4)
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


def test_unpaired_photos_go_through_the_cycle_but_not_to_the_photos_discriminator():
    torch.manual_seed(0)
    (x, y), (more, _) = images(), images()
    without, with_more = (make("cyclegan-fullres") for _ in range(2))
    for key, net in without.nets.items():
        with_more.nets[key].load_state_dict(net.state_dict())
    expected = without.validation_losses(Batch(x, y))
    found = with_more.validation_losses(Batch(x, y, unpaired=more))
    assert found["D_X"] == pytest.approx(expected["D_X"].item(), rel=1e-5)
    G, F, _, D_Y = with_more.nets.values()
    with torch.no_grad():
        drawn = G(torch.cat([x, more]))
        assert found["cycle"].item() == pytest.approx(losses.mae(F(drawn), torch.cat([x, more])).item(), rel=1e-4)
        assert found["adversarial_G"].item() == pytest.approx(((D_Y(drawn) - 1) ** 2).mean().item(), rel=1e-4)


def test_sketch_to_photo_alone_learns_from_the_drawings_of_photos_and_from_sketches_without_one():
    """F alone: the cycle of the photo, whose drawing is given, and an adversarial loss on all sketches."""
    weights = {"losses.perceptual": 0.0, "losses.face_identity": 0.0, "losses.cycle_photo": 3.0}
    method = make("cyclegan-sketch-to-photo", weights)
    assert method.nets.keys() == {"F", "D_X"} and method.generators == {"sketch_to_photo": "F"}
    (x, drawing), (sketch, _) = images(), images()
    F, D_X = copy.deepcopy([*method.nets.values()])
    found = method.train_step(Batch(drawing, x, unpaired=sketch))
    x_hat = F(torch.cat([drawing, sketch]))
    cycle, adversarial = losses.mae(x_hat[:1], x), losses.adversarial_bce(D_X(x_hat), True)
    (3 * cycle + adversarial).backward()
    assert found["F"].item() == pytest.approx((3 * cycle + adversarial).item(), rel=1e-4)
    assert found["cycle"].item() == pytest.approx(cycle.item(), rel=1e-4)
    assert_same(gradients(method.nets["F"]), gradients(F))
    expected = (losses.adversarial_bce(D_X(x), True) + losses.adversarial_bce(D_X(x_hat.detach()), False)) / 2
    assert found["D_X"].item() == pytest.approx(expected.item(), rel=1e-4)


ONE_CYCLE = {"losses.cycle_photo": 1.0} | dict.fromkeys(
    ["losses.adversarial_sketch", "losses.adversarial_photo", "losses.cycle_sketch", "losses.gradients"], 0.0
)


def test_ssim_and_gradients_compare_both_cycles():
    method = make("cyclegan-fullres", {**ONE_CYCLE, "losses.ssim": 2.0, "losses.gradients": 3.0})
    (x, y), (G, F) = images(), (method.nets[key] for key in "GF")
    with torch.no_grad():
        x_cycle, y_cycle = F(G(x)), G(F(y))
        ssim, gradient = (
            2 - similarity(x_cycle, x) - similarity(y_cycle, y)
            for similarity in (losses.ssim, losses.gradient_similarity)
        )
        total = losses.mae(x_cycle, x) + 2 * ssim + 3 * gradient
    found = method.train_step(Batch(x, y))
    assert found["ssim"].item() == pytest.approx(ssim.item(), rel=1e-4)
    assert found["gradients"].item() == pytest.approx(gradient.item(), rel=1e-4)
    assert found["G"].item() == pytest.approx(total.item(), rel=1e-4)


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_with_cycle_noise_only_the_second_generator_learns_from_a_cycle(noise):
    method = make("cyclegan", {**ONE_CYCLE, "losses.ssim": 0.0, "losses.cycle_noise": noise})
    batch, found = Batch(*images()), []
    for seed in (1, 2):
        torch.manual_seed(seed)
        found.append(method.validation_losses(batch)["cycle"].item())
    assert (found[0] != found[1]) is (noise > 0)
    method.train_step(batch)
    assert any(grad.any() for grad in gradients(method.nets["F"]))
    assert any(grad.any() for grad in gradients(method.nets["G"])) is (noise == 0)
