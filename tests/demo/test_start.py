"""Starting the demo: Gradio's variables, and the device that models run on."""

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import httpx
from visiting import free_port

import facesketch
from demo import model_catalog

ROOT = Path(__file__).parents[2]


@contextmanager
def started(port: int, last: str, **variables: str):
    """The demo in a process of its own, and its output up to last, which it prints once the page is served."""
    settings = {"GRADIO_SERVER_PORT": str(port), "PYTHONUNBUFFERED": "1", **variables}
    out = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env={**os.environ, **settings}, **out) as process:
        output, limit = "", Timer(180, process.kill)
        limit.start()
        while last not in output and (line := process.stdout.readline()):
            output += line
        limit.cancel()
        try:
            yield output
        finally:
            process.terminate()


def test_gradios_variables_reach_the_page():
    port = free_port()
    nowhere = {"GRADIO_SHARE": "true", "GRADIO_SHARE_SERVER_ADDRESS": "127.0.0.1:9"}  # a link is tried for, and fails
    variables = {"GRADIO_SERVER_NAME": "0.0.0.0", "GRADIO_ROOT_PATH": "/faces", "GRADIO_RUN_HISTORY": "true"}
    with started(port, "Could not create share link", **nowhere, **variables) as output:
        assert "Could not create share link" in output and f"http://0.0.0.0:{port}" in output, output
        url = f"http://127.0.0.1:{port}"
        assert httpx.get(f"{url}/config").json()["root"].endswith("/faces")
        redirect = httpx.get(f"{url}/?lang=vi&tab=live")
        assert redirect.headers["location"] == "/faces/vi?lang=vi&tab=live"


def test_nothing_is_shared_unless_asked():
    port = free_port()
    with started(port, "To create a public link") as output:
        assert "share link" not in output and f"http://127.0.0.1:{port}" in output, output


def test_a_device_that_does_not_exist_is_wrong_usage():
    done = subprocess.run([sys.executable, "app.py", "--device", "abacus"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2 and "not abacus" in done.stderr and "Traceback" not in done.stderr


def test_models_run_on_the_device_of_the_command_line(monkeypatch):
    asked, cpu = [], facesketch.get_device("cpu")
    monkeypatch.setattr(facesketch, "get_device", lambda name: asked.append(name) or cpu)
    model_catalog.cached_model.cache_clear()
    try:
        model_catalog.set_device(model_catalog.parse_device(["--device", "cuda:1"]))
        model_catalog.cached_model(facesketch.WEIGHTS_DIR / "autoencoder")
    finally:
        model_catalog.set_device("auto")
        model_catalog.cached_model.cache_clear()
    assert asked == ["cuda:1", "cuda:1"]
