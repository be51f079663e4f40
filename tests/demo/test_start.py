"""How the demo is started: Gradio's variables, and on what models run."""

import os
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import httpx

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
def started(port: int, last: str, **variables: str):
    """The demo in a process of its own, and what it says until last, said once the page is served, or its end."""
    settings = {"GRADIO_SERVER_PORT": str(port), "PYTHONUNBUFFERED": "1", **variables}
    out = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen([sys.executable, "-c", TUNNEL], cwd=ROOT, env={**os.environ, **settings}, **out) as process:
        said, limit = "", Timer(180, process.kill)
        limit.start()
        while last not in said and (line := process.stdout.readline()):
            said += line
        limit.cancel()
        try:
            yield said
        finally:
            process.terminate()


def test_gradios_variables_reach_the_page():
    port = port_that_is_free()
    variables = {"GRADIO_SHARE": "true", "GRADIO_SERVER_NAME": "0.0.0.0", "GRADIO_ROOT_PATH": "/faces"}
    with started(port, f"https://shared-{port}.example", **variables, GRADIO_RUN_HISTORY="true") as said:
        assert f"https://shared-{port}.example" in said and f"http://0.0.0.0:{port}" in said, said
        config = httpx.get(f"http://127.0.0.1:{port}/config").json()
        assert config["root"].endswith("/faces")


def test_nothing_is_shared_unasked():
    port = port_that_is_free()
    with started(port, "To create a public link") as said:
        assert ".example" not in said and f"http://127.0.0.1:{port}" in said, said


def test_a_device_that_is_not_there_is_wrong_usage():
    done = subprocess.run([sys.executable, "app.py", "--device", "abacus"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and "not abacus" in done.stderr and "Traceback" not in done.stderr


def test_models_run_on_the_device_that_is_asked_for(monkeypatch):
    asked = []
    monkeypatch.setattr(models, "device", lambda name: asked.append(name) or facesketch.device("cpu"))
    monkeypatch.setattr(models, "_device", "auto")
    models._load.cache_clear()
    try:
        models.set_device(models.device_asked(["--device", "cuda:1"]))
        models._load(facesketch.WEIGHTS_FOLDER / "autoencoder")
    finally:
        models._load.cache_clear()
    assert asked == ["cuda:1", "cuda:1"]
