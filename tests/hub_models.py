"""Small models with random weights, and putting them onto the local Hub."""

from pathlib import Path

import torch
from hub_repos import Repo
from hub_server import Hub

from facesketch import Model
from facesketch.models.config import DIRECTIONS, ModelConfig

NAME = "user/facesketch-pix2pix"


def small_model(network: str = "autoencoder", seed: int = 0, **changes) -> Model:
    """A model of width 4 in all directions; changes are fields of its ModelConfig."""
    torch.manual_seed(seed)
    return Model(ModelConfig(**{"network": network, "width": 4, "size": 256, "directions": DIRECTIONS} | changes))


def tiny(folder: Path, seed: int = 0, **changes) -> Path:
    """The folder of a saved small model that draws sketches."""
    small_model(**{"seed": seed, "directions": ("photo_to_sketch",)} | changes).save_pretrained(folder)
    return folder


def put(hub: Hub, folder: Path, name: str = NAME, **extra: bytes) -> str:
    """Commit a folder's files, and extra ones, to a repo on the Hub. Returns the commit."""
    repo = hub.repos.setdefault(name, Repo())
    return repo.commit("main", {path.name: path.read_bytes() for path in folder.iterdir()} | extra)
