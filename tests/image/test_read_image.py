"""Whatever kind of picture arrives: an upright RGB picture."""

import io

import numpy as np
import pytest
from conftest import draw_face
from pictures import SIZE, encode, pixels
from PIL import Image

from facesketch.images import read_image


def quarters() -> Image.Image:
    """Red, green, blue and yellow quarters: every turn and flip shows."""
    image = Image.new("RGB", (48, 32), "red")
    image.paste((0, 160, 0), (24, 0, 48, 16))
    image.paste("blue", (0, 16, 24, 32))
    image.paste("yellow", (24, 16, 48, 32))
    return image


@pytest.mark.parametrize("format", ["PNG", "JPEG", "BMP", "WEBP", "TIFF", "GIF"])
def test_formats(format, tmp_path):
    photo = draw_face(0)[0]
    data = encode(photo, format)
    (tmp_path / "face").write_bytes(data)
    for source in (data, tmp_path / "face", str(tmp_path / "face"), Image.open(io.BytesIO(data))):
        image = read_image(source)
        assert image.mode == "RGB" and image.size == photo.size
        assert np.abs(pixels(image) - pixels(photo)).mean() < 6


def test_lossless_rgb_is_left_alone():
    photo = draw_face(0)[0]
    assert (pixels(read_image(encode(photo))) == pixels(photo)).all()
    assert (pixels(read_image(photo)) == pixels(photo)).all()


def test_transparency_is_laid_on_white():
    image = Image.new("RGBA", SIZE, (0, 0, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 10, 24))
    image.paste((0, 0, 0, 128), (10, 0, 20, 24))
    result = pixels(read_image(encode(image)))
    assert (result[0, 5] == (255, 0, 0)).all()
    assert np.abs(result[0, 15] - 127).max() <= 1
    assert (result[0, 30] == 255).all()


def test_gray_with_transparency():
    image = Image.new("LA", SIZE, (0, 0))
    image.paste((90, 255), (0, 0, 10, 24))
    result = pixels(read_image(encode(image)))
    assert (result[0, 5] == 90).all() and (result[0, 30] == 255).all()


def test_palette_with_transparency():
    image = Image.new("P", SIZE, 0)
    image.putpalette([0, 0, 0, 0, 0, 255])
    image.paste(1, (0, 0, 10, 24))
    for transparency in (0, b"\x00\xff"):
        result = pixels(read_image(encode(image, transparency=transparency)))
        assert (result[0, 5] == (0, 0, 255)).all() and (result[0, 30] == 255).all()
    assert (pixels(read_image(encode(image)))[0, 30] == 0).all()


def test_one_transparent_colour():
    image = Image.new("RGB", SIZE, (1, 2, 3))
    image.paste("lime", (0, 0, 10, 24))
    result = pixels(read_image(encode(image, transparency=(1, 2, 3))))
    assert (result[0, 5] == (0, 255, 0)).all() and (result[0, 30] == 255).all()


@pytest.mark.parametrize("format", ["JPEG", "TIFF"])
def test_cmyk(format):
    white, black, cyan = (
        read_image(encode(Image.new("CMYK", SIZE, c), format)) for c in ((0,) * 4, (0, 0, 0, 255), (255, 0, 0, 0))
    )
    assert white.mode == "RGB"
    assert pixels(white).min() > 250 and pixels(black).max() < 40
    assert pixels(cyan)[..., 0].max() < 60 and pixels(cyan)[..., 2].min() > 180


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_16_bit_gray_is_scaled(format):
    values = np.linspace(0, 65535, 40 * 24).round().astype(np.uint16).reshape(24, 40)
    result = read_image(encode(Image.fromarray(values), format))
    assert result.mode == "RGB"
    assert np.abs(pixels(result)[..., 0] - values / 257).max() <= 1
    assert np.ptp(pixels(result), axis=2).max() == 0


@pytest.mark.parametrize("value", [1, 200, 256])
def test_dark_16_bit_gray_stays_dark(value):
    """16-bit values are shares of 65535, however dark the whole picture is."""
    image = Image.fromarray(np.full((24, 40), value, np.uint16))
    assert pixels(read_image(encode(image))).max() <= 1


def test_float_gray():
    values = np.linspace(0, 1, 40 * 24, dtype=np.float32).reshape(24, 40)
    result = pixels(read_image(encode(Image.fromarray(values), "TIFF")))
    assert np.abs(result[..., 0] - values * 255).max() <= 1


def test_one_bit():
    image = Image.new("1", SIZE, 0)
    image.paste(1, (0, 0, 10, 24))
    result = pixels(read_image(encode(image)))
    assert (result[0, 5] == 255).all() and (result[0, 30] == 0).all()


UNDO = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_turn(orientation, format):
    upright = quarters()
    stored = upright.transpose(UNDO[orientation]) if UNDO[orientation] is not None else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    result = read_image(encode(stored, format, exif=exif, quality=95))
    assert result.size == upright.size
    for at in ((12, 8), (36, 8), (12, 24), (36, 24)):
        assert np.abs(np.subtract(result.getpixel(at), upright.getpixel(at))).max() < 30, at


def test_exif_turn_of_an_open_picture():
    exif = Image.Exif()
    exif[0x0112] = 6
    opened = Image.open(io.BytesIO(encode(quarters().transpose(Image.Transpose.ROTATE_90), exif=exif)))
    assert (pixels(read_image(opened)) == pixels(quarters())).all()


def test_first_frame_of_an_animation():
    frames = [Image.new("RGB", SIZE, colour) for colour in ("red", "lime", "blue")]
    for format in ("GIF", "PNG", "WEBP"):
        data = encode(frames[0], format, save_all=True, append_images=frames[1:])
        result = read_image(data)
        assert result.size == SIZE and np.abs(pixels(result)[12, 20] - (255, 0, 0)).max() < 6
