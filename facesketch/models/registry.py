"""The registry of generators: what a network must offer, and building one by the name in a model's config.json."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from torch import nn

Network = TypeVar("Network", bound=type[nn.Module])


@dataclass(frozen=True)
class GeneratorSpec:
    """What a network must offer to be a generator.

    build(width), or build(width, n_styles) where it accepts styles: a module whose forward takes float32 or half
    precision, B x (3 + n_styles) x H x W in [-1, 1], and returns B x 3 x H x W in [-1, 1]. width scales its channels.
    Weights on the meta device must be left uninitialized. H and W are multiples of size_divisor.
    """

    build: Callable[..., nn.Module]
    size_divisor: int
    accepts_styles: bool = False


GENERATORS: dict[str, GeneratorSpec] = {}


def register_generator(name: str, size_divisor: int, accepts_styles: bool = False) -> Callable[[Network], Network]:
    """Class decorator: register a network under a name."""

    def register(network: Network) -> Network:
        GENERATORS[name] = GeneratorSpec(network, size_divisor, accepts_styles)
        return network

    return register


def create_generator(name: str, width: int, n_styles: int = 0) -> nn.Module:
    """Build a registered network with new weights. Raises KeyError for an unknown name."""
    spec = GENERATORS[name]
    return spec.build(width, n_styles) if n_styles else spec.build(width)
