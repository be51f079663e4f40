"""The demo as a Space runs it: it starts and draws whatever the Hub does."""

import os
import re
import shlex
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from gradio_client import Client, handle_file
from hub_models import NAME, put, tiny
from PIL import Image
from visiting import CHROMIUM, browser_path, free_port, wait_for

import facesketch

ROOT = Path(__file__).parents[2]
HOPPER = ROOT / "examples" / "grace_hopper.jpg"
pytestmark = pytest.mark.slow


def test_the_readmes_command_makes_a_space_of_the_repo_alone(hub, tmp_path):
    command = re.search(r"^(hf upload .*--type space.*?)(  .*)?$", (ROOT / "README.md").read_text(), re.MULTILINE)[1]
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    files = {name for name in listed.split("\0") if name and (ROOT / name).is_file()}
    private = {"data/photos/someone.png", "runs/mine/samples/grid.png", ".venv/bin/python", ".gradio/flagged/photo.png"}
    for name in files | private:
        (tmp_path / "repo" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "repo" / name).write_bytes((ROOT / name).read_bytes() if name in files else b"not to be published")
    done = subprocess.run(shlex.split(command), cwd=tmp_path / "repo", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    space = hub.repos["user/space"]
    assert space.commits[space.branches["main"]].keys() - {".gitattributes"} == files - {".gitattributes"}


@pytest.fixture(scope="module")
def spaces(tmp_path_factory) -> str:
    """A folder with the package that a Space's builder adds, and that Gradio asks for on a Space."""
    folder = tmp_path_factory.mktemp("spaces")
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", folder, "spaces"]
    subprocess.run(install, check=True, capture_output=True)
    return str(folder)


def test_on_zerogpu_what_runs_a_model_is_lent_a_gpu(spaces):
    """There the function runs in another process: what it is given must be able to go there."""
    code = """if True:
        import pickle, app, facesketch
        from demo import components, model_catalog
        assert hasattr(model_catalog.draw, "zerogpu")
        photo = facesketch.read_image(components.EXAMPLES[0])
        faces = facesketch.select_faces(photo)
        given = (app.models.folder("pix2pix"), photo, "sketch", facesketch.DrawOptions(), faces)
        assert pickle.loads(pickle.dumps(given)) == given
        assert model_catalog.cached_model(given[0]).device.type == "cuda"
    """
    zero = {"SPACES_ZERO_GPU": "1", "SPACES_ZERO_DEVICE_API_URL": "http://127.0.0.1:9", "PYTHONPATH": spaces}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={**os.environ, **zero}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@contextmanager
def demo(**environment: str):
    """The demo in a process of its own: its url, and a list of what it says, filled when it has ended."""
    port = free_port()
    settings = {"GRADIO_SERVER_PORT": str(port), "GRADIO_SERVER_NAME": "127.0.0.1", **environment}
    url, said = f"http://127.0.0.1:{port}", []
    process = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        wait_for(url, process, 180)
        yield url, said
    finally:
        process.kill()
        said += process.communicate(timeout=30)[0].splitlines()


def draws(url: str, name: str) -> bool:
    """Whether the demo draws a portrait with pix2pix as that model does here, each in its precision."""
    answer = Client(url, verbose=False).predict(handle_file(str(HOPPER)), "pix2pix", api_name="/photo_to_sketch")
    here = facesketch.load(name)(facesketch.read_image(HOPPER)).image
    with Image.open(answer) as there:
        return bool(np.abs(np.asarray(there.convert("RGB"), float) - np.asarray(here)).mean() < 2)


def test_a_space_starts_and_draws_with_the_hub_offline(spaces, tmp_path):
    space = {"SPACE_ID": "user/space", "SYSTEM": "spaces", "PYTHONPATH": spaces, "FACESKETCH_MODELS": NAME}
    offline = {"HF_HUB_OFFLINE": "1", "HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": str(tmp_path)}
    with demo(**space, **offline) as (url, said):
        assert draws(url, "pix2pix")
    assert not any(f'File "{ROOT}' in line for line in said), said  # no traceback through what is ours
    sentences = [line for line in said if NAME in line]
    assert len(sentences) == 1 and "HF_HUB_OFFLINE is set" in sentences[0]


def test_the_demo_serves_a_model_from_the_hub_and_shows_its_commit(hub, tmp_path):
    commit = put(hub, tiny(tmp_path / "mine"))
    with demo(FACESKETCH_MODELS=f"{NAME}@main") as (url, said):
        shown = f"pix2pix is {NAME} on the Hub, at commit {commit}."
        assert shown in seen(url, tmp_path / "page.png", shown)
        assert draws(url, str(tmp_path / "mine"))
    assert f"{NAME}@main is at commit {commit}." in said


FAULTS = {"stall": "did not arrive within 15 s", "500": "fails to answer", "damage": "is damaged"}


@pytest.mark.parametrize(
    "fault", ["damage", *(pytest.param(name, marks=pytest.mark.long) for name in ("stall", "500"))]
)
def test_the_embedded_model_serves_while_the_hub_fails_and_after(fault, hub, tmp_path):
    put(hub, tiny(tmp_path / "mine"))
    hub.faults = [("GET", "safetensors", fault)]
    with demo(FACESKETCH_MODELS=NAME, FACESKETCH_HUB_DEADLINE="15") as (url, said):
        if fault == "stall":
            assert "is being fetched" in seen(url, tmp_path / "early.png", "is being fetched")
        assert draws(url, "pix2pix")
        text = seen(url, tmp_path / "late.png", FAULTS[fault])
        assert "The embedded pix2pix is used." in text and "is being fetched" not in text
        assert draws(url, "pix2pix")
    assert sum(NAME in line for line in said) == 1 + (fault == "damage")


def seen(url: str, picture: Path, wanted: str) -> str:
    """The text of the demo's page in a browser, once it contains wanted."""
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=CHROMIUM)
        page = browser.new_page(viewport={"width": 1280, "height": 700})
        page.goto(url)
        expect(page.get_by_text(wanted)).to_be_visible(timeout=30_000)
        page.screenshot(path=picture)
        text = page.inner_text("body")
        browser.close()
    return text
