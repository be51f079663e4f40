"""The structure of the project: imports run one way, and only the public API of dependencies is used."""

import ast
import subprocess
import sys
from collections.abc import Collection, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import facesketch

ROOT = Path(__file__).parent.parent
SLOW_TO_IMPORT = {"gradio", "torchvision", "accelerate", "typer", "huggingface_hub", "onnx"}
PACKAGES = ("facesketch", "train", "demo")
SOURCES = sorted([ROOT / "app.py", *(path for package in PACKAGES for path in ROOT.glob(f"{package}/**/*.py"))])
ALL_SOURCES = sorted(
    {*SOURCES, *(path for folder in ("benchmarks", "docs", "tests") for path in ROOT.glob(f"{folder}/**/*.py"))}
)
MAY_IMPORT = {  # of the project's own packages
    "app.py": {"demo", "facesketch"},
    "demo": {"demo", "facesketch"},
    "facesketch": {"facesketch"},
    "train": {"train", "facesketch"},
}
LIBRARY_MUST_NOT_IMPORT = {  # a part of facesketch: the parts that it must not import
    "image": {"face", "models", "pipeline", "drawing", "command", "hub", "export"},
    "face": {"pipeline", "drawing", "command", "export"},
    "models": {"face", "pipeline", "drawing", "command", "export"},
    "hub": {"face", "pipeline", "drawing", "command", "export"},
    "pipeline": {"command", "export"},
    "drawing": {"pipeline", "command", "export"},
    "export": {"command"},
    "messages": {"*"},
    "errors": {"image", "face", "models", "hub", "options", "pipeline", "drawing", "command", "export"},
    "options": {"image", "face", "models", "hub", "pipeline", "drawing", "command", "export"},
}
DEPENDENCIES = {
    "PIL", "accelerate", "cv2", "fastapi", "gradio", "gradio_client", "huggingface_hub", "imageio_ffmpeg", "numpy",
    "onnx", "onnxruntime", "playwright", "safetensors", "scipy", "skimage", "starlette", "torch", "torchvision", "tqdm",
    "uvicorn",
}  # fmt: skip


def module_name(path: Path) -> str:
    """A file's dotted name from the project's root."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path) for path in ALL_SOURCES}


def imported_modules(path: Path) -> set[str]:
    """The absolute names of the modules that a file imports; for `from x import y` x.y where that is our module."""
    name, found = module_name(path), set()
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            names = {f"{module}.{alias.name}" for alias in node.names}
            found |= {name if name in MODULES else module for name in names}
    return found


def test_imports_run_one_way():
    """app -> demo -> facesketch <- train."""
    own = {*PACKAGES, "app", "benchmarks", "tests"}
    for path in SOURCES:
        wrong = {name.split(".")[0] for name in imported_modules(path)} & own
        assert wrong <= MAY_IMPORT[path.relative_to(ROOT).parts[0]], path


@pytest.mark.parametrize("part", LIBRARY_MUST_NOT_IMPORT)
def test_imports_run_one_way_inside_the_library(part):
    paths = [path for path in SOURCES if module_name(path).split(".")[:2] == ["facesketch", part]]
    assert paths
    for path in paths:
        parts = {name.split(".")[1] for name in imported_modules(path) if name.startswith("facesketch.")}
        barred = LIBRARY_MUST_NOT_IMPORT[part]
        assert not (parts if "*" in barred else parts & barred), path


@pytest.mark.parametrize("package", PACKAGES)
def test_modules_do_not_import_one_another_in_a_circle(package):
    paths = {module_name(path): path for path in SOURCES if module_name(path).startswith(f"{package}.")}
    graph = {name: (imported_modules(path) & set(paths)) - {name} for name, path in paths.items()}
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(reversed(error.args[1])))


def test_library_parts_use_no_name_of_the_package_itself():
    """Which imports everything; the command line and Sketcher, which are above, may."""
    for path in SOURCES:
        name = module_name(path)
        if name.startswith("facesketch.") and not name.startswith(
            ("facesketch.command", "facesketch.__main__", "facesketch.scale")
        ):
            assert "facesketch" not in imported_modules(path) or name == "facesketch", path


def test_methods_do_not_import_one_another():
    for path in (ROOT / "train" / "methods").glob("[a-z]*.py"):
        modules = {name.split(".")[2] for name in imported_modules(path) if name.startswith("train.methods.")}
        others = {other.stem for other in path.parent.glob("[a-z]*.py")} - {"losses", "common", path.stem}
        assert not modules & others, path


def test_parts_of_train_import_only_those_below():
    order = ["hardware", "config", "presets", "data", "methods", "results", "engine"]
    for path in (ROOT / "train").glob("*/*.py"):
        above = order[order.index(path.parent.name) + 1 :]
        parts = {name.split(".")[1] for name in imported_modules(path) if name.startswith("train.")}
        assert not parts & set(above), path


def test_help_and_import_load_nothing_that_takes_long():
    code = f"""if True:
        import sys, facesketch.__main__
        try:
            facesketch.__main__.main(["--help"])
        except SystemExit:
            sys.exit(str({SLOW_TO_IMPORT | {"torch", "cv2", "skimage"}!r} & set(sys.modules) or ''))
    """
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stderr.strip() == "" and "--out" in done.stdout, done.stderr


def test_library_imports_neither_gradio_nor_torchvision_and_the_hubs_client_only_when_needed():
    code = f"import sys; from facesketch import *; load; sys.exit(str({SLOW_TO_IMPORT!r} & set(sys.modules) or ''))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stderr.strip() == "", done.stderr


def test_every_public_name_can_be_imported():
    assert {*facesketch.MODULES} - {"Target"} <= {*facesketch.__all__} and "Pipeline" in dir(facesketch)
    for name in facesketch.__all__:
        assert getattr(facesketch, name) is not None
    with pytest.raises(AttributeError, match="nothing"):
        _ = facesketch.nothing


# only public API of dependencies

DOCUMENTED = {"_asdict", "_exit", "_fields", "_make", "_replace"}  # public names of namedtuples and of os
SETTINGS = {
    "tqdm.monitor_interval",
    "PngImagePlugin.MAX_TEXT_MEMORY",
}  # attributes of dependencies that are documented to be set


def is_private(name: str) -> bool:
    is_dunder = name.startswith("__") and name.endswith("__")
    return name.startswith("_") and not is_dunder and name not in DOCUMENTED


def private_definitions(tree: ast.AST) -> Iterator[str]:
    """The private names that a file defines or assigns, as variables, attributes of self or cls, and functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names = [node.id]
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and is_self(node.value):
            names = [node.attr]
        else:
            continue
        yield from filter(is_private, names)


def is_self(node: ast.expr) -> bool:
    """Whether an expression is self, cls or super()."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return node.func.id == "super"
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def dependency_names(tree: ast.AST) -> set[str]:
    """The names that a file imports from dependencies: modules, classes, functions."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] in DEPENDENCIES:
                    names.add(alias.asname or alias.name.split(".")[0])
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module.split(".")[0] in DEPENDENCIES:
            names |= {alias.asname or alias.name for alias in node.names}
    return names


def root_name(node: ast.expr) -> str | None:
    """The name that a chain of attributes begins with."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def private_use(source: str, own: Collection[str] = ()) -> list[tuple[int, str]]:
    """Line and description of each use of a dependency's private API, and of each replacement of its attributes.

    own: the private names that the project itself defines.
    """
    tree, found = ast.parse(source), []
    imported = dependency_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] in DEPENDENCIES and any(map(is_private, alias.name.split("."))):
                    found.append((node.lineno, f"import {alias.name}"))
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module.split(".")[0] in DEPENDENCIES:
            for alias in node.names:
                if any(map(is_private, [*node.module.split("."), alias.name])):
                    found.append((node.lineno, f"from {node.module} import {alias.name}"))
        elif isinstance(node, ast.Attribute):
            text = ast.unparse(node)
            if is_private(node.attr):
                if root_name(node) in imported or node.attr not in own:
                    found.append((node.lineno, text))
            elif isinstance(node.ctx, ast.Store | ast.Del) and root_name(node) in imported and text not in SETTINGS:
                found.append((node.lineno, f"{text} = ..."))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ACCESSORS:
            found += attribute_by_name(node, imported, own)
    return sorted(found)


ACCESSORS = ("getattr", "setattr", "delattr", "hasattr")


def attribute_by_name(call: ast.Call, imported: set[str], own: Collection[str]) -> Iterator[tuple[int, str]]:
    """getattr(x, "_name"), and setattr(dependency, "name", ...)."""
    name = call.args[1].value if len(call.args) > 1 and isinstance(call.args[1], ast.Constant) else ""
    if isinstance(name, str) and is_private(name):
        if root_name(call.args[0]) in imported or name not in own:
            yield call.lineno, ast.unparse(call)
    elif call.func.id in ("setattr", "delattr") and root_name(call.args[0]) in imported:
        yield call.lineno, ast.unparse(call)


def own_private_names() -> set[str]:
    """The private names that the project's own files define."""
    trees = (ast.parse(path.read_text(encoding="utf-8")) for path in ALL_SOURCES)
    return {name for tree in trees for name in private_definitions(tree)}


def test_only_public_api_of_dependencies_is_used():
    own, found = own_private_names(), []
    for path in ALL_SOURCES:
        uses = private_use(path.read_text(encoding="utf-8"), own)
        found += [f"{path.relative_to(ROOT)}:{line}: {use}" for line, use in uses]
    assert found == [], "\n".join(found)


@pytest.mark.parametrize(
    "snippet",
    [
        "from torch import _C",
        "import torch._dynamo",
        "import torch\ntorch._C._jit_clear_class_registry()",
        "import torch as t\nt.cpu._is_avx512_bf16_supported()",
        "from gradio._simple_templates import SimpleImage",
        "from huggingface_hub.utils._http import get_session",
        "import gradio as gr\ngr.Blocks._queue",
        "def f(demo):\n    return demo._queue",
        "def f(image):\n    image._close()",
        "import cv2\nx = cv2.dnn._registerMatType",
        "import numpy as np\nnp._globals",
        "from gradio import processing_utils\nprocessing_utils.save_pil_to_cache = None",
        "from gradio import route_utils\nroute_utils.FnIndexInferError: type = ValueError",
        "import gradio as gr\ngr.processing_utils.hash_bytes += 1",
        "import torch\ndel torch.cuda.synchronize",
        "import torch\nsetattr(torch.nn.Module, 'half', None)",
        "def f(x):\n    return getattr(x, '_hidden')",
        "import PIL.Image\nPIL.Image._plugins",
        "class A:\n    def f(self, other):\n        return other._queue",
        "class A:\n    _mine = 1\n\nimport torch\ntorch._mine",
        "import gradio as gr\nclass A(gr.Blocks):\n    def f(self):\n        return self._queue",
        "import gradio as gr\nclass A(gr.Blocks):\n    def f(self):\n        return super()._queue",
    ],
)
def test_private_api_is_found(snippet):
    tree = ast.parse(snippet)
    assert private_use(snippet, set(private_definitions(tree)))


@pytest.mark.parametrize(
    "snippet",
    [
        "import torch\ntorch.__version__",
        "from torch import nn",
        "from . import _private",
        "class A:\n    def f(self, other):\n        self._pool = 1\n        return other._pool",
        "class A(B):\n    _size = 1\n\n    def f(self):\n        return self._size + super()._size",
        "import os\nos._exit(1)",
        "from tqdm import tqdm\ntqdm.monitor_interval = 0",
        "import torch\nx = torch.zeros(1)\nx.requires_grad = True",
        "import gradio as gr\ndemo = gr.Blocks()\ndemo.title = 'x'",
        "def _f():\n    pass\n\n_f()",
        "_mine = 1\nsetattr(self, '_mine', 1)",
    ],
)
def test_public_api_and_own_private_names_are_not_found(snippet):
    tree = ast.parse(snippet)
    assert private_use(snippet, set(private_definitions(tree))) == []


# files


@pytest.mark.parametrize(
    ("name", "max_bytes"), {"autoencoder": 15e6, "pix2pix": 20e6, "cyclegan": 20e6, "matte": 2e6}.items()
)
def test_embedded_weights_are_small_and_complete(name, max_bytes):
    folder = ROOT / "weights" / name
    assert (folder / "model.safetensors").stat().st_size <= max_bytes
    assert {path.name for path in folder.iterdir()} == {"config.json", "model.safetensors", "README.md"}


def test_front_matter_agrees_with_requirements():
    front = (ROOT / "README.md").read_text(encoding="utf-8").split("---")[1]
    requirements = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pinned = next(line for line in requirements if line.startswith("gradio=="))
    assert f"sdk_version: {pinned.removeprefix('gradio==')}" in front
    assert 'python_version: "3.12"' in front and "app_file: app.py" in front
