"""python -m train evaluate."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from conftest import draw_face
from PIL import Image
from typer.testing import CliRunner

from facesketch import Model
from facesketch.image.compositing import STUDIO_BACKGROUND
from facesketch.models.config import ModelConfig, PersonHashes, Provenance
from train.__main__ import app
from train.data.overlap import id_hash
from train.data.pairs import Item, Pair, find_pairs, read_item, read_pair
from train.results import identity
from train.results.evaluate import draw_with, source_and_target

DIRECTIONS = ("photo_to_sketch", "sketch_to_photo")
IDENTITY = {"rank1", "distance", "gallery_size"} if identity.is_available() else set()
FOLDER = ModelConfig(network="autoencoder", width=2, size=64, directions=DIRECTIONS)


@pytest.fixture
def model():
    return Model(FOLDER)


def evaluate(*arguments: object):
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments)])


def save_sketches(folder, data) -> None:
    folder.mkdir(parents=True)
    for pair in find_pairs(data):
        source_and_target(Item(pair), "photo_to_sketch")[1].save(folder / f"{pair.id}.png")


def test_a_model_is_compared_with_trivial_baselines_and_other_methods(faces, model, tmp_path):
    """A method with the model's own name does not replace it."""
    data = faces(6)
    model.save_pretrained(tmp_path / "mine")
    save_sketches(tmp_path / "methods" / "mine", data)
    result = evaluate(tmp_path / "mine", "--data", data, "--baselines", tmp_path / "methods", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found.keys() == set(DIRECTIONS)
    assert len(found["photo_to_sketch"]) == 4 and len(found["sketch_to_photo"]) == 3
    (mine,) = (name for name in found["sketch_to_photo"] if name.endswith("mine"))
    image = found["sketch_to_photo"][mine]["images"][0]
    assert image.keys() == {"id", "ms", "ssim", "fsim", "scoot", "mae", *IDENTITY}
    assert found["photo_to_sketch"][mine]["paired_difference"]["ssim"]["other"] == "mine"
    assert all(score["texture"].keys() == {"fine", "middle", "coarse"} for score in found["photo_to_sketch"].values())
    textures = {who: score["texture"]["fine"] for who, score in found["photo_to_sketch"].items()}
    assert min(textures, key=textures.get) == "mine", "the other method has the artist's own sketches"
    assert not any("texture" in score for score in found["sketch_to_photo"].values())
    assert found["sketch_to_photo"][mine]["paired_difference"] == {}


def test_card_writes_the_scores_and_leaves_the_weights(faces, tmp_path):
    """With the scores of the other methods on the same pairs."""
    data, mine = faces(6), tmp_path / "mine"
    provenance = Provenance(
        preset="autoencoder",
        step=1,
        hardware="a sundial",
        seconds=600,
        commit="abc123",
        data={"train": 4, "val": 0, "test": 2, "split": "person"},
        training={"method": "autoencoder", "steps": 1, "seed": 0},
    )
    both = dict.fromkeys(DIRECTIONS, provenance)
    Model(replace(FOLDER, method="autoencoder", provenance=both)).save_pretrained(mine)
    weights = (mine / "model.safetensors").read_bytes()
    save_sketches(tmp_path / "methods" / "rival", data)
    result = evaluate(mine, "--data", data, "--baselines", tmp_path / "methods", "--card")
    assert result.exit_code == 0, result.output
    assert not IDENTITY or "Rank-1 identification among 1 photos." in result.stdout
    score = json.loads((mine / "config.json").read_text())["scores"]["photo_to_sketch"]
    assert score["part"] == "test" and score["others"]["rival"]["ssim"] == 1 and score["ms"] > 0
    card = (mine / "README.md").read_text()
    assert f"| photo_to_sketch | test | 1 | {score['ssim']:.4f} |" in card and "| *rival* | test | 1 | 1.0000 |" in card
    assert not IDENTITY or " | 1.00 of 1 | " in card
    assert "a sundial in 10 minutes, by the code of commit abc123" in card.replace("\n", " ")
    assert (mine / "model.safetensors").read_bytes() == weights


def test_a_method_with_the_name_of_an_embedded_model(faces, tmp_path):
    data = faces(3)
    save_sketches(tmp_path / "methods" / "autoencoder", data)
    result = evaluate("autoencoder", "--data", data, "--baselines", tmp_path / "methods", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)["photo_to_sketch"]
    assert found["autoencoder"]["ssim"] < 1 == found["baselines/autoencoder"]["ssim"]


def test_card_needs_a_folder(faces):
    result = evaluate("pix2pix", "--data", faces(2), "--card")
    assert result.exit_code == 2 and "folder" in result.output


def test_a_model_with_an_invalid_training_config_is_refused(faces, model, tmp_path):
    model.save_pretrained(tmp_path / "mine")
    path = tmp_path / "mine" / "config.json"
    content = json.loads(path.read_text())
    content["provenance"] = {"training": {"method": "gan"}}
    path.write_text(json.dumps(content))
    result = evaluate(tmp_path / "mine", "--data", faces(2))
    assert result.exit_code == 1 and "no valid training config" in str(result.exception)


def save_trained(model: Model, folder: Path, train: list[str], **changes) -> Path:
    """Save a model that says which persons it was trained on."""
    origin = Provenance(persons=PersonHashes(train=" ".join(map(id_hash, train))), **changes)
    model.config = replace(model.config, provenance=dict.fromkeys(DIRECTIONS, origin))
    model.save_pretrained(folder)
    return folder


def test_persons_that_the_model_was_trained_on_are_left_out(faces, model, tmp_path):
    """Whatever part of the data they are in; and the notes say so."""
    data = faces(6)
    (data / "split.json").write_text(json.dumps({"train": ["000", "001"], "test": ["002", "003", "004"]}))
    mine = save_trained(model, tmp_path / "trained", ["000", "001"])
    assert "left out" not in evaluate(mine, "--data", data, "--json").stderr
    mine = save_trained(model, tmp_path / "mine", ["000", "003"])
    result = evaluate(mine, "--data", data, "--json")
    assert result.exit_code == 0, result.output
    assert "1 of 3 test persons are left out, because the model was trained on them." in result.stderr
    rows = json.loads(result.stdout)["photo_to_sketch"][str(mine)]["images"]
    assert [row["id"] for row in rows] == ["002", "004"]
    result = evaluate(save_trained(model, tmp_path / "all", ["002", "003", "004"]), "--data", data)
    assert result.exit_code == 1 and "nobody is left" in str(result.exception)


def test_a_model_that_does_not_say_on_which_persons_it_was_trained_is_measured_with_a_note(faces, model, tmp_path):
    model.save_pretrained(tmp_path / "mine")
    result = evaluate(tmp_path / "mine", "--data", faces(6), "--json")
    assert result.exit_code == 0 and result.stderr.count("does not say which persons") == 2


def test_the_persons_of_one_direction_are_left_out_for_all(faces, model, tmp_path):
    data = faces(3)
    (data / "split.json").write_text(json.dumps({"train": ["000"], "test": ["001", "002"]}))
    origin = Provenance(persons=PersonHashes(train=id_hash("000"), parents=id_hash("001")))
    model.config = replace(model.config, provenance={"sketch_to_photo": origin})
    model.save_pretrained(tmp_path / "mine")
    result = evaluate(tmp_path / "mine", "--data", data, "--json")
    assert result.exit_code == 0 and "which persons photo_to_sketch was trained on" in result.stderr
    for scores in json.loads(result.stdout).values():
        assert [row["id"] for row in scores[str(tmp_path / "mine")]["images"]] == ["002"]


def test_under_the_decks_protocol_only_the_data_of_the_training_keep_their_persons(faces, model, tmp_path):
    training = {"method": "autoencoder", "data": {"split": "deck"}, "model": {"size": 64}}
    persons = ["000", "001", "002"]
    mine = save_trained(model, tmp_path / "mine", persons, training=training, data={"split": "deck"})
    result = evaluate(mine, "--data", faces(3, "same"), "--json")
    assert result.exit_code == 0 and "other orientations" in result.stderr, result.output
    result = evaluate(mine, "--data", faces(5, "more"), "--json")
    assert result.exit_code == 0, result.output
    rows = json.loads(result.stdout)["photo_to_sketch"][str(mine)]["images"]
    assert {row["id"] for row in rows} <= {"003", "004"} and "validation persons are left out" in result.stderr


@pytest.fixture
def two_of_four(faces):
    """A folder of four faces, two of which are evaluated."""
    data = faces(4)
    (data / "split.json").write_text(json.dumps({"train": ["000", "001"], "test": ["002", "003"]}))
    return data


def test_sketch_to_photo_has_baselines_of_its_own(two_of_four, model, tmp_path):
    """A method with one of two images is measured on that one, and so is the model once more."""
    model.save_pretrained(tmp_path / "mine")
    (tmp_path / "methods" / "rival").mkdir(parents=True)
    photo = read_pair(Item(find_pairs(two_of_four)[3]))[0]
    photo.save(tmp_path / "methods" / "rival" / "003.png")
    result = evaluate(tmp_path / "mine", "--data", two_of_four, "--json", "--baselines-photo", tmp_path / "methods")
    assert result.exit_code == 0, result.output
    sketches, photos = json.loads(result.stdout).values()
    assert len(sketches) == 3 and photos["rival"]["ssim"] == 1 and photos["rival"]["pictures"] == 1
    assert photos["ours, on the 1 of rival"]["images"] == photos[str(tmp_path / "mine")]["images"][1:]


@pytest.mark.skipif(not IDENTITY, reason="the packages of the extra [measure] are missing")
def test_identification_is_among_the_evaluated_photos_and_for_photos_among_all(two_of_four, model, tmp_path):
    model.save_pretrained(tmp_path / "mine")
    found = json.loads(evaluate(tmp_path / "mine", "--data", two_of_four, "--json").stdout)
    sketch, photo = found["photo_to_sketch"]["the photo itself"], found["sketch_to_photo"]["the sketch itself"]
    assert sketch["rank1"] == 1 and (sketch["gallery_size"], photo["gallery_size"]) == (2, 4)
    assert all(image["distance"] == 0 for image in found["photo_to_sketch"]["the photo itself"]["images"])


def test_without_the_packages_identification_is_left_out_with_a_note(faces, model, tmp_path, monkeypatch):
    monkeypatch.setattr(identity, "PACKAGES", ("no_such_package",))
    model.save_pretrained(tmp_path / "mine")
    result = evaluate(tmp_path / "mine", "--data", faces(6), "--json")
    assert result.exit_code == 0 and "[measure]" in result.stderr
    score = json.loads(result.stdout)["photo_to_sketch"]["the photo itself"]
    assert "rank1" not in score and "scoot" in score


def test_inside_person_ignores_the_background(faces, tmp_path):
    """Pictures that differ from the target in the background alone are equal to it there."""
    data = faces(6)
    mine = tmp_path / "mine"
    Model(FOLDER).save_pretrained(mine)
    (tmp_path / "methods" / "other").mkdir(parents=True)
    for pair in find_pairs(data):
        sketch, matte = read_item(Item(pair), "sketch"), read_item(Item(pair), "matte").convert("L")
        changed = Image.composite(sketch, Image.new("RGB", sketch.size, "gray"), matte.point(lambda v: 255 * (v > 0)))
        changed.save(tmp_path / "methods" / "other" / f"{pair.id}.png")
    arguments = (mine, "--data", data, "--baselines", tmp_path / "methods", "--json")
    whole, inside = (evaluate(*arguments, *more) for more in ((), ("--inside-person",)))
    assert whole.exit_code == inside.exit_code == 0, inside.output
    whole, inside = (json.loads(result.stdout)["photo_to_sketch"]["other"]["ssim"] for result in (whole, inside))
    assert whole < 0.95 and inside == pytest.approx(1, abs=1e-6)
    assert evaluate(mine, "--data", data, "--inside-person", "--card").exit_code == 2


def test_a_photo_by_a_model_that_makes_them_on_white_is_measured_on_the_studio_background(model):
    """The output of these weights is gray everywhere, and the matte finds nobody in it."""
    training = {"data": {"white_background": True}}
    on_white = replace(FOLDER, provenance={"sketch_to_photo": Provenance(training=training)})
    source = draw_face(1)[1].convert("RGB")
    pair = Pair("1", "1", Path("photo.png"), Path("sketch.png"))
    plain = draw_with(model, "sketch_to_photo")(Item(pair), source)
    composed = draw_with(Model(on_white), "sketch_to_photo")(Item(pair), source)
    assert np.abs(np.asarray(composed, int)[:8, :8] - STUDIO_BACKGROUND).max() < 40
    assert np.abs(np.asarray(plain, int)[:8, :8] - STUDIO_BACKGROUND).max() > 40
