"""The wheel: what it contains, and that it draws when installed in a fresh environment outside the checkout."""

import os
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest
from PIL import Image

import facesketch

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """Built from the sdist, so that files missing in either are noticed."""
    folder = tmp_path_factory.mktemp("dist")
    code = f"from setuptools import build_meta; print(build_meta.build_sdist({str(folder)!r}))"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    source = next(path for path in folder.iterdir() if path.is_dir())
    pip = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", str(folder)]
    subprocess.run([*pip, str(source)], check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    """The bin/ of a fresh environment with the wheel; its dependencies are found through a .pth file."""
    home = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    python = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(pip, check=True, capture_output=True, env={**os.environ, "PYTHONPATH": ""})
    site = next((home / "lib").glob("python*/site-packages"))
    (site / "others.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", encoding="utf-8")
    return home / "bin"


def test_wheel_contains_the_library_and_the_weights_alone(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"facesketch"}
    for name in ("cyclegan/model.safetensors", "matte/config.json", "pix2pix/README.md"):
        assert f"facesketch/weights/{name}" in names
    for name in ("face_detection_yunet_2023mar.onnx", "LICENSE-yunet.txt"):
        assert f"facesketch/face/{name}" in names
    assert any(name.endswith("dist-info/licenses/LICENSE") for name in names)
    assert "facesketch/py.typed" in names and wheel.stat().st_size < 50e6
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "facesketch").rglob("*.py")}
    assert sources <= set(names)


def test_installed_wheel_draws(installed, tmp_path):
    (tmp_path / "me.jpg").write_bytes((ROOT / "examples" / "grace_hopper.jpg").read_bytes())
    run = {"cwd": tmp_path, "capture_output": True, "text": True, "env": {"PATH": str(installed)}}
    done = subprocess.run([installed / "facesketch", "me.jpg", "--out", "sketches/", "--model", "pix2pix"], **run)
    assert (done.returncode, done.stdout) == (0, "me.jpg -> sketches/me.png\n"), done.stderr
    assert Image.open(tmp_path / "sketches" / "me.png").size == (512, 640)
    code = "import facesketch; print(facesketch.__file__, facesketch.available_models(), facesketch.WEIGHTS_DIR)"
    printed = subprocess.run([installed / "python", "-c", code], **run).stdout
    assert (
        str(installed.parent) in printed
        and str(ROOT) not in printed
        and "'autoencoder', 'cyclegan', 'pix2pix'" in printed
    )


def test_import_writes_no_file_and_opens_no_connection(installed, tmp_path):
    code = (
        "import sys, socket\n"
        "sys.addaudithook(lambda event, args: event.startswith('socket.connect') and sys.exit(f'{event} {args}'))\n"
        "sys.addaudithook(lambda event, args: event == 'open' and isinstance(args[1], str)"
        " and set(args[1]) & set('wax+') and str(args[0]) != '/dev/null' and sys.exit(f'{event} {args}'))\n"
        "import facesketch\n"
        "print('quiet')"
    )
    run = {"cwd": tmp_path, "capture_output": True, "text": True, "env": {"HOME": str(tmp_path)}}
    done = subprocess.run([installed / "python", "-B", "-c", code], **run)
    assert done.stdout == "quiet\n", done.stderr
    assert not list(tmp_path.iterdir())


def test_public_names_exist():
    assert sorted(facesketch.__all__) == sorted(set(facesketch.__all__))
    assert all(hasattr(facesketch, name) for name in facesketch.__all__)
    defined = {name for name, value in vars(facesketch).items() if getattr(value, "__module__", "") == "facesketch"}
    assert {name for name in defined if not name.startswith("_")} <= set(facesketch.__all__)


def test_requirements_are_those_of_the_package_and_the_demo():
    tomllib = pytest.importorskip("tomllib")  # Python 3.11
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = (ROOT / "requirements.txt").read_text(encoding="utf-8").split()
    assert sorted(pinned) == sorted(project["dependencies"] + project["optional-dependencies"]["demo"])
