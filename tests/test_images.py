"""Whatever bytes arrive: an upright RGB picture, or an ImageError."""

import io
import random
import struct
import zlib

import numpy as np
import pytest
import torch
from conftest import draw_face
from PIL import Image, ImageCms

from facesketch.images import MAX_BYTES, ImageError, read_image, resize, to_image, to_tensor, to_uint8, to_unit

SIZE = (40, 24)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
RED_IS_BLUE = SRGB.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")


def encode(image: Image.Image, format: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def pixels(image: Image.Image) -> np.ndarray:
    return np.asarray(image).astype(int)


def quarters() -> Image.Image:
    """Red, green, blue and yellow quarters: every turn and flip shows."""
    image = Image.new("RGB", (48, 32), "red")
    image.paste((0, 160, 0), (24, 0, 48, 16))
    image.paste("blue", (0, 16, 24, 32))
    image.paste("yellow", (24, 16, 48, 32))
    return image


def png_header(width: int, height: int, depth: int = 1, colour: int = 0) -> bytes:
    """A PNG that declares a size and holds next to nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


def assert_sentence(error: pytest.ExceptionInfo) -> None:
    text = str(error.value)
    assert text[0].isupper() and text.endswith(".") and "\n" not in text, text


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


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"not a picture, only words",
        b"<!doctype html><html><body>404</body></html>",
        b'<svg xmlns="http://www.w3.org/2000/svg" width="99" height="99"/>',
        b"%PDF-1.7\n",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        bytes(range(256)) * 40,
        b"GIF89a",
        b"RIFF\0\0\0\0WEBP",
        b"PK\3\4" + b"\0" * 60,
    ],
)
def test_bytes_that_are_no_picture(data):
    with pytest.raises(ImageError) as error:
        read_image(data)
    assert_sentence(error)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "GIF"])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.9])
def test_cut_short(format, share):
    data = encode(draw_face(0)[0], format)
    with pytest.raises(ImageError) as error:
        read_image(data[: int(len(data) * share)])
    assert_sentence(error)


def test_huge_declared_size():
    for size in ((30_000, 30_000), (11_000, 11_000), (2**31 - 1, 2**31 - 1)):
        with pytest.raises(ImageError, match="pixels") as error:
            read_image(png_header(*size))
        assert_sentence(error)


def test_huge_picture_within_a_container():
    """An icon whose inner picture is larger than any limit."""
    inner = png_header(30_000, 30_000)
    icns = b"icns" + struct.pack(">I", 16 + len(inner)) + b"ic07" + struct.pack(">I", 8 + len(inner)) + inner
    with pytest.raises(ImageError) as error:
        read_image(icns)
    assert_sentence(error)


def test_formats_that_are_known_by_name_only():
    """A DDS texture whose compression nobody reads."""
    head = (
        struct.pack("<7I", 124, 0x1007, 24, 40, 0, 0, 0)
        + b"\0" * 44
        + struct.pack("<2I4s5I", 32, 4, b"WHAT", 0, 0, 0, 0, 0)
    )
    with pytest.raises(ImageError) as error:
        read_image(b"DDS " + head + b"\0" * 4096)
    assert_sentence(error)


@pytest.mark.parametrize("size", [(4, 4), (1, 1), (15, 200), (200, 15)])
def test_too_small(size):
    with pytest.raises(ImageError, match=f"{size[0]} x {size[1]}") as error:
        read_image(encode(Image.new("RGB", size)))
    assert_sentence(error)


def test_smallest_is_taken():
    assert read_image(encode(Image.new("RGB", (16, 16)))).size == (16, 16)


def test_too_many_bytes():
    with pytest.raises(ImageError, match="50 MiB"):
        read_image(encode(Image.new("RGB", SIZE)) + bytes(MAX_BYTES))


def test_missing_file_and_folder(tmp_path):
    missing = tmp_path / "none.png"
    for path, told in ((missing, "no file"), (tmp_path, "is a folder"), (str(missing), "no file")):
        with pytest.raises(ImageError, match=told) as error:
            read_image(path)
        assert_sentence(error)


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


@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_random_damage(format):
    exif = Image.Exif()
    exif[0x0112] = 6
    whole = encode(draw_face(1)[0].resize((50, 60)), format, exif=exif, icc_profile=SRGB)
    dice, read = random.Random(0), 0
    for _ in range(200):
        data = bytearray(whole)
        for _ in range(dice.randint(1, 8)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        if dice.random() < 0.2:
            del data[dice.randrange(len(data)) :]
        try:
            image = read_image(bytes(data))
        except ImageError:
            continue
        assert isinstance(image, Image.Image) and image.mode == "RGB" and min(image.size) >= 16
        read += 1
    assert read < 200


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


def test_a_large_picture_of_nothing_is_white():
    """Its contrast, summed in floats, came out as less than nothing, and it was called damaged."""
    result = read_image(Image.new("RGBA", (5000, 5000)))
    assert result.getextrema() == ((255, 255),) * 3


def test_deep_gray_is_scaled_the_same_in_every_strip():
    values = np.add.outer(np.arange(1100), np.arange(40)).astype(np.uint16) * 57
    assert np.abs(pixels(read_image(Image.fromarray(values)))[..., 0] - values / 257).max() <= 0.5 + 1e-9
