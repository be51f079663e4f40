"""Sketcher, alone and on a local Ray cluster that loses a worker."""

import io
import os
import signal
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from conftest import draw_face
from hub_models import tiny
from pictures import HOPPER, encode
from PIL import Image

from facesketch import OptionError, read_image
from facesketch.options import RAW_OUTPUT, DrawOptions
from facesketch.scale import Sketcher


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> str:
    return str(tiny(tmp_path_factory.mktemp("model")))


def objects(*values: object) -> np.ndarray:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def test_batch_of_files_with_errors_as_a_column(model):
    sketcher = Sketcher(model, options=DrawOptions(finish="none", size=256))
    gray = encode(Image.new("RGB", (300, 300), "gray"))
    batch = {"bytes": objects(HOPPER.read_bytes(), b"no picture", gray, HOPPER.read_bytes()), "id": np.arange(4)}
    result = sketcher(batch)
    assert set(result) == {"id", "sketch", "faces", "warnings", "error"} and list(result["id"]) == [0, 1, 2, 3]
    assert [bool(error) for error in result["error"]] == [False, True, True, False]
    assert "Try a JPEG" in result["error"][1] and result["error"][2] == "No face was found."
    assert list(result["faces"]) == [1, 0, 0, 1] and result["sketch"][1] == b""
    alone = sketcher.pipeline(read_image(HOPPER), sketcher.options).image
    assert Image.open(io.BytesIO(result["sketch"][0])).tobytes() == alone.tobytes()


def test_batch_of_pixels_and_files_that_are_written(model, tmp_path):
    photos = np.stack([np.asarray(draw_face(number)[0]) for number in range(2)])
    batch = {"image": photos, "path": np.array(["/photos/a.jpg", "bucket/../../b.png"])}
    result = Sketcher(model, options=RAW_OUTPUT, out=str(tmp_path / "out"))(batch)
    assert [Path(path).relative_to(tmp_path).as_posix() for path in result["out"]] == [
        "out/photos/a.jpg.png",
        "out/b.png.png",
    ]
    assert all(Image.open(path).size == (200, 250) for path in result["out"]) and not any(result["error"])
    (tmp_path / "blocked").write_text("a file")
    blocked = Sketcher(model, options=RAW_OUTPUT, out=str(tmp_path / "blocked"))(batch)
    assert all("It cannot be drawn" in error for error in blocked["error"]) and blocked["out"] == ["", ""]


def test_picture_that_cannot_be_drawn_leaves_the_rest_of_its_batch(model, monkeypatch):
    sketcher = Sketcher(model, options=RAW_OUTPUT)
    draw = sketcher.pipeline.draw_batch

    def draw_batch(images, *others):
        if any(image.size == (64, 64) for image in images):
            raise RuntimeError("out of memory")
        return draw(images, *others)

    monkeypatch.setattr(sketcher.pipeline, "draw_batch", draw_batch)
    files = [encode(Image.new("RGB", (side, side))) for side in (32, 64, 96)]
    assert sketcher({"bytes": objects(*files)})["error"] == [
        "",
        "It cannot be drawn (RuntimeError: out of memory).",
        "",
    ]


def test_wrong_options_are_an_error_at_the_start(model):
    with pytest.raises(OptionError):
        Sketcher(model, options=DrawOptions(style="watercolor"))


class DyingSketcher(Sketcher):
    """A Sketcher whose process is killed once, in the middle of the work."""

    def __init__(self, mark: str, **options: object):
        super().__init__(**options)
        self.mark = Path(mark)

    def __call__(self, batch):
        result = super().__call__(batch)
        if any(path.endswith("17.png") for path in batch["path"]) and not self.mark.exists():
            self.mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return {**result, "worker": np.full(len(batch["path"]), os.getpid())}


@pytest.mark.slow
def test_killed_worker_of_a_ray_cluster_loses_nothing_and_does_nothing_twice(model, tmp_path):
    ray = pytest.importorskip("ray")
    pytest.importorskip("ray.data")
    (tmp_path / "photos").mkdir()
    for number in range(40):
        draw_face(number)[0].save(tmp_path / "photos" / f"{number}.png")
    (tmp_path / "photos" / "broken.png").write_bytes(b"\x89PNG")
    root = Path(__file__).parents[1]
    paths = os.pathsep.join(map(str, (root, root / "tests")))
    ray.init(
        num_cpus=3, include_dashboard=False, runtime_env={"env_vars": {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}}
    )
    try:
        photos = ray.data.read_binary_files(str(tmp_path / "photos"), include_paths=True, override_num_blocks=10)
        actors = ray.data.ActorPoolStrategy(size=2)
        options = {"model": model, "options": RAW_OUTPUT, "mark": str(tmp_path / "killed")}
        drawn = photos.map_batches(DyingSketcher, fn_constructor_kwargs=options, batch_size=4, compute=actors)
        drawn.write_parquet(str(tmp_path / "drawn"))
        rows = ray.data.read_parquet(str(tmp_path / "drawn")).take_all()
    finally:
        ray.shutdown()
    assert (tmp_path / "killed").exists() and len({row["worker"] for row in rows}) >= 2
    names = Counter(Path(row["path"]).name for row in rows)
    assert names == Counter([*(f"{number}.png" for number in range(40)), "broken.png"])
    sketcher = Sketcher(model, options=RAW_OUTPUT)
    for row in rows:
        name = Path(row["path"]).name
        assert bool(row["error"]) == (name == "broken.png") == (row["sketch"] == b"")
        if name in ("0.png", "17.png"):
            alone = sketcher.pipeline(draw_face(int(Path(name).stem))[0], RAW_OUTPUT).image
            assert Image.open(io.BytesIO(row["sketch"])).tobytes() == alone.tobytes()
