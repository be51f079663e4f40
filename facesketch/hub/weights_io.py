"""Reading a model's config.json and model.safetensors, which are checked before anything of them is used."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from ..errors import WeightsError
from ..models.config import CONFIG_FILE, ModelConfig

WEIGHTS_FILE = "model.safetensors"
MAX_TEXT_BYTES = 2**20  # of config.json, and of the header of model.safetensors
MAX_WEIGHTS_BYTES = 2**32
STORED_DTYPE = torch.float16


def load_config(folder: Path, name: str) -> ModelConfig:
    """A folder's config.json; errors call the model name. Raises WeightsError."""
    try:
        data = json.loads(_read(folder / CONFIG_FILE, MAX_TEXT_BYTES, name))
    except (ValueError, RecursionError) as error:
        if isinstance(error, WeightsError):
            raise
        raise WeightsError("weights.not_json", name=name, file=CONFIG_FILE) from error
    if not isinstance(data, dict):
        raise WeightsError("weights.invalid_config", name=name, file=CONFIG_FILE)
    return ModelConfig.from_dict(data, name)


def load_bytes(folder: Path, name: str, config: ModelConfig, max_bytes: int = MAX_WEIGHTS_BYTES) -> bytes:
    """The bytes of a folder's model.safetensors, at most max_bytes, whose SHA-256 is the config's.

    The header, whose length the first eight bytes give, may take a mebibyte. Raises WeightsError.
    """
    data = _read(folder / WEIGHTS_FILE, max_bytes, name)
    if hashlib.sha256(data).hexdigest() != config.sha256:
        raise WeightsError("weights.wrong_hash", name=name, file=WEIGHTS_FILE, config=CONFIG_FILE)
    if int.from_bytes(data[:8], "little") > MAX_TEXT_BYTES:
        limit = MAX_TEXT_BYTES // 2**20
        raise WeightsError("weights.header_too_large", name=name, file=WEIGHTS_FILE, limit=limit)
    return data


def load_state(folder: Path, name: str, config: ModelConfig, expected: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a folder's model.safetensors in float32: those of expected in name and shape, and no others.

    On disk they are float16, and every value is finite. Raises WeightsError.
    """
    max_bytes = 8 + MAX_TEXT_BYTES + STORED_DTYPE.itemsize * sum(tensor.numel() for tensor in expected.values())
    data = load_bytes(folder, name, config, max_bytes)
    try:
        state = load(data)
    except (SafetensorError, ValueError, RuntimeError) as error:
        raise WeightsError("weights.not_safetensors", name=name, file=WEIGHTS_FILE) from error
    wanted = {key: (tensor.shape, STORED_DTYPE) for key, tensor in expected.items()}
    if {key: (tensor.shape, tensor.dtype) for key, tensor in state.items()} != wanted:
        raise WeightsError("weights.wrong_shapes", name=name, file=WEIGHTS_FILE, config=CONFIG_FILE)
    if not all(torch.isfinite(tensor).all() for tensor in state.values()):
        raise WeightsError("weights.not_finite", name=name, file=WEIGHTS_FILE)
    return {key: tensor.float() for key, tensor in state.items()}


def load_checked(folder: Path) -> tuple[ModelConfig, bytes]:
    """A model folder's config and its weights' bytes, whose SHA-256 is the config's. Raises WeightsError."""
    config = load_config(folder, folder.name)
    return config, load_bytes(folder, folder.name, config)


def _read(path: Path, max_bytes: int, name: str) -> bytes:
    try:
        if path.stat().st_size > max_bytes:
            raise WeightsError("weights.too_large", name=name, file=path.name)
        return path.read_bytes()
    except OSError as error:
        raise WeightsError("weights.missing_file", name=name, file=path.name) from error
