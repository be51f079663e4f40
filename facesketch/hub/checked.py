"""A model's config.json and model.safetensors, checked before anything of them is used."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

CONFIG, WEIGHTS = "config.json", "model.safetensors"
MOST_TEXT = 2**20  # bytes of config.json, and of the header of model.safetensors
DTYPE = torch.float16


class WeightsError(ValueError):
    """A model's folder is missing, incomplete or damaged; the message is one sentence for a person."""


class NoModelError(WeightsError):
    """There is no model of that name: neither embedded, nor a folder, nor a name that a Hub repo could have."""


def read_about(folder: Path, name: str) -> dict:
    """The description in a folder's config.json; name is who an error is about. Raises WeightsError."""
    try:
        about = json.loads(_bytes(folder / CONFIG, MOST_TEXT, name))
    except (ValueError, RecursionError) as error:
        if isinstance(error, WeightsError):
            raise
        raise WeightsError(f"{name}: {CONFIG} is not JSON.") from error
    if not isinstance(about, dict):
        raise WeightsError(f"{name}: {CONFIG} does not describe a facesketch model.")
    return about


def read_data(folder: Path, name: str, about: dict, most: int = 2**32) -> bytes:
    """The bytes of a folder's model.safetensors, at most most of them, whose SHA-256 is the description's.

    The header, whose length the first eight bytes tell, may take a mebibyte. Raises WeightsError.
    """
    data = _bytes(folder / WEIGHTS, most, name)
    if hashlib.sha256(data).hexdigest() != about.get("sha256"):
        raise WeightsError(f"{name}: {WEIGHTS} is damaged (its SHA-256 is not the one in {CONFIG}).")
    if int.from_bytes(data[:8], "little") > MOST_TEXT:
        raise WeightsError(f"{name}: the header of {WEIGHTS} is larger than {MOST_TEXT // 2**20} MiB.")
    return data


def read_state(folder: Path, name: str, about: dict, expected: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a folder's model.safetensors, in float32: those of expected in name and shape, and no others.

    On disk they are float16, and every value is finite. Raises WeightsError.
    """
    most = 8 + MOST_TEXT + DTYPE.itemsize * sum(tensor.numel() for tensor in expected.values())
    data = read_data(folder, name, about, most)
    try:
        state = load(data)
    except (SafetensorError, ValueError, RuntimeError) as error:
        raise WeightsError(f"{name}: {WEIGHTS} is damaged (it is no safetensors file).") from error
    wanted = {key: (tensor.shape, DTYPE) for key, tensor in expected.items()}
    if {key: (tensor.shape, tensor.dtype) for key, tensor in state.items()} != wanted:
        raise WeightsError(f"{name}: {WEIGHTS} does not fit the network that {CONFIG} names.")
    if not all(torch.isfinite(tensor).all() for tensor in state.values()):
        raise WeightsError(f"{name}: {WEIGHTS} holds values that are not numbers.")
    return {key: tensor.float() for key, tensor in state.items()}


def read_checked(folder: Path) -> tuple[dict, bytes]:
    """A model folder's description and its weights' bytes, whose SHA-256 is the description's. Raises WeightsError."""
    about = read_about(folder, folder.name)
    return about, read_data(folder, folder.name, about)


def _bytes(path: Path, most: int, name: str) -> bytes:
    try:
        if path.stat().st_size > most:
            raise WeightsError(f"{name}: {path.name} is larger than such a model's.")
        return path.read_bytes()
    except OSError as error:
        raise WeightsError(f"{name}: {path.name} is missing or cannot be read.") from error
