"""PIL images to tensors and arrays and back."""

import numpy as np
import pytest
import torch
from conftest import draw_face
from pictures import pixels
from PIL import Image

from facesketch.image.pixels import from_luma, luma, normalize, resize, style_maps, to_image, to_tensor, to_uint8


def test_image_to_tensor_and_back_is_exact():
    values = np.arange(256, dtype=np.uint8).reshape(16, 16)
    image = Image.fromarray(np.stack([values, values[::-1], values.T], axis=-1))
    x = to_tensor(image)
    assert x.shape == (3, 16, 16) and x.dtype == torch.float32
    assert x.min() == -1 and x.max() == 1
    assert (pixels(to_image(x)) == pixels(image)).all()


def test_to_uint8_and_normalize():
    image = Image.new("RGB", (5, 3), (0, 51, 255))
    assert to_uint8(image).shape == (3, 3, 5) and to_uint8(image).dtype == torch.uint8
    torch.testing.assert_close(normalize(to_uint8(image))[:, 0, 0], torch.tensor([-1.0, -0.6, 1.0]))
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
    assert np.abs(pixels(resize(lines, (8, 8)))[2:-2, 2:-2] - 127.5).max() < 3  # averaged, not sampled


def test_style_maps_are_one_hot():
    maps = style_maps([2, 0], 3, 4)
    assert maps.shape == (2, 3, 4, 4) and maps.dtype == torch.float32
    assert (maps[0, 2] == 1).all() and (maps[1, 0] == 1).all() and maps.sum() == 2 * 16


def test_luma_and_back():
    gray = draw_face(0)[1]
    assert luma(gray).dtype == np.float32 and luma(gray).max() <= 1
    assert (pixels(from_luma(luma(gray))) == pixels(gray)).all() and from_luma(luma(gray)).mode == "L"
    assert luma(Image.new("RGB", (2, 3), (255, 0, 0)))[0, 0] == pytest.approx(0.299, abs=4e-3)
