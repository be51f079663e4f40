"""The recipes in CONTRIBUTING.md, followed in a copy of the project: each works with the files that it names."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import draw_face
from PIL import Image, ImageOps

from facesketch.messages import MESSAGES

ROOT = Path(__file__).parents[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the library and the demo that a test may edit; weights and pictures are linked."""
    copy = tmp_path / "checkout"
    for name in ("facesketch", "demo"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "app.py", copy)
    for name in ("weights", "examples", "docs", "README.md"):
        (copy / name).symlink_to(ROOT / name)
    return copy


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that occurs once."""
    text = path.read_text("utf-8")
    assert text.count(old) == 1, f"{path.name} holds it {text.count(old)} times: {old}"
    path.write_text(text.replace(old, new), "utf-8")


def run(checkout: Path, *arguments: str) -> str:
    """What Python prints, run in the copy."""
    done = subprocess.run([sys.executable, *arguments], cwd=checkout, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def recipe(name: str) -> str:
    """A recipe of CONTRIBUTING.md."""
    found = re.search(rf"^\*\*{name}\*\*\n(.*?)(?=^\*\*|^## |\Z)", (ROOT / "CONTRIBUTING.md").read_text(), re.M | re.S)
    assert found, name
    return found[1]


@pytest.mark.slow
def test_an_option(checkout: Path):
    for path in ("facesketch/options.py", "facesketch/pipeline.py"):
        assert f"`{path}`" in recipe("An option")
    edit(
        checkout / "facesketch" / "options.py",
        "    def __post_init__(self) -> None:\n        for name, spec",
        '    mirror: Literal["off", "on"] = option("off", "on: mirrored", choices=("off", "on"))\n\n'
        "    def __post_init__(self) -> None:\n        for name, spec",
    )
    edit(
        checkout / "facesketch" / "pipeline.py",
        "        return replace(job, crops=tuple(self._finish_crop(crop, options) for crop in job.crops))",
        "        crops = [self._finish_crop(crop, options) for crop in job.crops]\n"
        '        if options.mirror == "on":\n'
        "            flip = Image.Transpose.FLIP_LEFT_RIGHT\n"
        "            crops = [replace(crop, image=crop.image.transpose(flip)) for crop in crops]\n"
        "        return replace(job, crops=tuple(crops))",
    )
    for path in (checkout / "demo" / "i18n").glob("*.json"):
        texts = json.loads(path.read_text("utf-8"))
        texts |= {"control.mirror.label": "Mirror", "control.mirror.off": "No", "control.mirror.on": "Yes"}
        path.write_text(json.dumps(texts), "utf-8")

    draw_face(0)[0].save(checkout / "face.png")
    raw = ("--model", "autoencoder", "--align", "never", "--finish", "none", "--background", "keep")
    code = f"""
from facesketch.__main__ import main
for value in ("off", "on"):
    assert main(["face.png", "--out", value + ".png", "--mirror", value, *{raw}]) == 0
"""
    run(checkout, "-c", code)
    off, on = (Image.open(checkout / f"{value}.png") for value in ("off", "on"))
    assert ImageOps.mirror(off).tobytes() == on.tobytes() != off.tobytes()

    code = """
import app, json
from facesketch.options import options_table
print(options_table())
print(json.dumps(app.demo.get_api_info()["named_endpoints"]["/photo_to_sketch"]))
"""
    table, _, endpoint = run(checkout, "-c", code).rstrip().rpartition("\n")
    parameters = json.loads(endpoint)["parameters"]
    assert parameters[-1]["parameter_name"] == "mirror" and parameters[-1]["parameter_default"] == "off"
    assert "| `mirror` | off | off, on | on: mirrored |" in table


@pytest.mark.slow
def test_a_language(checkout: Path):
    assert "`demo/i18n/CODE.json`" in recipe("A language")
    folder = checkout / "demo" / "i18n"
    english = json.loads((folder / "en.json").read_text("utf-8"))
    texts = {code: f"{text} (de)" for code, text in (MESSAGES | english).items()} | {"language.name": "Deutsch"}
    (folder / "de.json").write_text(json.dumps(texts), "utf-8")
    code = """
import json, app
from demo import i18n
from facesketch import ImageError
with i18n.use("de"):
    print(json.dumps([i18n.translate(ImageError("image.empty").message), i18n.t("more.tab")]))
print(i18n.requested_language({}, {"accept-language": "de-DE,de;q=0.9"}))
print(json.dumps(app.demo.get_config_file(), default=str))
"""
    translated, language, config = run(checkout, "-c", code).splitlines()[-3:]
    assert json.loads(translated) == ["The file is empty. (de)", f"{english['more.tab']} (de)"]
    assert language == "de" and json.dumps(f"{english['more.tab']} (de)")[1:-1] in config and "Deutsch" in config


@pytest.mark.slow
def test_a_network(checkout: Path):
    for path in ("facesketch/models/NAME.py", "facesketch/models/__init__.py"):
        assert f"`{path}`" in recipe("A network")
    (checkout / "facesketch" / "models" / "dot.py").write_text(
        "from torch import nn\n"
        "from .registry import register_generator\n\n"
        '@register_generator("dot", size_divisor=8)\n'
        "class Dot(nn.Module):\n"
        "    def __init__(self, width):\n"
        "        super().__init__()\n"
        "        self.layers = nn.Sequential(nn.Conv2d(3, width, 1), nn.Conv2d(width, 3, 1), nn.Tanh())\n\n"
        "    def forward(self, x):\n"
        "        return self.layers(x)\n"
    )
    init = checkout / "facesketch" / "models" / "__init__.py"
    edit(init, "from .matte import MatteNet\n", "from .dot import Dot\nfrom .matte import MatteNet\n")
    code = """
from facesketch import Model
from facesketch.__main__ import main
from facesketch.models.config import ModelConfig
Model(ModelConfig("dot", 4, 64, ("photo_to_sketch",))).save_pretrained("mine")
assert main(["face.png", "--out", "sketch.png", "--model", "mine", "--align", "never"]) == 0
"""
    draw_face(0)[0].save(checkout / "face.png")
    run(checkout, "-c", code)
    assert Image.open(checkout / "sketch.png").size == draw_face(0)[0].size
