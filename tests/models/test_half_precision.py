"""Half precision: used where the hardware computes in it and the output is near, and never for what is measured."""

import gc
import weakref

import numpy as np
import pytest
import torch
from conftest import draw_face
from torch import nn

import facesketch
from facesketch.image.pixels import resize, style_maps, to_image, to_tensor
from facesketch.models import half_precision
from facesketch.models.half_precision import MAX_DIFFERENCE, half_dtype, run_float32_out, serving_network
from facesketch.options import RAW_OUTPUT

FACE = draw_face(0)[0]
CPU = torch.device("cpu")


class Stub(nn.Module):
    """A network whose output is off by a constant in half precision. copies: how often it was copied."""

    def __init__(self, difference: float):
        super().__init__()
        self.difference, self.weight, self.copies = difference, nn.Parameter(torch.zeros(1)), 0

    def __deepcopy__(self, memo):
        self.copies += 1
        return Stub(self.difference)

    def forward(self, x):
        return x + (self.weight.dtype != torch.float32) * self.difference


@pytest.fixture
def half_hardware(monkeypatch):
    """Hardware that computes in bfloat16, whatever runs the test."""
    monkeypatch.setattr(half_precision, "half_dtype", lambda device: torch.bfloat16)


@pytest.mark.parametrize(("difference", "used"), [(0.0, True), (0.8 * MAX_DIFFERENCE, True), (0.1, False)])
def test_half_precision_is_used_where_the_output_is_near(difference, used, half_hardware):
    network, x = Stub(difference), torch.zeros(1, 3, 16, 16)
    served = serving_network(network, x)
    assert (served is not network) == used and serving_network(network, x) is served
    assert next(served.parameters()).dtype == (torch.bfloat16 if used else torch.float32)
    assert run_float32_out(served, x).dtype == torch.float32
    assert next(network.parameters()).dtype == torch.float32  # the network itself is unchanged


def test_input_does_not_decide(half_hardware):
    """A picture has the same output whichever picture was the first."""
    for value in (-1.0, 0.0, 1.0):
        network = Stub(0.0)
        assert serving_network(network, torch.full((1, 3, 16, 16), value)) is not network


@pytest.mark.parametrize("hardware", [True, False])
def test_changed_weights_change_the_picture(hardware, monkeypatch):
    monkeypatch.setattr(half_precision, "half_dtype", lambda device: torch.bfloat16 if hardware else None)
    model, x = facesketch.load_model("autoencoder"), to_tensor(resize(FACE, (256, 256)))[None]
    assert model.generate(x, "photo_to_sketch").abs().max() > 0.5
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    assert model.generate(x, "photo_to_sketch").abs().max() == 0


def test_changed_weights_are_compared_again(half_hardware):
    network, x = Stub(0.0), torch.zeros(1, 3, 16, 16)
    assert serving_network(network, x) is not network
    network.difference = 0.1
    with torch.no_grad():
        network.weight += 1
    assert serving_network(network, x) is network


def test_without_half_hardware_the_network_itself_is_used(monkeypatch):
    monkeypatch.setattr(half_precision, "half_dtype", lambda device: None)
    network = Stub(0.0)
    assert serving_network(network, torch.zeros(1, 3, 16, 16)) is network


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [
        ({"avx512_bf16": True}, torch.bfloat16),
        ({"amx_bf16": True, "avx512_bf16": False}, torch.bfloat16),
        ({"avx2": True}, None),
        ({}, None),
    ],
    ids=str,
)
def test_hardware_decides(capabilities, expected, monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities, raising=False)
    assert half_dtype(CPU) == expected
    assert half_dtype(torch.device("cuda")) == torch.float16 and half_dtype(torch.device("mps")) is None


def test_torch_without_get_capabilities_computes_in_float32(monkeypatch):
    monkeypatch.delattr(torch.cpu, "get_capabilities", raising=False)
    assert half_dtype(CPU) is None


def test_network_is_copied_once_and_freed(half_hardware):
    networks, x = [Stub(0.1), Stub(0.0)], torch.zeros(1, 3, 16, 16)
    for _ in range(2):
        for network in networks:
            serving_network(network, x)
    assert [network.copies for network in networks] == [1, 1]
    references = [weakref.ref(network) for network in networks]
    del network
    networks.clear()
    gc.collect()
    assert [reference() for reference in references] == [None, None]


@pytest.mark.parametrize("name", ["autoencoder", "pix2pix", "cyclegan"])
def test_several_at_once_give_the_pixels_of_each_alone(name):
    model = facesketch.load_model(name)
    x = torch.rand(5, 3, 256, 256, generator=torch.Generator().manual_seed(0)) * 2 - 1
    for direction in model.config.directions:
        for style in model.config.styles if direction == "photo_to_sketch" and model.config.styles else [None]:
            together = model.generate(x, direction, style)
            for number in range(5):
                alone = model.generate(x[number : number + 1], direction, style)
                assert to_image(together[number]) == to_image(alone[0])


@pytest.mark.parametrize("name", ["autoencoder", "pix2pix", "cyclegan"])
def test_served_output_is_within_two_levels_of_float32(name):
    model = facesketch.load_model(name)
    x = to_tensor(resize(FACE, (256, 256)))[None]
    for direction in model.config.directions:
        exact, served = (to_image(model.generate(x, direction, full_precision=full)[0]) for full in (True, False))
        difference = np.asarray(exact.convert("L"), float) - np.asarray(served.convert("L"), float)
        assert np.abs(difference).mean() < 2


@pytest.mark.parametrize("name", ["autoencoder", "pix2pix", "cyclegan"])
def test_raw_output_is_float32s(name):
    pipeline = facesketch.load(name)
    model, styles = pipeline.model, pipeline.model.config.styles
    pipeline(FACE, facesketch.DrawOptions(align="never"))  # makes the copy in half precision, where there is one
    x = to_tensor(resize(FACE, (256, 256)))[None]
    x = torch.cat([x, style_maps([0], len(styles), 256)], 1) if styles else x
    with torch.inference_mode():
        exact = to_image(model.photo_to_sketch(x)[0]).convert("L")
    raw = pipeline(FACE, RAW_OUTPUT).image
    assert raw.tobytes() == resize(exact, FACE.size).convert("RGB").tobytes()
