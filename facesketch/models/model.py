"""Model: a model's generators and config, saved and loaded."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor, nn

from ..errors import OptionError, WeightsError
from ..files import atomic_write
from ..hub.download import evict, fetch
from ..hub.weights_io import STORED_DTYPE, WEIGHTS_FILE, load_config, load_state
from ..image.pixels import style_maps
from ..strokes.styles import DEFAULT_STYLE, STYLES
from .config import CONFIG_FILE, ModelConfig
from .half_precision import run_float32_out, serving_network
from .registry import create_generator


class Model(nn.Module):
    """One generator for each direction of its config. folder: where it was loaded from; on the Hub, a snapshot."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.config = config
        self.folder: Path | None = None
        for direction in config.directions:
            self.add_module(direction, create_generator(config.network, config.width, self.n_styles(direction)))
        self.eval()

    @property
    def generators(self) -> dict[str, nn.Module]:
        """Direction -> generator."""
        return {direction: self.get_submodule(direction) for direction in self.config.directions}

    @property
    def device(self) -> torch.device:
        return next(self.parameters()).device

    def n_styles(self, direction: str) -> int:
        """How many style maps a direction's generator takes in addition to the picture."""
        return len(self.config.styles) if direction == "photo_to_sketch" else 0

    def validate(self, direction: str, style: str | None = None) -> None:
        """Raise OptionError where the model lacks a direction or a style."""
        if direction not in self.config.directions:
            raise OptionError("option.no_direction", direction=direction)
        if style is not None and style not in self.config.styles:
            if not self.config.styles:
                raise OptionError("option.no_styles", style=style)
            raise OptionError("option.no_style", style=style, styles=", ".join(self.config.styles))

    def label_of(self, style: str | None, in_strokes: bool = False) -> str | None:
        """The label by which the generator knows a style; None for its first, and where it has no styles.

        in_strokes: any style can be drawn in strokes, also one that the generator did not learn. Raises OptionError for
        a style that is not known.
        """
        labels = self.config.styles
        if style is None or style in labels:
            return style
        known = STYLES.get(style)
        if known is None or not (in_strokes or known is DEFAULT_STYLE):
            if not labels and not in_strokes:
                raise OptionError("option.no_styles", style=style)
            names = [*STYLES, *labels] if in_strokes else labels
            raise OptionError("option.no_style", style=style, styles=", ".join(dict.fromkeys(names)))
        return known.label if known.label in labels else None

    def generate(self, x: Tensor, direction: str, style: str | None = None, full_precision: bool = False) -> Tensor:
        """The generator's output for pictures x: float32, B x 3 x size x size in [-1, 1], in and out.

        style: one of the config's, None for the first. full_precision: in float32, as models are measured; else in half
        precision where the hardware computes in it. Raises OptionError.
        """
        self.validate(direction, style)
        generator, n_styles = self.get_submodule(direction), self.n_styles(direction)
        if n_styles:
            index = self.config.styles.index(style or self.config.styles[0])
            x = torch.cat([x, style_maps([index] * len(x), n_styles, self.config.size).to(x.device)], dim=1)
        x = x.to(self.device)
        return run_float32_out(generator if full_precision else serving_network(generator, x), x)

    def save_pretrained(self, folder: str | Path) -> None:
        """Write config.json, with the weights' SHA-256, and model.safetensors in float16. Raises OSError."""
        folder = Path(folder)
        state = {name: value.detach().cpu().to(STORED_DTYPE).contiguous() for name, value in self.state_dict().items()}
        data = save(state, metadata={"format": "pt"})
        config = replace(self.config, sha256=hashlib.sha256(data).hexdigest())
        atomic_write(folder / WEIGHTS_FILE, data)
        atomic_write(folder / CONFIG_FILE, (json.dumps(config.to_dict(), indent=2) + "\n").encode())

    @classmethod
    def from_pretrained(cls, source: str | Path, revision: str | None = None) -> Model:
        """Load a folder that save_pretrained wrote, or a Hub repo "user/name" in that layout, at a revision of it.

        The weights' hash, names, shapes, types and values are checked before use. Raises WeightsError.
        """
        folder = Path(source)
        if folder.is_dir():
            return cls._from_folder(folder, folder.name)
        folder = fetch(str(source), revision)
        try:
            return cls._from_folder(folder, str(source))
        except WeightsError:
            evict(folder)
            raise

    @classmethod
    def _from_folder(cls, folder: Path, name: str) -> Model:
        config = load_config(folder, name)
        with torch.device("meta"):  # no memory is taken before the weights are checked
            model = cls(config)
        model.load_state_dict(load_state(folder, name, config, model.state_dict()), strict=True, assign=True)
        model.folder = folder
        return model
