"""Translator: what is saved is what is loaded, and what is damaged is refused by name."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import draw_face
from safetensors.torch import load_file, save_file

import facesketch
from facesketch import DIRECTIONS, NoFaceError, Translator, WeightsError
from facesketch.hub.checked import read_checked
from facesketch.look import RAW
from facesketch.models import GENERATORS


def make(network: str = "autoencoder", **more) -> Translator:
    torch.manual_seed(0)
    about = {"network": network, "width": 4, "size": 256, "directions": list(DIRECTIONS)}
    return Translator({**about, **more})


@pytest.mark.parametrize("network", GENERATORS)
def test_save_and_load_give_the_same_pixels(network, tmp_path):
    model = make(network)
    model.save_pretrained(tmp_path)
    loaded = Translator.from_pretrained(tmp_path)
    loaded.save_pretrained(tmp_path / "again")
    twice = Translator.from_pretrained(tmp_path / "again")
    photo = draw_face(0)[0]
    for direction in DIRECTIONS:
        once, again, before = (m.translate(photo, direction, align="never", **RAW) for m in (loaded, twice, model))
        assert once.tobytes() == again.tobytes()
        off = np.abs(np.asarray(once, int) - np.asarray(before, int))
        assert off.max() <= 4  # half precision on disk


def test_the_answer_has_the_size_of_the_face_it_was_given():
    model = make()
    for size in ((200, 250), (250, 200), (333, 77), (16, 16)):
        assert model.translate(draw_face(0)[0].resize(size), align="never").size == size


def test_a_sketch_is_gray_and_a_photo_may_be_coloured():
    model, photo = make(), draw_face(0)[0]
    sketch = np.asarray(model.translate(photo, align="never"))
    assert (sketch == sketch[..., :1]).all()
    drawn = np.asarray(model.translate(photo, "sketch_to_photo", align="never"))
    assert (drawn != drawn[..., :1]).any()


def test_the_same_pixels_whatever_ran_before():
    model = make("unet")
    first = model.translate(draw_face(0)[0], align="never").tobytes()
    model.translate(draw_face(1)[0], align="never")
    assert model.translate(draw_face(0)[0], align="never").tobytes() == first


def test_wrong_arguments():
    model = make(directions=["photo_to_sketch"])
    with pytest.raises(ValueError, match="no direction sketch_to_photo"):
        model.translate(draw_face(0)[0], "sketch_to_photo")
    with pytest.raises(ValueError, match="align"):
        model.translate(draw_face(0)[0], align="maybe")
    with pytest.raises(NoFaceError):
        model.translate(draw_face(0)[0].resize((64, 64)).rotate(90).crop((0, 0, 20, 20)))


@pytest.mark.parametrize(
    "change",
    [
        {"network": "vgg"},
        {"width": 0},
        {"width": "wide"},
        {"size": None},
        {"directions": []},
        {"directions": ["there"]},
    ],
    ids=str,
)
def test_a_description_of_no_model_is_refused(change):
    with pytest.raises(WeightsError, match="does not describe"):
        make(**change)


def flip_a_bit(folder: Path) -> None:
    data = bytearray((folder / "model.safetensors").read_bytes())
    data[-1] ^= 1
    (folder / "model.safetensors").write_bytes(data)


def truncate(folder: Path) -> None:
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])


@pytest.mark.parametrize(
    "damage",
    [
        flip_a_bit,
        truncate,
        lambda folder: (folder / "model.safetensors").unlink(),
        lambda folder: (folder / "config.json").unlink(),
        lambda folder: (folder / "config.json").write_text("{"),
        lambda folder: (folder / "config.json").write_text("[]"),
        lambda folder: (folder / "config.json").write_bytes(b"\xff\xfe\x00"),
    ],
    ids=["flipped bit", "truncated", "no weights", "no config", "broken config", "a list", "binary"],
)
def test_damage_is_refused_by_name(damage, tmp_path):
    folder = tmp_path / "mine"
    make().save_pretrained(folder)
    damage(folder)
    with pytest.raises(WeightsError, match=r"^mine: .*\.$"):
        Translator.from_pretrained(folder)


@pytest.mark.parametrize("fault", ["a missing key", "a strange key", "a wrong shape", "a NaN"])
def test_weights_that_do_not_fit_are_refused_though_their_hash_is_right(fault, tmp_path):
    import hashlib

    folder = tmp_path / "mine"
    make().save_pretrained(folder)
    state = load_file(folder / "model.safetensors")
    name = next(iter(state))
    if fault == "a missing key":
        del state[name]
    elif fault == "a strange key":
        state["extra"] = torch.zeros(1)
    elif fault == "a wrong shape":
        state[name] = torch.zeros(3, 3)
    else:
        state[name] = state[name] * float("nan")
    save_file(state, folder / "model.safetensors")
    about = json.loads((folder / "config.json").read_text())
    about["sha256"] = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    (folder / "config.json").write_text(json.dumps(about))
    with pytest.raises(WeightsError, match=r"^mine: .*\.$"):
        Translator.from_pretrained(folder)


def test_load_by_name_and_by_folder(tmp_path):
    make().save_pretrained(tmp_path / "mine")
    assert facesketch.load(str(tmp_path / "mine")).size == 256
    assert set(facesketch.available()) >= {"autoencoder", "pix2pix", "cyclegan"}
    with pytest.raises(WeightsError, match="There is no model nobody; there are autoencoder"):
        facesketch.load("nobody")
    for path in ("./nobody", str(tmp_path / "nobody"), "a/b/c"):
        with pytest.raises(WeightsError, match="There is no folder"):
            facesketch.load(path)


@pytest.mark.parametrize("name", ["autoencoder", "pix2pix", "cyclegan"])
def test_embedded_models_say_what_they_are(name):
    about, _ = read_checked(facesketch.WEIGHTS_FOLDER / name)
    assert about["method"] == name and 0 < about["step"] <= about["training"]["steps"]
    assert about["data"]["test"] >= 100 and set(about["scores"]) == set(about["directions"])
    model = facesketch.load(name)
    sketch = np.asarray(model.translate(draw_face(0)[0], align="never"))
    assert sketch.std() > 20  # a drawing, not an even page
