"""Drawn faces to test on: no picture of a person is needed."""

import os
import tempfile

os.environ.setdefault("OMP_NUM_THREADS", "1")  # tests run two at a time; torch reads it as it is imported
UPLOADS = tempfile.mkdtemp(prefix="facesketch-tests-")
os.environ["GRADIO_TEMP_DIR"] = UPLOADS  # each process's own: a demo deletes its answers when it ends, equal ones too

import random
import shutil
from pathlib import Path

import huggingface_hub.constants
import pytest
from hub_server import running
from PIL import Image, ImageChops, ImageDraw

SIZE = (200, 250)


def draw_face(number: int, size: tuple[int, int] = SIZE) -> tuple[Image.Image, Image.Image]:
    """A coloured face and the line drawing of it; every number gives another one."""
    random_ = random.Random(number)
    skin = tuple(random_.randint(low, high) for low, high in ((170, 240), (130, 190), (100, 160)))
    ground = tuple(random_.randint(60, 200) for _ in range(3))
    hair = tuple(random_.randint(10, 70) for _ in range(3))
    w, h = random_.randint(55, 75), random_.randint(75, 95)
    eye, mouth = random_.randint(-20, -8), random_.randint(30, 45)
    photo, sketch = Image.new("RGB", SIZE, ground), Image.new("L", SIZE, 250)
    p, s = ImageDraw.Draw(photo), ImageDraw.Draw(sketch)
    p.ellipse((100 - w - 8, 120 - h - 12, 100 + w + 8, 120 + h - 20), fill=hair)
    p.ellipse((100 - w, 125 - h, 100 + w, 125 + h), fill=skin)
    s.ellipse((100 - w - 8, 120 - h - 12, 100 + w + 8, 120 + h - 20), fill=120)
    s.ellipse((100 - w, 125 - h, 100 + w, 125 + h), fill=235, outline=40, width=2)
    for x in (70, 130):
        p.ellipse((x - 11, 120 + eye, x + 11, 132 + eye), fill="white")
        p.ellipse((x - 5, 121 + eye, x + 5, 131 + eye), fill="black")
        s.ellipse((x - 11, 120 + eye, x + 11, 132 + eye), outline=20, width=2)
        s.line((x - 14, 110 + eye, x + 14, 108 + eye), fill=30, width=3)
    p.line((100, 130, 94, 150, 104, 152), fill=tuple(c - 40 for c in skin), width=3)
    s.line((100, 130, 94, 150, 104, 152), fill=60, width=2)
    p.ellipse((75, 125 + mouth, 125, 140 + mouth), fill=(180, 60, 70))
    s.arc((75, 120 + mouth, 125, 140 + mouth), 10, 170, fill=30, width=2)
    return (photo, sketch) if size == SIZE else (photo.resize(size), sketch.resize(size))


def matte_of(photo: Image.Image) -> Image.Image:
    """White where a drawn photo is not of its ground's colour."""
    ground = Image.new("RGB", photo.size, photo.getpixel((0, 0)))
    return ImageChops.difference(photo, ground).convert("L").point(lambda value: 255 * (value > 8))


def pytest_unconfigure():
    shutil.rmtree(UPLOADS, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item):
    """Where there is no browser, its tests are skipped and say how to get one; in CI they fail."""
    try:
        return (yield)
    except Exception as error:
        if "CI" in os.environ or not ("playwright" in type(error).__module__ and "Executable doesn't" in str(error)):
            raise
        pytest.skip("There is no browser; apt-get install chromium, or playwright install chromium, gives one.")


@pytest.fixture
def faces(tmp_path: Path, request: pytest.FixtureRequest):
    """faces(count) makes a folder of count drawn pairs and returns it: photos/000.jpg, sketches/ and mattes/000.png.

    A file of tests that says FACES = (100, 125) has them so small, on which FSIM takes a quarter of the time.
    """
    usual = getattr(request.module, "FACES", SIZE)

    def make(count: int = 6, folder: str = "faces", size: tuple[int, int] = usual) -> Path:
        root = tmp_path / folder
        for side in ("photos", "sketches", "mattes"):
            (root / side).mkdir(parents=True)
        for number in range(count):
            photo, sketch = draw_face(number, size)
            photo.save(root / "photos" / f"{number:03d}.jpg", quality=95)
            sketch.save(root / "sketches" / f"{number:03d}.png")
            matte_of(photo).save(root / "mattes" / f"{number:03d}.png")
        return root

    return make


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A running hub_server.Hub that the real client takes for the Hub, with a cache of its own and a writer's token."""
    cache = tmp_path / "hub-cache"
    with running() as server:
        settings = {"HF_ENDPOINT": server.url, "HF_HUB_DISABLE_XET": "1", "HF_TOKEN": "hf_writer"}
        for name, value in {**settings, "HF_HOME": str(cache), "HF_HUB_CACHE": str(cache)}.items():
            monkeypatch.setenv(name, value)  # for processes that are started
        constants = {"ENDPOINT": server.url, "HF_HUB_CACHE": str(cache), "HF_HUB_DISABLE_XET": True}
        for name, value in constants.items():
            monkeypatch.setattr(huggingface_hub.constants, name, value)  # for this one
        yield server


def put(path, image) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)


def cufs(root, persons: int, photos: str, sketches: str) -> None:
    """Pairs as the download names them, two shots of every person."""
    for number in range(persons):
        photo, sketch = draw_face(number)
        for shot in ("01", "02"):
            put(root / photos / f"f-{number:03d}-{shot}.jpg", photo)
            put(root / sketches / f"F2-{number:03d}-{shot}-sz1.jpg", sketch)


def ids(items) -> list[str]:
    return [item.pair.id for item in items]


def persons(items) -> set[str]:
    return {item.pair.person for item in items}


@pytest.fixture(scope="module")
def app():
    import app

    app.demo.launch(prevent_thread_lock=True, quiet=True)
    yield app
    app.demo.close()


@pytest.fixture(scope="module")
def address(app):
    """Where a browser finds the demo; the browsers that were started end with the file's tests."""
    yield app.demo.local_url
    import visiting

    visiting.close()
