"""A model's two files are checked before use: what is damaged or hostile is refused by the model's name."""

import hashlib
import json
import pickle
from pathlib import Path

import pytest
import torch
from hub_models import tiny
from safetensors.torch import load_file, save

from facesketch import Model, WeightsError
from facesketch.hub.weights_io import load_checked


@pytest.fixture
def folder(tmp_path):
    return tiny(tmp_path / "mine", network="unet", width=8, directions=("photo_to_sketch", "sketch_to_photo"))


def replace_weights(folder: Path, data: bytes, **changes) -> None:
    """Replace the weights, and in config.json their hash and other fields."""
    (folder / "model.safetensors").write_bytes(data)
    config = json.loads((folder / "config.json").read_text())
    config |= {"sha256": hashlib.sha256(data).hexdigest(), **changes}
    (folder / "config.json").write_text(json.dumps(config))


def file(header: bytes, length: int | None = None) -> bytes:
    return (len(header) if length is None else length).to_bytes(8, "little") + header + bytes(64)


def changed(folder: Path, change) -> bytes:
    state = load_file(folder / "model.safetensors")
    change(state, next(iter(state)))
    return save(state)


DATA = {
    "empty": lambda folder: b"",
    "seven bytes": lambda folder: b"1234567",
    "a pickle": lambda folder: pickle.dumps({"a": [1.0] * 1000}),
    "cut": lambda folder: (folder / "model.safetensors").read_bytes()[:-1000],
    "too long": lambda folder: (folder / "model.safetensors").read_bytes() + bytes(2**21),
    "a header of 2 ** 63": lambda folder: file(b"{}", 2**63),
    "a header of 2 MiB": lambda folder: file(json.dumps({"__metadata__": {"x": "y" * 2**20}}).encode()),
    "a deeply nested header": lambda folder: file(b"[" * 100_000),
    "a header that is not JSON": lambda folder: file(b"\xff" * 100),
    "a header with wrong offsets": lambda folder: file(
        b'{"photo_to_sketch.down.0.0.weight":{"dtype":"F16","shape":[8,3,4,4],"data_offsets":[0,99999999]}}'
    ),
    "negative offsets": lambda folder: file(b'{"a":{"dtype":"F16","shape":[1],"data_offsets":[-2,0]}}'),
    "an enormous shape": lambda folder: file(
        b'{"a":{"dtype":"F16","shape":[4611686018427387904,4],"data_offsets":[0,0]}}'
    ),
    "an unknown key": lambda folder: changed(folder, lambda state, key: state.update(more=torch.zeros(1).half())),
    "a missing key": lambda folder: changed(folder, lambda state, key: state.pop(key)),
    "a wrong shape": lambda folder: changed(folder, lambda state, key: state.update({key: state[key].unsqueeze(0)})),
    "a wrong dtype": lambda folder: changed(folder, lambda state, key: state.update({key: state[key].bfloat16()})),
    "a NaN": lambda folder: changed(folder, lambda state, key: state[key].view(-1)[-1:].fill_(float("nan"))),
    "an infinity": lambda folder: changed(folder, lambda state, key: state[key].view(-1)[-1:].fill_(float("-inf"))),
}


@pytest.mark.parametrize("what", DATA)
def test_weights_are_refused_by_name(what, folder):
    replace_weights(folder, DATA[what](folder))
    with pytest.raises(WeightsError, match=r"^mine: .*model\.safetensors .*\.$"):
        Model.from_pretrained(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"network": "vgg"},
        {"network": ["unet"]},
        {"width": 10**400},
        {"width": float("inf")},
        {"width": 9},
        {"size": 100},
        {"size": 1e999},
        {"directions": "photo_to_sketch"},
        {"directions": [["photo_to_sketch"]]},
        {"directions": ["__class__"]},
    ],
    ids=str,
)
def test_wrong_config_is_refused_by_name(changes, folder):
    replace_weights(folder, (folder / "model.safetensors").read_bytes(), **changes)
    with pytest.raises(WeightsError, match=r"^mine: .*\.$"):
        Model.from_pretrained(folder)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a": ' * 100_000, " " * 2**21, "9" * 10_000, "null", '"unet"'])
def test_config_that_is_no_json_object_is_refused_by_name(text, folder):
    (folder / "config.json").write_text(text)
    with pytest.raises(WeightsError, match=r"^mine: config\.json .*\.$"):
        Model.from_pretrained(folder)


def test_width_that_the_weights_do_not_have_takes_no_memory(folder):
    """A network of width 512 has 3.5 billion parameters; none is allocated before the file is checked."""
    replace_weights(folder, (folder / "model.safetensors").read_bytes(), width=512)
    with pytest.raises(WeightsError, match="does not fit the network"):
        Model.from_pretrained(folder)


def test_load_checked_returns_config_and_bytes(folder):
    config, data = load_checked(folder)
    assert config.network == "unet" and data == (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data + b"x")
    with pytest.raises(WeightsError) as error:
        load_checked(folder)
    assert error.value.message.code == "weights.wrong_hash"
