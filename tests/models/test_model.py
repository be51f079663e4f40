"""Model: saving and loading, and refusing what is damaged or does not fit."""

import hashlib
import json
from pathlib import Path

import pytest
import torch
from hub_models import small_model
from safetensors.torch import load_file, save_file

import facesketch
from facesketch import Model, ModelNotFoundError, OptionError, WeightsError
from facesketch.hub.weights_io import load_checked
from facesketch.models import GENERATORS
from facesketch.models.config import DIRECTIONS, ModelConfig, ParentModel, PersonHashes, Provenance


def inputs(count: int = 1, seed: int = 0, size: int = 256) -> torch.Tensor:
    return torch.rand(count, 3, size, size, generator=torch.Generator().manual_seed(seed)) * 2 - 1


@pytest.mark.parametrize("network", GENERATORS)
def test_save_and_load_give_the_same_output(network, tmp_path):
    model = small_model(network)
    model.save_pretrained(tmp_path)
    loaded = Model.from_pretrained(tmp_path)
    loaded.save_pretrained(tmp_path / "again")
    twice = Model.from_pretrained(tmp_path / "again")
    assert loaded.folder == tmp_path and model.folder is None
    for direction in DIRECTIONS:
        once, again, before = (m.generate(inputs(), direction, full_precision=True) for m in (loaded, twice, model))
        assert torch.equal(once, again)
        assert (once - before).abs().max() <= 4 / 127.5  # float16 on disk


@pytest.mark.parametrize("network", GENERATORS)
def test_output_does_not_depend_on_what_was_generated_before(network):
    model = small_model(network)
    first = model.generate(inputs(), "photo_to_sketch")
    model.generate(inputs(seed=1), "photo_to_sketch")
    assert torch.equal(model.generate(inputs(), "photo_to_sketch"), first)


def test_generate_returns_float32_in_range_without_a_gradient():
    y = small_model().generate(inputs(2), "sketch_to_photo")
    assert y.shape == (2, 3, 256, 256) and y.dtype == torch.float32 and not y.requires_grad
    assert y.min() >= -1 and y.max() <= 1


def test_one_generator_for_each_direction():
    model = small_model(directions=("photo_to_sketch", "sketch_to_photo"))
    assert list(model.generators) == ["photo_to_sketch", "sketch_to_photo"]
    assert model.generators["photo_to_sketch"] is model.photo_to_sketch
    assert {name.partition(".")[0] for name in model.state_dict()} == {"photo_to_sketch", "sketch_to_photo"}


def test_style_selects_the_drawing():
    model, x = small_model("unet", styles=("shaded", "line")), inputs()
    default, shaded, line = (model.generate(x, "photo_to_sketch", style) for style in (None, "shaded", "line"))
    assert torch.equal(default, shaded) and not torch.equal(shaded, line)
    assert model.n_styles("photo_to_sketch") == 2 and model.n_styles("sketch_to_photo") == 0


@pytest.mark.parametrize(
    ("changes", "direction", "style", "code"),
    [
        ({"directions": ("photo_to_sketch",)}, "sketch_to_photo", None, "option.no_direction"),
        ({}, "photo_to_sketch", "line", "option.no_styles"),
        ({"network": "unet", "styles": ("shaded",)}, "photo_to_sketch", "line", "option.no_style"),
    ],
)
def test_missing_direction_and_style_are_refused(changes, direction, style, code):
    model = small_model(**changes)
    for use in (model.validate, lambda *how: model.generate(inputs(), *how)):
        with pytest.raises(OptionError) as error:
            use(direction, style)
        assert error.value.message.code == code


@pytest.mark.parametrize(
    "change",
    [
        {"network": "vgg"},
        {"width": 0},
        {"width": "wide"},
        {"size": None},
        {"size": 100},
        {"directions": []},
        {"directions": ["there"]},
        {"styles": ["line"]},
        {"styles": [str(number) for number in range(17)], "network": "unet"},
        {"darkest_skin": 300},
        {"provenance": 1},
        {"provenance": {"photo_to_sketch": 1}},
        {"provenance": {"photo_to_sketch": {"parents": [{"sha256": ""}]}}},
        {"provenance": {"photo_to_sketch": {"parents": [1]}}},
        {"provenance": {"photo_to_sketch": {"persons": [1]}}},
        {"provenance": {"photo_to_sketch": {"persons": 1}}},
    ],
    ids=str,
)
def test_config_of_no_model_is_refused(change):
    data = {"network": "autoencoder", "width": 4, "size": 256, "directions": ["photo_to_sketch"]}
    assert ModelConfig.from_dict(data, "mine").width == 4
    with pytest.raises(WeightsError) as error:
        ModelConfig.from_dict(data | change, "mine")
    assert error.value.message.code == "weights.invalid_config" and str(error.value).startswith("mine: config.json")


def test_config_round_trip():
    config = ModelConfig(
        "unet", 8, 256, ("photo_to_sketch",), ("shaded", "line"), 0.0, "pix2pix",
        {
            "photo_to_sketch": Provenance(
                "small", 10, 1.5, "a CPU", "abc", {"train": 3}, {"steps": 10}, {"steps": 10},
                (ParentModel("smaller", "1" * 64), ParentModel("first")), PersonHashes("0a 1b", "2c", "", "3d 4e"),
            )
        },
        {"photo_to_sketch": {"ssim": 0.5}}, "0" * 64,
    )  # fmt: skip
    as_json = json.loads(json.dumps(config.to_dict()))
    assert ModelConfig.from_dict(as_json | {"unknown": 1}, "mine") == config
    assert config.trained_on == {"0a", "1b", "3d", "4e"} and config.origin == config.provenance["photo_to_sketch"]


def test_one_provenance_for_all_directions_is_that_of_each():
    """As models had it before; without the persons that they were trained on."""
    data = {"network": "unet", "width": 4, "size": 256, "directions": ["photo_to_sketch", "sketch_to_photo"]}
    config = ModelConfig.from_dict(data | {"provenance": {"preset": "small", "step": 3, "old": 1}}, "mine")
    assert config.provenance == dict.fromkeys(data["directions"], Provenance(preset="small", step=3))
    assert ModelConfig.from_dict(data, "mine").origin == Provenance() and not config.trained_on


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
def test_damaged_folder_is_refused_by_name(damage, tmp_path):
    folder = tmp_path / "mine"
    small_model().save_pretrained(folder)
    damage(folder)
    with pytest.raises(WeightsError, match=r"^mine: .*\.$"):
        Model.from_pretrained(folder)


@pytest.mark.parametrize("fault", ["a missing key", "an unknown key", "a wrong shape", "a NaN"])
def test_weights_that_do_not_fit_are_refused_even_with_the_right_hash(fault, tmp_path):
    folder = tmp_path / "mine"
    small_model().save_pretrained(folder)
    state = load_file(folder / "model.safetensors")
    name = next(iter(state))
    if fault == "a missing key":
        del state[name]
    elif fault == "an unknown key":
        state["extra"] = torch.zeros(1)
    elif fault == "a wrong shape":
        state[name] = torch.zeros(3, 3)
    else:
        state[name] = state[name] * float("nan")
    save_file(state, folder / "model.safetensors")
    config = json.loads((folder / "config.json").read_text())
    config["sha256"] = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(WeightsError, match=r"^mine: .*\.$"):
        Model.from_pretrained(folder)


def test_load_by_name_and_by_folder(tmp_path):
    small_model().save_pretrained(tmp_path / "mine")
    assert facesketch.load_model(str(tmp_path / "mine")).config.size == 256
    assert facesketch.load_model(tmp_path / "mine").config == facesketch.load_model(str(tmp_path / "mine")).config
    assert facesketch.load(str(tmp_path / "mine"), target="photo").direction == "sketch_to_photo"
    with pytest.raises(facesketch.OptionError, match="target must be one of sketch, photo, matte, not 'x'"):
        facesketch.load(tmp_path / "mine", target="x")
    assert set(facesketch.available_models()) >= {"autoencoder", "pix2pix", "cyclegan"}
    with pytest.raises(ModelNotFoundError, match="There is no model nobody; there are autoencoder"):
        facesketch.load("nobody")
    for path in ("./nobody", str(tmp_path / "nobody"), "a/b/c"):
        with pytest.raises(ModelNotFoundError, match="There is no folder"):
            facesketch.load(path)


@pytest.mark.parametrize("name", ["autoencoder", "pix2pix", "cyclegan"])
def test_embedded_models_have_their_provenance_and_scores(name):
    config, _ = load_checked(facesketch.WEIGHTS_DIR / name)
    assert config.method == name and set(config.scores) == set(config.directions) == set(config.provenance)
    for provenance in config.provenance.values():
        assert 0 < provenance.step <= provenance.training["steps"] and provenance.data["test"] >= 100
        assert provenance.training["preset"] == provenance.preset and provenance.seconds > 0
        for part in ("val", "test"):
            assert len(getattr(provenance.persons, part).split()) == provenance.data[part]
        n_trained = provenance.data["train"] + provenance.data.get("unpaired", 0)
        assert len(provenance.persons.train.split()) == n_trained
        assert not provenance.persons.trained_on & set(provenance.persons.test.split())
    assert facesketch.load_model(name).config == config
