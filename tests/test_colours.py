"""What a colour profile and a deep gray come to, and pixels as tensors and back."""

import numpy as np
import pytest
import torch
from conftest import draw_face
from pictures import SIZE, SRGB, encode, pixels
from PIL import Image, ImageCms

from facesketch.images import read_image, resize, to_image, to_tensor, to_uint8, to_unit

RED_IS_BLUE = SRGB.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")


@pytest.mark.parametrize(
    "profile", [b"", b"broken", SRGB[:200], ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()]
)
def test_broken_colour_profile_is_ignored(profile):
    photo = draw_face(0)[0]
    assert (pixels(read_image(encode(photo, icc_profile=profile))) == pixels(photo)).all()


def test_srgb_profile_changes_nothing():
    photo = draw_face(0)[0]
    assert np.abs(pixels(read_image(encode(photo, icc_profile=SRGB))) - pixels(photo)).max() <= 1


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_other_colours_are_brought_to_srgb(mode):
    """The profile says that what is stored as red means blue."""
    image = Image.new("RGB", SIZE, (255, 0, 0)).convert(mode)
    result = pixels(read_image(encode(image, icc_profile=RED_IS_BLUE)))
    assert np.abs(result[12, 20] - (0, 0, 255)).max() <= 3


def test_result_holds_no_transparency_whatever_the_profile():
    image = Image.new("RGBA", SIZE, (0, 0, 0, 0))
    result = read_image(encode(image, icc_profile=SRGB))
    assert result.mode == "RGB" and (pixels(result) == 255).all()


def test_round_trip_is_exact():
    values = np.arange(256, dtype=np.uint8).reshape(16, 16)
    image = Image.fromarray(np.stack([values, values[::-1], values.T], axis=-1))
    x = to_tensor(image)
    assert x.shape == (3, 16, 16) and x.dtype == torch.float32
    assert x.min() == -1 and x.max() == 1
    assert (pixels(to_image(x)) == pixels(image)).all()


def test_to_uint8_and_to_unit():
    image = Image.new("RGB", (5, 3), (0, 51, 255))
    assert to_uint8(image).shape == (3, 3, 5) and to_uint8(image).dtype == torch.uint8
    torch.testing.assert_close(to_unit(to_uint8(image))[:, 0, 0], torch.tensor([-1.0, -0.6, 1.0]))
    assert to_uint8(Image.new("L", (5, 3), 7)).unique().tolist() == [7]


def test_to_image_clamps():
    x = torch.tensor([-9.0, 0.0, 9.0]).view(3, 1, 1).expand(3, 2, 2).requires_grad_()
    assert to_image(x).getpixel((0, 0)) == (0, 128, 255)
    assert to_image(x.bfloat16()).size == (2, 2)


def test_resize():
    photo = draw_face(0)[0]
    assert resize(photo, photo.size) is photo
    assert resize(photo, (64, 32)).size == (64, 32)
    lines = Image.fromarray(np.tile(np.array([0, 255], np.uint8), (64, 32)))
    assert np.abs(pixels(resize(lines, (8, 8)))[2:-2, 2:-2] - 127.5).max() < 3  # averaged, not picked


def test_deep_gray_is_scaled_the_same_in_every_strip():
    values = np.add.outer(np.arange(1100), np.arange(40)).astype(np.uint16) * 57
    assert np.abs(pixels(read_image(Image.fromarray(values)))[..., 0] - values / 257).max() <= 0.5 + 1e-9
