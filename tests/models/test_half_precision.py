"""Half precision serves where it is faster and near, and nothing that is measured is drawn in it."""

import gc
import weakref

import numpy as np
import pytest
import torch
from conftest import draw_face
from torch import nn

import facesketch
from facesketch import fast
from facesketch.images import label_maps, resize, to_image, to_tensor
from facesketch.look import RAW

FACE = draw_face(0)[0]


def levels(a, b) -> float:
    return float(np.abs(np.asarray(a.convert("L"), float) - np.asarray(b.convert("L"), float)).mean())


class Odd(nn.Module):
    """A network that answers otherwise in half precision, or works longer at it, or less."""

    def __init__(self, off: float, works: int, works_half: int):
        super().__init__()
        self.off, self.works, self.weight = off, (works, works_half), nn.Parameter(torch.zeros(1))

    def forward(self, x):
        half = self.weight.dtype != torch.float32
        for _ in range(self.works[half]):
            torch.rand(200, 200) @ torch.rand(200, 200)
        return x + half * self.off


@pytest.mark.parametrize(
    ("off", "works", "works_half", "taken"), [(0.1, 50, 1, False), (0, 1, 50, False), (0.01, 50, 1, True)],
    ids=["far", "slow", "near and fast"],
)  # fmt: skip
def test_a_warm_up_decides(off, works, works_half, taken, monkeypatch):
    monkeypatch.setattr(fast, "half", lambda _: torch.bfloat16)  # whatever this machine has
    monkeypatch.setattr(fast, "_known", {})
    network = Odd(off, works, works_half)
    x = torch.zeros(1, 3, 16, 16)
    chosen = fast.quick(network, x)
    assert (chosen is not network) == taken and fast.quick(network, x) is chosen
    assert fast.answer(chosen, x).dtype == torch.float32


def test_what_does_not_pay_is_not_copied_again_and_not_kept(monkeypatch):
    monkeypatch.setattr(fast, "half", lambda _: torch.bfloat16)
    monkeypatch.setattr(fast, "_known", {})
    copied, real = [], fast.copy.deepcopy
    monkeypatch.setattr(fast.copy, "deepcopy", lambda network: (copied.append(network), real(network))[1])
    networks, x = [Odd(0.1, 1, 1), Odd(0.1, 1, 1)], torch.zeros(1, 3, 16, 16)
    assert all(fast.quick(network, x) is network for network in networks) and copied == networks[:1]
    gone = weakref.ref(networks.pop())
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("name", ["autoencoder", "pix2pix", "cyclegan"])
def test_what_serves_draws_several_at_once_as_each_alone(name):
    model, random = facesketch.load(name), torch.Generator().manual_seed(0)
    for direction in model.directions:
        labels = len(model.styles) if direction == "photo_to_sketch" else 0
        x = torch.rand(5, 3, 256, 256, generator=random) * 2 - 1
        x = torch.cat([x, label_maps([n % labels for n in range(5)], labels, 256)], 1) if labels else x
        together = model.ask(getattr(model, direction), x, False)
        for number in range(5):
            alone = model.ask(getattr(model, direction), x[number : number + 1], False)
            assert to_image(together[number]) == to_image(alone[0])


@pytest.mark.parametrize("name", ["autoencoder", "pix2pix", "cyclegan"])
def test_what_serves_is_within_two_levels_of_float32(name):
    model = facesketch.load(name)
    x = to_tensor(resize(FACE, (256, 256)))[None]
    for direction in model.directions:
        network, labels = getattr(model, direction), len(model.styles) if direction == "photo_to_sketch" else 0
        given = torch.cat([x, label_maps([0], labels, 256)], 1) if labels else x
        exact, served = (to_image(fast.answer(one, given)[0]) for one in (network, fast.quick(network, given)))
        assert levels(exact, served) < 2


def test_a_raw_answer_is_float32s(monkeypatch):
    model = facesketch.load("autoencoder")
    model.translate(FACE, align="never")  # what warms up
    with torch.inference_mode():
        exact = to_image(model.photo_to_sketch(to_tensor(resize(FACE, (256, 256)))[None])[0]).convert("L")
    raw = model.translate(FACE, align="never", **RAW)
    assert raw.tobytes() == resize(exact, FACE.size).convert("RGB").tobytes()
