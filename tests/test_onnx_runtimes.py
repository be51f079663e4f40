"""Exported models in the oldest and the newest runtimes that docs/use.md names, in Python and in a browser."""

import base64
import importlib.util
import io
import shutil
import subprocess
import sys
import tarfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from pictures import HOPPER
from PIL import Image

import facesketch
from facesketch.__main__ import main
from facesketch.face.matte import load_matte_model

for package in ("onnx", "onnxruntime", "onnxscript"):
    pytest.importorskip(package)
pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[1]
PYTHON_RUNTIMES = ("onnxruntime==1.15.0", "onnxruntime")
WEB_RUNTIMES = ("onnxruntime-web@1.14.0", "onnxruntime-web")
MODELS = {"detector": "detector", "matte": "matte", "generator": "autoencoder"}
RUN = """
import sys, numpy, onnxruntime
inputs = numpy.load("inputs.npz")
for name in inputs:
    session = onnxruntime.InferenceSession(f"{name}.onnx", providers=["CPUExecutionProvider"])
    outputs = session.run(None, {session.get_inputs()[0].name: inputs[name]})
    numpy.savez(f"{sys.argv[1]}-{name}.npz", *outputs)
"""


@pytest.fixture(scope="module")
def chain(tmp_path_factory) -> Path:
    """A folder with the detector, the matte and a generator."""
    folder = tmp_path_factory.mktemp("chain")
    for file, name in MODELS.items():
        assert main(["export", name, "--onnx", str(folder / f"{file}.onnx")]) == 0
    return folder


def run(command: list[str], folder: Path) -> bool:
    """Whether a command that needs a network, or a package for this Python, succeeds."""
    return subprocess.run(command, cwd=folder, capture_output=True).returncode == 0


@pytest.mark.parametrize("runtime", PYTHON_RUNTIMES)
def test_runtimes_of_python_give_the_same_output(chain, tmp_path, runtime):
    numpy = "numpy<2" if "==" in runtime else "numpy"
    pip = [sys.executable, "-m", "pip", "install", "-q", "--only-binary=:all:", "--target", str(tmp_path / "packages")]
    if not run([*pip, runtime, numpy], tmp_path):
        pytest.skip(f"{runtime} cannot be installed here")
    random = np.random.default_rng(0)
    sizes = {"detector": 640, "matte": load_matte_model().config.size, "generator": 256}
    inputs = {name: random.uniform(-1, 1, (1, 3, size, size)).astype(np.float32) for name, size in sizes.items()}
    np.savez(chain / "inputs.npz", **inputs)
    for name, where in (("here", []), ("there", [f"import sys; sys.path.insert(0, {str(tmp_path / 'packages')!r})"])):
        subprocess.run([sys.executable, "-c", "\n".join([*where, RUN]), name], cwd=chain, check=True)
    for name in MODELS:
        here, there = (np.load(chain / f"{place}-{name}.npz") for place in ("here", "there"))
        for key in here:
            assert np.allclose(here[key], there[key], atol=1e-3), (name, key)


@pytest.mark.parametrize("runtime", WEB_RUNTIMES)
def test_page_draws_with_local_files_what_the_library_draws(chain, tmp_path, runtime):
    if importlib.util.find_spec("playwright") is None or not shutil.which("npm"):
        pytest.skip("There is no playwright or no npm.")
    if not run(["npm", "pack", "--silent", runtime], tmp_path):
        pytest.skip(f"{runtime} cannot be fetched here")
    with tarfile.open(next(tmp_path.glob("*.tgz"))) as archive:
        for member in archive.getmembers():
            name = Path(member.name).name
            if member.name.startswith("package/dist/") and name.endswith((".wasm", ".mjs", "ort.wasm.min.js")):
                (tmp_path / name).write_bytes(archive.extractfile(member).read())
    shutil.copy(ROOT / "docs" / "browser.html", tmp_path)
    for name in MODELS:
        shutil.copy(chain / f"{name}.onnx", tmp_path)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=tmp_path))
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        drawn = draw_in_browser(f"http://127.0.0.1:{server.server_port}/browser.html")
    finally:
        server.shutdown()
        server.server_close()
    options = facesketch.DrawOptions(finish="none", size=256)
    drawing = facesketch.load(MODELS["generator"])(facesketch.read_image(HOPPER), options).image
    expected = np.asarray(drawing.convert("L").resize((256, 256)), float)
    likeness = np.corrcoef(drawn.ravel(), expected.ravel())[0, 1]
    assert likeness > 0.85, likeness  # the page neither evens out the light nor refines eyes and matte


class QuietHandler(SimpleHTTPRequestHandler):
    """A server of files that logs nothing."""

    def log_message(self, *_: object) -> None:
        pass


def draw_in_browser(url: str) -> np.ndarray:
    """The sketch that the page makes of a portrait, gray."""
    sys.path.insert(0, str(Path(__file__).parent / "demo"))
    import visiting

    try:
        with visiting.visit(url) as page:
            page.locator("#photo").set_input_files(str(HOPPER))
            page.get_by_text("Drawn.").or_(page.get_by_text("cannot be drawn")).wait_for(timeout=5 * visiting.SLOW)
            assert page.locator("#status").inner_text() == "Drawn."
            data = page.locator("#sketch").evaluate("canvas => canvas.toDataURL('image/png').split(',')[1]")
    finally:
        visiting.close()

    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("L"), float)
