"""Batch: what a training step learns from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """Images as float32, B x 3 x H x W in [-1, 1]. Gray images have three equal channels."""

    source: Tensor  # photos, or sketches where the generator makes photos
    target: Tensor  # their sketches, mattes or photos; for CycleGAN, unrelated sketches
    style: Tensor | None = None  # B x styles x H x W: 1 in the channel of the target's style, 0 in the others
    inverse: Batch | None = None  # Pix2Pix's inverse generator: sketches and their photos
    other_styles: Batch | None = None  # Pix2Pix with styles: pairs in the styles other than the first
    unpaired: Tensor | None = None  # CycleGAN: more photos; where the generator makes photos, artists' sketches

    @property
    def generator_input(self) -> Tensor:
        """The source, followed by the channels of the style if there are any."""
        return self.source if self.style is None else torch.cat([self.source, self.style], 1)

    def map(self, function: Callable[[Tensor], Tensor]) -> Batch:
        """The batch with a function applied to every tensor."""

        def apply(tensor: Tensor | None) -> Tensor | None:
            return None if tensor is None else function(tensor)

        return Batch(
            function(self.source),
            function(self.target),
            apply(self.style),
            self.inverse and self.inverse.map(function),
            self.other_styles and self.other_styles.map(function),
            apply(self.unpaired),
        )
