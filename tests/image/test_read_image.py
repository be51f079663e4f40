"""read_image: formats, transparency, EXIF orientation, damaged and hostile files, and downscaling while reading."""

import io
import random
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from conftest import draw_face
from pictures import SIZE, SRGB, assert_sentence, encode, pixels, png_header
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from facesketch import ImageError, read_image
from facesketch.image.io import MAX_BYTES, downscale_warning

FACE = draw_face(0, (400, 500))[0]


def quarters() -> Image.Image:
    """Red, green, blue and yellow quarters, which show any rotation and flip."""
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


def test_lossless_rgb_is_unchanged():
    photo = draw_face(0)[0]
    assert (pixels(read_image(encode(photo))) == pixels(photo)).all()
    assert (pixels(read_image(photo)) == pixels(photo)).all()


def test_transparency_is_composited_on_white():
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


def test_one_transparent_color():
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
    """16-bit values are relative to 65535, also in a picture that is dark everywhere."""
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
def test_exif_orientation(orientation, format):
    upright = quarters()
    stored = upright.transpose(UNDO[orientation]) if UNDO[orientation] is not None else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    result = read_image(encode(stored, format, exif=exif, quality=95))
    assert result.size == upright.size
    for at in ((12, 8), (36, 8), (12, 24), (36, 24)):
        assert np.abs(np.subtract(result.getpixel(at), upright.getpixel(at))).max() < 30, at


def test_exif_orientation_of_a_pil_image():
    exif = Image.Exif()
    exif[0x0112] = 6
    opened = Image.open(io.BytesIO(encode(quarters().transpose(Image.Transpose.ROTATE_90), exif=exif)))
    assert (pixels(read_image(opened)) == pixels(quarters())).all()


def test_first_frame_of_an_animation():
    frames = [Image.new("RGB", SIZE, color) for color in ("red", "lime", "blue")]
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
def test_bytes_of_no_picture(data):
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


def test_huge_picture_in_a_container():
    """An icon that contains a picture beyond any limit."""
    inner = png_header(30_000, 30_000)
    icns = b"icns" + struct.pack(">I", 16 + len(inner)) + b"ic07" + struct.pack(">I", 8 + len(inner)) + inner
    with pytest.raises(ImageError) as error:
        read_image(icns)
    assert_sentence(error)


def test_format_that_pillow_cannot_decode():
    """A DDS texture of unknown compression."""
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


def test_smallest_picture():
    assert read_image(encode(Image.new("RGB", (16, 16)))).size == (16, 16)


def test_too_many_bytes():
    with pytest.raises(ImageError, match="50 MiB"):
        read_image(encode(Image.new("RGB", SIZE)) + bytes(MAX_BYTES))


def test_missing_file_and_folder(tmp_path):
    missing = tmp_path / "none.png"
    codes = {missing: "image.file_missing", tmp_path: "image.is_folder", str(missing): "image.file_missing"}
    for path, code in codes.items():
        with pytest.raises(ImageError) as error:
            read_image(path)
        assert error.value.message.code == code and str(path) in str(error.value)


@pytest.mark.parametrize("format", ["PNG", "JPEG"])
def test_random_damage(format):
    exif = Image.Exif()
    exif[0x0112] = 6
    whole = encode(draw_face(1)[0].resize((50, 60)), format, exif=exif, icc_profile=SRGB)
    random_, read = random.Random(0), 0
    for _ in range(200):
        data = bytearray(whole)
        for _ in range(random_.randint(1, 8)):
            data[random_.randrange(len(data))] = random_.randrange(256)
        if random_.random() < 0.2:
            del data[random_.randrange(len(data)) :]
        try:
            image = read_image(bytes(data))
        except ImageError:
            continue
        assert isinstance(image, Image.Image) and image.mode == "RGB" and min(image.size) >= 16
        read += 1
    assert read < 200


def test_large_transparent_picture_is_white():
    """Its contrast must not be below zero by rounding, which made it look damaged."""
    result = read_image(Image.new("RGBA", (5000, 5000)))
    assert result.getextrema() == ((255, 255),) * 3


def png(text: PngInfo | None = None, **options) -> bytes:
    return encode(draw_face(0)[0], "PNG", pnginfo=text, **options)


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("place", ["before", "after"])
def test_png_with_long_texts_is_read(zipped, place):
    """Pillow refuses them."""
    text = PngInfo()
    for number in range(70):
        text.add_text(f"key{number}", "x" * 2**20, zip=True)
        text.add_itxt(f"also{number}", "é" * 2 ** (19 if zipped else 18), "en", "", zip=zipped)
    text.add(b"zTXt", b"Comment\0\0" + zlib.compress(b"y" * 3 * 2**20), after_idat=place == "after")
    assert read_image(png(text)).tobytes() == draw_face(0)[0].tobytes()


def test_png_with_a_long_profile_is_read():
    assert read_image(png(icc_profile=bytes(3 * 2**20))).tobytes() == draw_face(0)[0].tobytes()


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "P", "I;16"])
def test_png_with_long_texts_has_the_pixels_of_one_without(mode):
    photo = draw_face(0)[0]
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(photo.convert("L")).astype(np.uint16) * 257)
    else:
        picture = photo.convert(mode)
    if mode in ("LA", "RGBA"):
        picture.putalpha(photo.convert("L"))
    text = PngInfo()
    text.add_text("long", "x" * 80 * 2**20, zip=True)
    expected, given = (read_image(encode(picture, "PNG", pnginfo=info)) for info in (None, text))
    assert np.abs(pixels(expected) - pixels(given)).max() <= 1


def test_short_texts_and_their_orientation_are_read():
    exif = Image.Exif()
    exif[0x0112] = 6
    assert read_image(png(exif=exif)).size == (250, 200)


def test_file_without_permission_is_not_called_damaged(monkeypatch):
    def refuse(path: Path, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ImageError, match=r"^The file mine\.png cannot be read \(Permission denied\)\.$"):
        read_image("mine.png")


def test_file_name_with_a_null_byte():
    with pytest.raises(ImageError) as error:
        read_image("a\0b.png")
    assert error.value.message.code == "image.no_access"


@pytest.mark.parametrize("given", [np.zeros((250, 200, 3), np.uint8), None, 7], ids=type)
def test_what_is_not_a_picture_is_refused(given):
    with pytest.raises(ImageError) as error:
        read_image(given)
    assert error.value.message.code == "image.not_readable_type" and type(given).__name__ in str(error.value)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF", "BMP"])
def test_larger_picture_is_read_at_half_its_sides(format):
    image = read_image(encode(FACE, format), 130_000)
    assert image.size == (200, 250) and image.mode == "RGB"
    assert image.info["shrink"] == 2 and image.info["original_size"] == (400, 500)
    warning = downscale_warning(image)
    assert warning.code == "image.downscaled" and "400 x 500 pixels and was read at 200 x 250" in str(warning)
    whole = read_image(encode(FACE, format), 400_000)
    assert whole.size == FACE.size and "shrink" not in whole.info and downscale_warning(whole) is None


def test_picture_that_does_not_fit_in_memory_is_refused():
    with pytest.raises(ImageError, match="400 x 500 pixels, too many to be read here") as error:
        read_image(encode(FACE, "WEBP"), 130_000)
    assert error.value.message.code == "image.exceeds_memory"


def tiff(bits: int, planar: int) -> bytes:
    """An uncompressed TIFF of RGB values, 48 x 32, interleaved (planar 1) or in a plane for each color (2)."""
    colors = np.zeros((32, 48, 3), f"<u{bits // 8}")
    colors[:] = np.array([1.0, 0.5, 0.25]) * (2**bits - 1)
    planes = [colors[..., index].tobytes() for index in range(3)] if planar == 2 else [colors.tobytes()]
    count, lists = len(planes), 8 + 2 + 10 * 12 + 4 + 8  # where the lists of the planes' places and sizes begin
    starts = [lists + 8 * count + index * len(planes[0]) for index in range(count)]
    sizes = [len(plane) for plane in planes]
    places = (starts[0], sizes[0]) if count == 1 else (lists, lists + 4 * count)
    tags = [(256, 1, 48), (257, 1, 32), (258, 3, lists - 8), (259, 1, 1), (262, 1, 2), (273, count, places[0])]
    tags += [(277, 1, 3), (278, 1, 32), (279, count, places[1]), (284, 1, planar)]
    entries = [struct.pack("<HHII", tag, 3 if tag == 258 else 4, n, value) for tag, n, value in tags]
    head = b"II*\0" + struct.pack("<IH", 8, len(tags)) + b"".join(entries) + bytes(4)
    head += struct.pack("<4H", bits, bits, bits, 0) + struct.pack(f"<{2 * count}I", *starts, *sizes)
    return head + b"".join(planes)


@pytest.mark.parametrize(("bits", "planar"), [(8, 1), (8, 2), (16, 1)])
def test_tiff_of_one_color(bits, planar):
    colors = pixels(read_image(tiff(bits, planar)))
    assert np.abs(colors - np.array([255, 127.5, 63.75])).max() < 1


def test_tiff_with_16_bits_in_planes_is_refused():
    """Pillow takes each byte for a value."""
    data = tiff(16, 2)
    for source in (data, Image.open(io.BytesIO(data))):
        with pytest.raises(ImageError) as error:
            read_image(source)
        assert error.value.message.code == "image.planes"
