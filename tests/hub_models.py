"""Small models, and how they come onto the stand-in for the Hub."""

from pathlib import Path

import torch
from hub_repos import Repo
from hub_server import Hub

from facesketch import Translator

NAME = "user/facesketch-pix2pix"


def tiny(folder: Path, seed: int = 0, **more) -> Path:
    """A folder with a model."""
    torch.manual_seed(seed)
    about = {"network": "autoencoder", "width": 4, "size": 256, "directions": ["photo_to_sketch"], **more}
    Translator(about).save_pretrained(folder)
    return folder


def put(hub: Hub, folder: Path, name: str = NAME, **extra: bytes) -> str:
    """Put a folder on the Hub; returns the commit."""
    repo = hub.repos.setdefault(name, Repo())
    return repo.commit("main", {path.name: path.read_bytes() for path in folder.iterdir()} | extra)
