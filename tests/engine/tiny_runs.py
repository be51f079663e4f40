"""Tiny runs and what they leave behind, for the tests of the engine."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from train.config import Config, override
from train.engine import checkpoint
from train.engine.fit import fit
from train.presets import PRESETS

TINY = {"model.width": 2, "model.discriminator_width": 2, "data.validation_fraction": 0.2, "batch_size": 2}
SMALL = {  # a U-Net with 8 layers needs 256 x 256
    "autoencoder": {"model.size": 64, "data.crop_size": 64},
    "pix2pix": {},
    "matte": {"model.size": 64, "data.crop_size": 64},
    "cyclegan": {
        "model.size": 64,
        "data.crop_size": 32,
        "data.crop_until": 0.4,
        "losses.pool_size": 2,
        "batch_size": 1,
    },
}


def tiny(name: str, changes: Mapping[str, Any] | None = None, **more: Any) -> Config:
    """A preset made tiny; changes by dotted name, those of the top level also as keywords."""
    return override(PRESETS[name], {"init_preset": "", **TINY, **SMALL[name], **(changes or {}), **more})


def run(config: Config, data: Path, out: Path) -> dict:
    return fit(config, data, out, "cpu", log=lambda _: None)


def log(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]


def assert_equal(a: Any, b: Any, where: str = "") -> None:
    """Two saved states are equal, bit for bit."""
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
    """The last state without the time it took."""
    found = checkpoint.load(out / "state", torch.device("cpu"))
    return found and {name: value for name, value in found.items() if name != "seconds"}


def assert_same_run(one: Path, other: Path) -> None:
    assert_equal(state(one), state(other))
    for name in ("config.json", "metrics.jsonl", "export/model.safetensors"):
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
