"""The model card."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch
import yaml

from facesketch import Model, load_model
from facesketch.models.config import ModelConfig, ParentModel, Provenance
from train.results import card

ROOT = Path(__file__).parents[2]
CONFIG = ModelConfig(
    method="pix2pix",
    network="unet-lean",
    width=4,
    size=256,
    directions=("photo_to_sketch",),
    provenance={
        "photo_to_sketch": Provenance(
            preset="mine",
            step=1,
            hardware="a processor",
            data={"train": 4, "val": 1, "test": 1, "split": "person"},
            training={"steps": 1, "seed": 0},
        )
    },
)


def front_matter(text: str) -> dict:
    return yaml.safe_load(text.split("---")[1])


def test_the_example_loads_the_folder_of_the_card(tmp_path):
    torch.manual_seed(0)
    model = Model(CONFIG)
    card.export(model, tmp_path / "export")
    named = re.search(r'facesketch\.load\("(.+?)"', (tmp_path / "export" / "README.md").read_text())[1]
    ours, theirs = (each.generators["photo_to_sketch"].state_dict() for each in (model, load_model(named)))
    assert all(torch.allclose(ours[name], theirs[name], atol=1e-2) for name in ours)


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "weights").iterdir()))
def test_the_card_of_an_embedded_model_is_up_to_date(name):
    text = (ROOT / "weights" / name / "README.md").read_text()
    assert text == card.render(load_model(name).config, folder=name) and f'facesketch.load("{name}"' in text


@pytest.mark.parametrize("unpaired", [0, 7])
@pytest.mark.parametrize("styles", [(), ("shaded", "line")])
def test_a_model_trained_on_photos_from_the_web_says_so(unpaired, styles):
    data = CONFIG.origin.data | ({"unpaired": unpaired} if unpaired else {})
    provenance = {"photo_to_sketch": replace(CONFIG.origin, data=data)}
    text = card.render(replace(CONFIG, provenance=provenance, styles=styles))
    from_web = bool(unpaired or styles)
    assert front_matter(text)["datasets"] == (["cufs", "fs2k"] if from_web else ["cufs"])
    assert ("from the web" in text) == from_web and ("7 unpaired photos" in text) == bool(unpaired)


@pytest.mark.parametrize(
    ("training", "sentence"),
    [
        ({"init_from": "pix2pix 0123"}, "starting from the generators of pix2pix 0123"),
        ({"init_preset": "cyclegan-halfres"}, "continuing the preset `cyclegan-halfres`"),
        ({"data": {"subset": "cuhk"}}, "photo-sketch pairs of cuhk/"),
    ],
)
def test_the_card_says_what_a_run_started_from_and_learned_from(training, sentence):
    origin = replace(CONFIG.origin, training=training, changed={"steps": 9, "init_from": "other"})
    text = card.render(replace(CONFIG, provenance={"photo_to_sketch": origin}))
    assert sentence in text and "Changed from the preset: steps 9.\n" in text


def test_the_texture_distance_is_a_column_if_it_was_measured():
    score = {"part": "test", "pictures": 3, "ssim": 0.5}
    texture = {
        "texture": {"fine": 0.25, "middle": 0.125, "coarse": 0.5},
        "others": {"rival": {"pictures": 3, "ssim": 0.4}},
    }
    without, text = (
        card.render(replace(CONFIG, scores={"photo_to_sketch": each})) for each in (score, score | texture)
    )
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert "0.250 / 0.125 / 0.500" in text and len({line.count("|") for line in table}) == 1 and len(table) == 4
    assert "texture distance" in text and "texture distance" not in without


def test_each_direction_has_its_own_preset_parents_and_hardware():
    parents = (ParentModel("before", "ab" * 32), ParentModel("earlier", "cd" * 32))
    other = replace(CONFIG.origin, preset="other", step=7, hardware="a sundial", parents=parents)
    provenance = CONFIG.provenance | {"sketch_to_photo": other}
    text = card.render(replace(CONFIG, directions=("photo_to_sketch", "sketch_to_photo"), provenance=provenance))
    first, second = (
        next(part for part in text.split("\n\n") if part.startswith(f"**{direction}.** "))
        for direction in ("Photo to sketch", "Sketch to photo")
    )
    assert "Preset `mine`, step 1 of" in first and "a processor" in first and "starting" not in first
    assert "Preset `other`, step 7 of" in second and "a sundial" in second
    assert "starting from the generators of before abababababab, which started from earlier cdcdcdcdcdcd," in second
    both = card.render(replace(CONFIG, directions=tuple(provenance), provenance=dict.fromkeys(provenance, other)))
    assert both.count("Preset `other`") == 1
