"""The demo where almost nothing can be written, and with simultaneous requests."""

import os
import resource
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import draw_face
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from visiting import free_port, wait_for

import facesketch

ROOT = Path(__file__).parents[2]
MAX_FILE = 120_000  # bytes of a file that can be written; the examples are smaller


@pytest.fixture
def demo_without_disk(tmp_path):
    """The demo's url: home and working folder take no file, even root's, and a temporary one only small files."""
    port = free_port()
    settings = {"HOME": "/dev/null", "XDG_CACHE_HOME": "/dev/null", "HF_HOME": "/dev/null"}
    settings |= {"TMPDIR": str(tmp_path), "GRADIO_TEMP_DIR": ""}
    process = subprocess.Popen(
        [sys.executable, ROOT / "app.py"], cwd="/proc",
        env={**os.environ, **settings, "GRADIO_SERVER_PORT": str(port), "PYTHONDONTWRITEBYTECODE": "1"},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_FILE, MAX_FILE)),
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    wait_for(url, process, 90)
    yield url
    process.kill()
    process.wait()


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no folder that takes no file even from root")
def test_it_starts_with_only_a_temporary_folder_and_reports_a_full_disk(demo_without_disk, tmp_path):
    draw_face(0)[0].save(tmp_path / "face.png")
    draw_face(0, (1600, 2000))[0].save(tmp_path / "wide.jpg", quality=50)
    noise = facesketch.read_image(ROOT / "examples" / "grace_hopper.jpg").effect_spread(9)
    noise.save(tmp_path / "large.png")
    client = Client(demo_without_disk, verbose=False, download_files=str(tmp_path / "answers"))
    photo = handle_file(str(tmp_path / "face.png"))
    assert client.predict(photo, "autoencoder", True, api_name="/photo_to_sketch")
    with pytest.raises(AppError, match="disk is full") as error:
        client.predict(handle_file(str(tmp_path / "wide.jpg")), "autoencoder", True, api_name="/photo_to_sketch")
    assert str(tmp_path) not in str(error.value)
    with pytest.raises(Exception, match=r"disk is full|507"):
        client.predict(handle_file(str(tmp_path / "large.png")), "autoencoder", True, api_name="/photo_to_sketch")
    kept = [path for path in tmp_path.glob("facesketch-*/**/*") if path.is_file()]
    results = [path for path in kept if "results" in path.parts]
    assert results and all(path.stat().st_size < MAX_FILE for path in results)  # none is the beginning of a larger one
    partial = [path for path in kept if path.stat().st_size >= MAX_FILE]
    assert len(partial) <= 1  # an upload that Gradio could not finish, which the sweep deletes by its age


def test_on_a_full_disk_the_command_line_fails_in_a_line_and_leaves_nothing(tmp_path):
    command = f"ulimit -f 8 && exec {sys.executable} -m facesketch examples/grace_hopper.jpg --model autoencoder --out"
    done = subprocess.run(
        ["bash", "-c", f"{command} {tmp_path}/out/sketch.png"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 1 and len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert list((tmp_path / "out").iterdir()) == []


def test_weights_are_loaded_once_for_simultaneous_requests(monkeypatch):
    from demo import model_catalog

    loaded, load = [], facesketch.Model.from_pretrained
    monkeypatch.setattr(facesketch.Model, "from_pretrained", lambda source: loaded.append(source) or load(source))
    model_catalog.cached_model.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        folder, face = facesketch.WEIGHTS_DIR / "autoencoder", draw_face(0)[0]
        options = facesketch.DrawOptions(align="never")
        drawn = list(pool.map(lambda _: model_catalog.draw(folder, face, "sketch", options).image.tobytes(), range(8)))
    assert loaded == [folder] and len(set(drawn)) == 1
