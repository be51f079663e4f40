"""Mistakes that were told by the wrong sentence."""

import io
import zlib
from pathlib import Path

import numpy as np
import pytest
from conftest import draw_face
from hub_models import NAME, put, tiny
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from test_translator import make

import facesketch
from facesketch import ImageError, NoModelError, WeightsError, choose, find_faces, read_image
from facesketch.hub.fetch import repo_of

LONG = 3 * 2**20


def png(text: PngInfo | None = None, **more) -> bytes:
    data = io.BytesIO()
    draw_face(0)[0].save(data, "PNG", pnginfo=text, **more)
    return data.getvalue()


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("place", ["before", "after"])
def test_a_png_with_long_texts_is_read(zipped, place):
    text = PngInfo()
    for number in range(70):
        text.add_text(f"key{number}", "x" * 2**20, zip=True)
        text.add_itxt(f"also{number}", "é" * 2**19, "en", "", zip=zipped)
    text.add(b"zTXt", b"Comment\0\0" + zlib.compress(b"y" * LONG), after_idat=place == "after")
    assert read_image(png(text)).tobytes() == draw_face(0)[0].tobytes()


def test_a_png_with_a_long_profile_is_read():
    assert read_image(png(icc_profile=bytes(LONG))).tobytes() == draw_face(0)[0].tobytes()


def test_short_texts_and_the_turn_in_them_stay():
    exif = Image.Exif()
    exif[274] = 6
    assert read_image(png(exif=exif)).size == (250, 200)


def test_a_file_that_may_not_be_read_is_not_damaged(tmp_path, monkeypatch):
    def refuse(path: Path, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(ImageError, match=r"^The file mine\.png cannot be read \(Permission denied\)\.$"):
        read_image("mine.png")


def test_a_folder_and_a_name_that_cannot_be_one(tmp_path):
    with pytest.raises(ImageError, match="is a folder"):
        read_image(tmp_path)
    with pytest.raises(ImageError, match="cannot be read"):
        read_image("a\0b.png")


@pytest.mark.parametrize("given", [np.zeros((250, 200, 3), np.uint8), "photo.jpg", Path("photo.jpg"), None, b"bytes"])
def test_what_is_no_picture_where_one_is_meant_is_told_so(given):
    for ask in (
        find_faces,
        choose,
        lambda image: make().translate(image),
        lambda x: make().translate(x, align="never"),
    ):
        with pytest.raises(ImageError, match=f"not {type(given).__name__}"):
            ask(given)
    if not isinstance(given, bytes | str | Path):
        with pytest.raises(ImageError, match=f"not {type(given).__name__}"):
            read_image(given)


def test_a_token_that_is_not_accepted_is_told(hub, tmp_path, monkeypatch):
    put(hub, tiny(tmp_path / "mine"))
    monkeypatch.setenv("HF_TOKEN", "hf_expired")
    with pytest.raises(WeightsError, match="does not accept the token, which may have expired"):
        facesketch.load(NAME)


@pytest.mark.parametrize(
    ("address", "repo"),
    [
        ("https://huggingface.co/user/name", ("user/name", None)),
        ("https://huggingface.co/user/name/", ("user/name", None)),
        ("https://huggingface.co/user/name/tree/v1", ("user/name", "v1")),
        ("http://hf.co/user/name/blob/main/config.json", ("user/name", "main")),
        ("huggingface.co/user/name?library=x", ("user/name", None)),
        ("user/name@v1", ("user/name", "v1")),
        ("user/name", ("user/name", None)),
    ],
)
def test_a_hubs_address_means_its_repo(address, repo):
    assert repo_of(address) == repo


def test_another_address_is_told_so():
    for address in ("https://example.com/user/name", "https://huggingface.co/"):
        with pytest.raises(NoModelError, match=r"user/name\[@revision\] names one"):
            facesketch.load(address)
