"""python -m train evaluate."""

import json

import pytest
from typer.testing import CliRunner

from facesketch.translator import Translator
from train.__main__ import app
from train.data.pairs import Item, pairs, read_pair
from train.results import evaluate as ev
from train.results import identity

DIRECTIONS = ["photo_to_sketch", "sketch_to_photo"]
IDENTITY = {"identity", "distance", "among"} if identity.available() else set()


@pytest.fixture
def translator():
    return Translator({"network": "autoencoder", "width": 2, "size": 64, "directions": DIRECTIONS})


def test_command_line_measures_beside_trivial_answers_and_peers(faces, translator, tmp_path):
    """A peer of the model's own name does not take its place."""
    folder = faces(6)
    translator.save_pretrained(tmp_path / "mine")
    (tmp_path / "peers" / "mine").mkdir(parents=True)
    for pair in pairs(folder):
        ev.oriented(Item(pair), "photo_to_sketch")[1].save(tmp_path / "peers" / "mine" / f"{pair.id}.png")
    command = ["evaluate", str(tmp_path / "mine"), "--data", str(folder), "--peers", str(tmp_path / "peers"), "--json"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found.keys() == set(DIRECTIONS)
    assert len(found["photo_to_sketch"]) == 4 and len(found["sketch_to_photo"]) == 3
    (mine,) = (name for name in found["sketch_to_photo"] if name.endswith("mine"))
    assert found["sketch_to_photo"][mine]["images"][0].keys() == {
        *("id", "ms", "ssim", "fsim", "scoot", "mae"),
        *IDENTITY,
    }
    assert found["photo_to_sketch"][mine]["ahead"]["ssim"]["of"] == "mine"
    assert found["sketch_to_photo"][mine]["ahead"] == {}


def test_card_tells_what_was_measured(faces, translator, tmp_path):
    """--card writes the scores beside the weights, which stay as they are, and the others' scores on the same pairs."""
    folder, mine = faces(6), tmp_path / "mine"
    translator.about |= {"method": "autoencoder", "preset": "autoencoder", "step": 1, "hardware": "a sundial"}
    translator.about |= {"data": {"train": 4, "val": 0, "test": 2, "split": "person"}}
    translator.about |= {"training": {"steps": 1, "seed": 0}, "seconds": 600, "commit": "abc123"}
    translator.save_pretrained(mine)
    weights = (mine / "model.safetensors").read_bytes()
    (tmp_path / "peers" / "rival").mkdir(parents=True)
    for pair in pairs(folder):
        ev.oriented(Item(pair), "photo_to_sketch")[1].save(tmp_path / "peers" / "rival" / f"{pair.id}.png")
    command = ["evaluate", str(mine), "--data", str(folder), "--peers", str(tmp_path / "peers"), "--card"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert not IDENTITY or "Identity is rank-1 among 1 photos." in result.stdout
    told = json.loads((mine / "config.json").read_text())["scores"]["photo_to_sketch"]
    assert told["part"] == "test" and told["others"]["rival"]["ssim"] == 1 and told["ms"] > 0
    card = (mine / "README.md").read_text()
    assert f"| photo_to_sketch | test | 1 | {told['ssim']:.4f} |" in card and "| *rival* | test | 1 | 1.0000 |" in card
    assert not IDENTITY or " | 1.00 of 1 | " in card
    assert "a sundial in 10 minutes, by the code of commit abc123" in card.replace("\n", " ")
    assert (mine / "model.safetensors").read_bytes() == weights


def test_a_peer_of_an_embedded_models_name_stands_beside_it(faces, tmp_path):
    folder = faces(3)
    (tmp_path / "peers" / "autoencoder").mkdir(parents=True)
    for pair in pairs(folder):
        ev.oriented(Item(pair), "photo_to_sketch")[1].save(tmp_path / "peers" / "autoencoder" / f"{pair.id}.png")
    command = ["evaluate", "autoencoder", "--data", str(folder), "--peers", str(tmp_path / "peers"), "--json"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)["photo_to_sketch"]
    assert found["autoencoder"]["ssim"] < 1 == found["peers/autoencoder"]["ssim"]


def test_card_needs_a_folder(faces):
    result = CliRunner().invoke(app, ["evaluate", "pix2pix", "--data", str(faces(2)), "--card"])
    assert result.exit_code == 2 and "folder" in result.output


@pytest.fixture
def two_of_four(faces):
    """A folder of four faces, of which two are judged."""
    folder = faces(4)
    (folder / "split.json").write_text(json.dumps({"train": ["000", "001"], "test": ["002", "003"]}))
    return folder


def test_the_way_back_has_peers_of_its_own(two_of_four, translator, tmp_path):
    """A folder that holds one of two faces is measured on that one, and the model once more on it alone."""
    translator.save_pretrained(tmp_path / "mine")
    (tmp_path / "peers" / "rival").mkdir(parents=True)
    photo = read_pair(Item(pairs(two_of_four)[3]))[0]
    photo.save(tmp_path / "peers" / "rival" / "003.png")
    command = ["evaluate", str(tmp_path / "mine"), "--data", str(two_of_four), "--json"]
    result = CliRunner().invoke(app, [*command, "--peers-photo", str(tmp_path / "peers")])
    assert result.exit_code == 0, result.output
    there, back = json.loads(result.stdout).values()
    assert len(there) == 3 and back["rival"]["ssim"] == 1 and back["rival"]["pictures"] == 1
    assert back["ours, on the 1 of rival"]["images"] == back[str(tmp_path / "mine")]["images"][1:]


@pytest.mark.skipif(not IDENTITY, reason="the packages of the extra [measure] are missing")
def test_identity_among_the_judged_photos_and_back_among_all(two_of_four, translator, tmp_path):
    translator.save_pretrained(tmp_path / "mine")
    command = ["evaluate", str(tmp_path / "mine"), "--data", str(two_of_four)]
    found = json.loads(CliRunner().invoke(app, [*command, "--json"]).stdout)
    there, back = found["photo_to_sketch"]["the photo itself"], found["sketch_to_photo"]["the sketch itself"]
    assert there["identity"] == 1 and there["distance"] == 0 and (there["among"], back["among"]) == (2, 4)


def test_without_the_packages_identity_is_left_out_with_a_word(faces, translator, tmp_path, monkeypatch):
    monkeypatch.setattr(identity, "PACKAGES", ("no_such_package",))
    translator.save_pretrained(tmp_path / "mine")
    result = CliRunner().invoke(app, ["evaluate", str(tmp_path / "mine"), "--data", str(faces(6)), "--json"])
    assert result.exit_code == 0 and "[measure]" in result.stderr
    rows = json.loads(result.stdout)["photo_to_sketch"]["the photo itself"]
    assert "identity" not in rows and "scoot" in rows
