"""Fixtures and helpers of all tests: drawn faces, data sets of them, a local Hub, and the demo."""

import os
import tempfile

os.environ.setdefault("OMP_NUM_THREADS", "1")  # tests run two at a time; torch reads it as it is imported
UPLOADS = tempfile.mkdtemp(prefix="facesketch-tests-")
os.environ["GRADIO_TEMP_DIR"] = UPLOADS  # one per process: a demo that ends deletes its files

import random
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import huggingface_hub.constants
import pytest
from hub_server import running
from PIL import Image, ImageChops, ImageDraw
from xdist.scheduler import LoadFileScheduling

SIZE = (200, 250)


def draw_face(number: int, size: tuple[int, int] = SIZE) -> tuple[Image.Image, Image.Image]:
    """A photo (RGB) of a drawn face and its sketch (L); each number gives another face."""
    random_ = random.Random(number)
    skin = tuple(random_.randint(low, high) for low, high in ((170, 240), (130, 190), (100, 160)))
    background = tuple(random_.randint(60, 200) for _ in range(3))
    hair = tuple(random_.randint(10, 70) for _ in range(3))
    w, h = random_.randint(55, 75), random_.randint(75, 95)
    eye, mouth = random_.randint(-20, -8), random_.randint(30, 45)
    photo, sketch = Image.new("RGB", SIZE, background), Image.new("L", SIZE, 250)
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
    """The matte of a drawn photo: white where it differs from the background's color."""
    background = Image.new("RGB", photo.size, photo.getpixel((0, 0)))
    return ImageChops.difference(photo, background).convert("L").point(lambda value: 255 * (value > 8))


def pytest_unconfigure():
    shutil.rmtree(UPLOADS, ignore_errors=True)


BROWSER_TESTS = {
    path.name for path in Path(__file__).parent.glob("demo/test_*.py") if "visit(" in path.read_text("utf-8")
}


class BrowserTestsTogether(LoadFileScheduling):
    """Tests are distributed by file; one process runs all files that open the page, as browsers starve each other."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return "browser" if Path(file).name in BROWSER_TESTS else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BrowserTestsTogether:
    return BrowserTestsTogether(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest work first."""
    items.sort(key=lambda item: (item.path.name not in BROWSER_TESTS, item.path.name != "test_pipeline.py"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item):
    """Skip the tests of a browser where there is none, and say how to get one; in CI they fail."""
    try:
        return (yield)
    except Exception as error:
        if "CI" in os.environ or not ("playwright" in type(error).__module__ and "Executable doesn't" in str(error)):
            raise
        pytest.skip("There is no browser; apt-get install chromium, or playwright install chromium, gives one.")


@pytest.fixture
def faces(tmp_path: Path, request: pytest.FixtureRequest):
    """faces(count) makes a folder of count drawn pairs and returns it: photos/000.jpg, sketches/ and mattes/000.png.

    A test module may set their size, such as FACES = (100, 125), on which FSIM takes a quarter of the time.
    """
    default_size = getattr(request.module, "FACES", SIZE)

    def make(count: int = 6, folder: str = "faces", size: tuple[int, int] = default_size) -> Path:
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
    """A running hub_server.Hub that huggingface_hub uses as the Hub, with an empty cache and a token that may write."""
    cache = tmp_path / "hub-cache"
    with running() as server:
        settings = {"HF_ENDPOINT": server.url, "HF_HUB_DISABLE_XET": "1", "HF_TOKEN": "hf_writer"}
        for name, value in {**settings, "HF_HOME": str(cache), "HF_HUB_CACHE": str(cache)}.items():
            monkeypatch.setenv(name, value)  # for subprocesses
        files = server.url + "/{repo_id}/resolve/{revision}/{filename}"
        constants = {"ENDPOINT": server.url, "HUGGINGFACE_CO_URL_TEMPLATE": files, "HF_HUB_CACHE": str(cache)}
        constants |= {"HF_HUB_DISABLE_XET": True, "HF_HUB_DOWNLOAD_TIMEOUT": 2}
        for name, value in constants.items():
            monkeypatch.setattr(huggingface_hub.constants, name, value)  # for this process
        yield server


def put(path: Path, image: Image.Image) -> None:
    """Save an image; its folder is created."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)


def cufs(root: Path, persons: int, photos: str, sketches: str) -> None:
    """Pairs named as in the CUFS download, two shots of each person."""
    for number in range(persons):
        photo, sketch = draw_face(number)
        for shot in ("01", "02"):
            put(root / photos / f"f-{number:03d}-{shot}.jpg", photo)
            put(root / sketches / f"F2-{number:03d}-{shot}-sz1.jpg", sketch)


def ids(items) -> list[str]:
    """The ids of the items' pairs."""
    return [item.pair.id for item in items]


def persons(items) -> set[str]:
    """The persons that items show."""
    return {item.pair.person for item in items}


@dataclass(frozen=True)
class Portrait:
    """A drawing in strokes, and what they were planned on: the generator's answer, the photo and the matte (H x W)."""

    drawing: Any
    tone: Any
    guide: Any
    matte: Any

    @property
    def sheet(self):
        return self.drawing.sheet


@pytest.fixture(scope="session")
def portrait() -> Portrait:
    """Collins as a user gets her by default, drawn once."""
    from pictures import COLLINS

    import facesketch
    from facesketch.image.pixels import luma
    from facesketch.pipeline import DrawJob

    photo, options, pipeline = facesketch.read_image(COLLINS), facesketch.DrawOptions(), facesketch.load()
    job = pipeline.align(pipeline.detect(DrawJob(photo, photo), options), options)
    [job] = pipeline.generate([pipeline.relight(pipeline.matte(job), options)], options)
    [crop] = job.crops
    drawing = pipeline.composite(pipeline.finish(job, options), options)
    return Portrait(drawing, luma(crop.image), luma(crop.guide), crop.matte)


@pytest.fixture(scope="module")
def app():
    """The running demo."""
    import app

    app.demo.launch(prevent_thread_lock=True, quiet=True)
    yield app
    app.demo.close()


@pytest.fixture(scope="module")
def url(app):
    """The URL of the running demo. Browsers that tests started are closed after the module's tests."""
    yield app.demo.local_url
    import visiting

    visiting.close()


@pytest.fixture(scope="module")
def client(app):
    """A program that calls the running demo."""
    from gradio_client import Client

    return Client(app.demo.local_url, verbose=False)
