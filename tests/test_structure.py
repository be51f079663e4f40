"""The rules of the house that a machine can see."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("facesketch", "train", "demo")
SOURCES = sorted([ROOT / "app.py", *(path for room in ROOMS for path in ROOT.glob(f"{room}/**/*.py"))])


def imported(path: Path) -> set[str]:
    """The top-level packages that a file imports absolutely."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module.split(".")[0])
    return names


def test_imports_run_one_way():
    for path in SOURCES:
        where = path.relative_to(ROOT).parts[0]
        barred = {
            "facesketch": {"train", "demo", "app"},
            "train": {"demo", "app"},
            "demo": {"train", "app"},
            "app.py": {"train"},
        }[where]
        assert not imported(path) & barred, path


def relative(path: Path, level: int) -> set[str]:
    """The modules that a file imports by that many dots."""
    nodes = [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.ImportFrom) and n.level == level]
    return {name for n in nodes for name in ([n.module] if n.module else [alias.name for alias in n.names])}


def test_methods_do_not_import_one_another():
    for path in (ROOT / "train" / "methods").glob("[a-z]*.py"):
        assert relative(path, 1) <= {"losses"}, path


def test_rooms_stand_on_one_another():
    """A room of train/ imports none that stands above it."""
    rooms = ["hardware", "config", "presets", "data", "methods", "results", "engine"]
    for path in (ROOT / "train").glob("*/*.py"):
        above = rooms[rooms.index(path.parent.name) + 1 :]
        assert not {name.split(".")[0] for name in relative(path, 2)} & set(above), path


def test_the_library_needs_neither_gradio_nor_torchvision_and_the_hubs_client_only_where_it_asks():
    late = {"gradio", "torchvision", "accelerate", "typer", "huggingface_hub", "onnx"}
    code = f"import sys, facesketch.__main__; sys.exit(str({late!r} & set(sys.modules) or ''))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stderr.strip() == "", done.stderr


def test_files_are_short():
    for path in SOURCES:
        assert len(path.read_text().splitlines()) <= 200, path


@pytest.mark.parametrize(
    ("name", "most"), {"autoencoder": 15e6, "pix2pix": 20e6, "cyclegan": 20e6, "matte": 2e6}.items()
)
def test_embedded_weights_are_small_and_complete(name, most):
    folder = ROOT / "weights" / name
    assert (folder / "model.safetensors").stat().st_size <= most
    assert {path.name for path in folder.iterdir()} == {"config.json", "model.safetensors", "README.md"}


def test_front_matter_agrees_with_requirements():
    front = (ROOT / "README.md").read_text().split("---")[1]
    pinned = next(line for line in (ROOT / "requirements.txt").read_text().splitlines() if line.startswith("gradio=="))
    assert f"sdk_version: {pinned.removeprefix('gradio==')}" in front
    assert 'python_version: "3.12"' in front and "app_file: app.py" in front
