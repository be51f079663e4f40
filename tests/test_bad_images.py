"""Bytes that are no picture, or too much of one: an ImageError that is one sentence."""

import random
import struct

import pytest
from conftest import draw_face
from pictures import SIZE, SRGB, assert_sentence, encode, png_header
from PIL import Image

from facesketch.images import MAX_BYTES, ImageError, read_image


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


def test_a_large_picture_of_nothing_is_white():
    """Its contrast, summed in floats, came out as less than nothing, and it was called damaged."""
    result = read_image(Image.new("RGBA", (5000, 5000)))
    assert result.getextrema() == ((255, 255),) * 3
