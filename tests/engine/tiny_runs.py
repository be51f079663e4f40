"""Tiny runs and what they leave behind, for the tests of the engine."""

import json
from dataclasses import replace
from pathlib import Path

import torch

from train.engine import checkpoint
from train.engine.fit import fit
from train.presets import PRESETS

TINY = {"width": 2, "discriminator_width": 2, "validation": 0.2, "batch": 2}
SMALL = {  # a U-Net of 8 steps needs 256 x 256
    "autoencoder": {"size": 64, "crop": 64},
    "pix2pix": {},
    "matte": {"size": 64, "crop": 64},
    "cyclegan": {"size": 64, "crop": 32, "crop_until": 0.4, "pool": 2, "batch": 1},
}


def tiny(name: str, **changes):
    return replace(PRESETS[name], **{"after": "", **TINY, **SMALL[name], **changes})


def run(config, data, out) -> dict:
    return fit(config, data, out, "cpu", say=lambda *_: None)


def log(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]


def assert_equal(a, b, where: str = "") -> None:
    """Two saved states are the same, bit for bit."""
    assert type(a) is type(b), where
    if isinstance(a, torch.Tensor):
        assert torch.equal(a, b), where
    elif isinstance(a, dict):
        assert a.keys() == b.keys(), where
        for key in a:
            assert_equal(a[key], b[key], f"{where}/{key}")
    elif isinstance(a, list | tuple):
        assert len(a) == len(b), where
        for i, (x, y) in enumerate(zip(a, b, strict=True)):
            assert_equal(x, y, f"{where}/{i}")
    else:
        assert a == b, where


def state(out: Path) -> dict | None:
    """The last state but for how long it took."""
    found = checkpoint.load(out / "state", torch.device("cpu"))
    return found and {name: value for name, value in found.items() if name != "seconds"}


def assert_same_run(one: Path, other: Path) -> None:
    assert_equal(state(one), state(other))
    for name in ("config.json", "metrics.jsonl", "export/model.safetensors"):
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
