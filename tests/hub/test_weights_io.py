"""What is in a model's two files is checked before it is used: refused by name, at once, with nothing half-loaded."""

import hashlib
import json
import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save

from facesketch import Translator, WeightsError

ABOUT = {"network": "unet", "width": 8, "size": 256, "directions": ["photo_to_sketch", "sketch_to_photo"]}


@pytest.fixture
def folder(tmp_path):
    torch.manual_seed(0)
    Translator(ABOUT).save_pretrained(tmp_path / "mine")
    return tmp_path / "mine"


def vouch(folder: Path, data: bytes, **about) -> None:
    """Put data in the place of the weights, and its right hash and other words into config.json."""
    (folder / "model.safetensors").write_bytes(data)
    told = json.loads((folder / "config.json").read_text())
    told |= {"sha256": hashlib.sha256(data).hexdigest(), **about}
    (folder / "config.json").write_text(json.dumps(told))


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
    "a deep header": lambda folder: file(b"[" * 100_000),
    "a header of no JSON": lambda folder: file(b"\xff" * 100),
    "a header that lies": lambda folder: file(
        b'{"photo_to_sketch.down.0.0.weight":{"dtype":"F16","shape":[8,3,4,4],"data_offsets":[0,99999999]}}'
    ),
    "negative offsets": lambda folder: file(b'{"a":{"dtype":"F16","shape":[1],"data_offsets":[-2,0]}}'),
    "an enormous shape": lambda folder: file(
        b'{"a":{"dtype":"F16","shape":[4611686018427387904,4],"data_offsets":[0,0]}}'
    ),
    "a key more": lambda folder: changed(folder, lambda state, key: state.update(more=torch.zeros(1).half())),
    "a key less": lambda folder: changed(folder, lambda state, key: state.pop(key)),
    "a wrong shape": lambda folder: changed(folder, lambda state, key: state.update({key: state[key].unsqueeze(0)})),
    "a wrong dtype": lambda folder: changed(folder, lambda state, key: state.update({key: state[key].bfloat16()})),
    "a NaN": lambda folder: changed(folder, lambda state, key: state[key].view(-1)[-1:].fill_(float("nan"))),
    "an infinity": lambda folder: changed(folder, lambda state, key: state[key].view(-1)[-1:].fill_(float("-inf"))),
}


@pytest.mark.parametrize("what", DATA)
def test_weights_are_refused_by_name(what, folder):
    vouch(folder, DATA[what](folder))
    with pytest.raises(WeightsError, match=r"^mine: .*model\.safetensors .*\.$"):
        Translator.from_pretrained(folder)


@pytest.mark.parametrize(
    "about",
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
def test_a_description_that_does_not_hold_is_refused_by_name(about, folder):
    vouch(folder, (folder / "model.safetensors").read_bytes(), **about)
    with pytest.raises(WeightsError, match=r"^mine: .*\.$"):
        Translator.from_pretrained(folder)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a": ' * 100_000, " " * 2**21, "9" * 10_000, "null", '"unet"'])
def test_a_config_that_is_no_description_is_refused_by_name(text, folder):
    (folder / "config.json").write_text(text)
    with pytest.raises(WeightsError, match=r"^mine: config\.json .*\.$"):
        Translator.from_pretrained(folder)


def test_a_width_beyond_the_file_takes_no_memory(folder):
    """A network of width 512 has 3.5 billion parameters; the file at hand decides before any of them is made."""
    vouch(folder, (folder / "model.safetensors").read_bytes(), width=512)
    with pytest.raises(WeightsError, match="does not fit the network"):
        Translator.from_pretrained(folder)
