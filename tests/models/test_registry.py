"""The registry: a new network is one decorated class."""

import pytest
import torch
from conftest import draw_face
from torch import Tensor, nn

from facesketch import DrawOptions, Model, Pipeline
from facesketch.models import GENERATORS, create_generator, register_generator
from facesketch.models.config import ModelConfig


@pytest.fixture
def network():
    """A generator that is registered during the test."""

    @register_generator("one-layer", size_divisor=2, accepts_styles=True)
    class OneLayer(nn.Module):
        def __init__(self, width: int = 8, n_styles: int = 0):
            super().__init__()
            self.layers = nn.Sequential(
                nn.Conv2d(3 + n_styles, width, 3, 1, 1), nn.ReLU(), nn.Conv2d(width, 3, 1), nn.Tanh()
            )

        def forward(self, x: Tensor) -> Tensor:
            return self.layers(x)

    yield OneLayer
    GENERATORS.pop("one-layer")


def test_new_network_is_saved_loaded_and_draws(network, tmp_path):
    config = ModelConfig("one-layer", 4, 64, ("photo_to_sketch", "sketch_to_photo"), ("shaded", "line"))
    model = Model(config)
    assert isinstance(model.photo_to_sketch, network)
    model.save_pretrained(tmp_path)
    loaded = Model.from_pretrained(tmp_path)
    x = torch.rand(2, 3, 64, 64) * 2 - 1
    for direction in config.directions:
        y = loaded.generate(x, direction, full_precision=True)
        assert y.shape == x.shape and (y - model.generate(x, direction, full_precision=True)).abs().max() < 0.01
    first, second = (loaded.generate(x, "photo_to_sketch", style) for style in config.styles)
    assert not torch.equal(first, second)
    photo = draw_face(0)[0]
    assert Pipeline(loaded)(photo, DrawOptions(align="never", style="line")).image.size == photo.size


def test_network_is_unknown_without_its_registration():
    assert "one-layer" not in GENERATORS
    with pytest.raises(ValueError, match="does not describe"):
        ModelConfig("one-layer", 4, 64, ("photo_to_sketch",))
    with pytest.raises(KeyError):
        create_generator("one-layer", 4)


def test_size_must_be_a_multiple_of_the_divisor(network):
    assert ModelConfig("one-layer", 4, 66, ("photo_to_sketch",)).size == 66
    with pytest.raises(ValueError):
        ModelConfig("one-layer", 4, 67, ("photo_to_sketch",))


@pytest.mark.parametrize("name", GENERATORS)
def test_registered_networks_offer_what_the_registry_promises(name):
    """Built on the meta device without memory; with styles where they are accepted; size_divisor is small enough."""
    spec = GENERATORS[name]
    with torch.device("meta"):
        network = create_generator(name, 4)
    assert all(value.is_meta for value in network.parameters()) and 256 % spec.size_divisor == 0
    if spec.accepts_styles:
        x = torch.zeros(1, 5, 256, 256)
        assert create_generator(name, 4, 2)(x).shape == (1, 3, 256, 256)
