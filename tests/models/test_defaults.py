"""A program that set another default device or dtype gets the same pictures."""

import pytest
import torch
from conftest import draw_face
from hub_models import tiny

import facesketch
from facesketch.models.registry import GENERATORS
from facesketch.options import RAW_OUTPUT

STYLES = ("shaded", "line")


@pytest.mark.parametrize("network", ["autoencoder", "unet-grain"])
def test_defaults_of_the_program_change_nothing(network, tmp_path):
    styles = STYLES if GENERATORS[network].accepts_styles else ()
    folder, photo = tiny(tmp_path / "model", network=network, width=8, styles=styles), draw_face(0)[0]

    def draw() -> list[bytes]:
        pipeline = facesketch.load(folder)
        options = facesketch.DrawOptions(finish="none", align="never", background="paper")
        return [pipeline(photo, each).image.tobytes() for each in (RAW_OUTPUT, options)]

    expected, dtype = draw(), torch.get_default_dtype()
    try:
        torch.set_default_dtype(torch.float64)
        with torch.device("meta"):  # as another device would, it holds no values of the CPU's
            assert draw() == expected
    finally:
        torch.set_default_dtype(dtype)
