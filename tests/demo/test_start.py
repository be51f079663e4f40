"""How the demo is started: Gradio's variables, and on what models run."""

import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import httpx
from visiting import wait_for

import facesketch
from demo import models

ROOT = Path(__file__).parents[2]
# There is no network here: what opens Gradio's tunnel says which port it was given, and all else is the demo's own.
TUNNEL = """
import runpy, gradio.networking
gradio.networking.setup_tunnel = lambda *, local_port, **how: f"http://shared-{local_port}.example"
runpy.run_path("app.py", run_name="__main__")
"""


def port_that_is_free() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextmanager
def started(port: int, *command: str, **variables: str):
    """The demo in a process of its own, and what it says, filled when it has ended."""
    settings = {"GRADIO_SERVER_PORT": str(port), "PYTHONUNBUFFERED": "1", **variables}
    out, said = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}, []
    process = subprocess.Popen([sys.executable, *command], cwd=ROOT, env={**os.environ, **settings}, **out)
    try:
        wait_for(f"http://127.0.0.1:{port}{variables.get('GRADIO_ROOT_PATH', '')}", process, 180)
        yield said
    finally:
        process.terminate()
        said.append(process.communicate(timeout=60)[0])


def test_gradios_variables_reach_the_page():
    port = port_that_is_free()
    variables = {"GRADIO_SHARE": "true", "GRADIO_SERVER_NAME": "0.0.0.0", "GRADIO_ROOT_PATH": "/faces"}
    with started(port, "-c", TUNNEL, **variables, GRADIO_RUN_HISTORY="true") as said:
        config = httpx.get(f"http://127.0.0.1:{port}/config").json()
        assert config["root"].endswith("/faces")
    assert f"https://shared-{port}.example" in said[0] and f"http://0.0.0.0:{port}" in said[0], said[0]


def test_nothing_is_shared_unasked():
    port = port_that_is_free()
    with started(port, "-c", TUNNEL) as said:
        pass
    assert ".example" not in said[0] and f"http://127.0.0.1:{port}" in said[0], said[0]


def test_a_device_that_is_not_there_is_wrong_usage():
    done = subprocess.run([sys.executable, "app.py", "--device", "abacus"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and "not abacus" in done.stderr and "Traceback" not in done.stderr


def test_models_run_on_the_device_that_is_asked_for(monkeypatch):
    asked = []
    monkeypatch.setattr(models, "device", lambda name: asked.append(name) or facesketch.device("cpu"))
    monkeypatch.setattr(models, "_device", "auto")
    models._load.cache_clear()
    try:
        models.run_on(models.device_asked(["--device", "cuda:1"]))
        models._load(facesketch.WEIGHTS_FOLDER / "autoencoder")
    finally:
        models._load.cache_clear()
    assert asked == ["cuda:1", "cuda:1"]
