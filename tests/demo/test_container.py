"""The Dockerfile's steps, followed without Docker: what is copied is enough, stays unchanged, draws and is healthy."""

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from gradio_client import Client, handle_file
from packaging.requirements import Requirement
from PIL import Image
from visiting import free_port, wait_for, wait_until

ROOT = Path(__file__).parents[2]
MAX_SIZE = 2.5e9  # bytes of the image
SLIM = 0.2e9  # bytes of python:slim, rounded up
ONLY_ON_GPUS = ("nvidia-", "cuda-", "triton")  # of PyTorch's other builds


def steps(name: str) -> list[str]:
    """The arguments of the Dockerfile's instructions of one name."""
    return re.findall(rf"^{name} (.+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


def installed_size(requirements: list[str]) -> int:
    """The bytes of what a CPU's environment with these requirements holds, by the files of this one."""
    sizes: dict[str, int] = {}
    while requirements:
        wanted = Requirement(requirements.pop())
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        if name in sizes or name.startswith(ONLY_ON_GPUS) or (wanted.marker and not wanted.marker.evaluate()):
            continue
        try:
            found = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:  # of an extra, or of another system
            sizes[name] = 0
            continue
        sizes[name] = sum(file.size or 0 for file in found.files or ())
        requirements += found.requires or []
    return sum(sizes.values())


def test_the_image_is_small_and_its_user_has_no_rights():
    copied = [ROOT / name for line in steps("COPY") for name in line.split()[:-1]]
    own = sum(path.stat().st_size for each in copied for path in [each, *each.rglob("*")] if path.is_file())
    packages = installed_size((ROOT / "requirements.txt").read_text().split())
    assert SLIM + own + packages < MAX_SIZE, (own, packages)
    assert steps("USER") == ["facesketch"] and "facesketch" in steps("RUN")[0]
    assert steps("RUN")[1].endswith("torch") and steps("RUN")[2].endswith("-r requirements.txt")


@pytest.mark.slow
def test_what_is_copied_draws_and_writes_nothing_outside_the_temporary_folder(tmp_path):
    app, tmpfs = tmp_path / "app", tmp_path / "tmp"
    tmpfs.mkdir()
    for line in steps("COPY"):
        *sources, target = line.split()
        for source in sources:
            if (ROOT / source).is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "*.pyi")
                shutil.copytree(ROOT / source, app / target, ignore=ignored)
            else:
                (app / target).mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / source, app / target)
    before = {path for path in app.rglob("*")}
    port = str(free_port())
    settings = dict(pair.split("=", 1) for line in steps("ENV") for pair in line.split())
    settings = {name: value.replace("/tmp", str(tmpfs)) for name, value in settings.items()}
    env = {"PATH": os.environ["PATH"], "TMPDIR": str(tmpfs), **settings, "GRADIO_SERVER_PORT": port}
    _, *command = json.loads(steps("CMD")[-1])
    check = json.loads(re.search(r"CMD (\[.+\])$", steps("HEALTHCHECK")[0])[1])[1:]
    assert subprocess.run([sys.executable, *check], cwd=app, env=env).returncode == 1  # nothing is served yet
    with open(tmp_path / "log.txt", "wb") as log:
        process = subprocess.Popen([sys.executable, *command], cwd=app, env=env, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(url, process, 120)
        proxied = {**env, "http_proxy": "http://127.0.0.1:9"}
        healthy = lambda: subprocess.run([sys.executable, *check], cwd=app, env=proxied).returncode == 0  # noqa: E731
        assert wait_until(healthy, 120)
        client = Client(url, verbose=False, download_files=str(tmp_path / "answers"))
        photo = handle_file(str(ROOT / "examples" / "grace_hopper.jpg"))
        answer = client.predict(photo, "autoencoder", finish="none", api_name="/photo_to_sketch")
        assert Image.open(answer).format == "PNG", (tmp_path / "log.txt").read_text()
    finally:
        process.kill()
        process.wait()
    written = {path for path in app.rglob("*")} - before
    assert {path for path in written if path.suffix != ".pyi"} == set(), written  # Gradio's stubs, where it may write
    assert env["HOME"] == str(tmpfs)
