"""What a model card says of the model beside it."""

import re
from pathlib import Path

import pytest
import torch
import yaml

import facesketch
from facesketch import Translator
from train.results import card

ROOT = Path(__file__).parents[2]
ABOUT = {
    "method": "pix2pix",
    "preset": "mine",
    "network": "unet-lean",
    "width": 4,
    "size": 256,
    "directions": ["photo_to_sketch"],
    "step": 1,
    "data": {"train": 4, "val": 1, "test": 1, "split": "person"},
    "hardware": "a processor",
    "training": {"steps": 1, "seed": 0},
}


def front(text: str) -> dict:
    return yaml.safe_load(text.split("---")[1])


def test_it_loads_the_folder_that_it_lies_in(tmp_path):
    torch.manual_seed(0)
    model = Translator(ABOUT)
    card.export(model, tmp_path / "export")
    named = re.search(r'facesketch\.load\("(.+?)"\)', (tmp_path / "export" / "README.md").read_text())[1]
    ours, theirs = model.photo_to_sketch.state_dict(), facesketch.load(named).photo_to_sketch.state_dict()
    assert all(torch.allclose(ours[name], theirs[name], atol=1e-2) for name in ours)


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "weights").iterdir()))
def test_an_embedded_models_card_is_up_to_date(name):
    model = facesketch.load(name)
    told = (ROOT / "weights" / name / "README.md").read_text()
    assert told == card.render(model.about, folder=name) and f'facesketch.load("{name}")' in told


@pytest.mark.parametrize("seen", [{}, {"wild": 7}, {"styles": ["shaded", "line"]}])
def test_photos_of_the_web_are_told_of(seen):
    about = ABOUT | {"data": ABOUT["data"] | {k: v for k, v in seen.items() if k == "wild"}}
    text = card.render(about | {k: v for k, v in seen.items() if k == "styles"})
    assert front(text)["datasets"] == ["cufs", "fs2k"][: 2 if seen else 1]
    assert ("from the web" in text) == bool(seen) and ("7 photos alone" in text) == ("wild" in seen)
