"""Size, accuracy and speed of exported ONNX models, compared with PyTorch.

`python -m benchmarks.onnx [MODEL] --data DIR` exports a model's photo-to-sketch generator in float32 and in int8,
calibrated on photos of the training part only, and draws the test part with both and with PyTorch in float32, raw. They
take turns on each picture, so that their times compare on a busy machine. Threads: OMP_NUM_THREADS.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path

import onnxruntime
import torch
from torch import Tensor

import facesketch
from facesketch import Model
from facesketch.export import export
from facesketch.models.config import ModelConfig
from train.data.pairs import read_item
from train.data.split import split_of_model
from train.results.evaluate import draw_with, measure
from train.results.scores import Measurement, as_markdown, summarize

DIRECTION = "photo_to_sketch"


class OnnxModel(Model):
    """A model whose generator is an ONNX file, with the style inside it."""

    def __init__(self, config: ModelConfig, file: Path):
        super().__init__(config)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", 0))
        self.session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])

    def generate(self, x: Tensor, direction: str, style: str | None = None, full_precision: bool = False) -> Tensor:
        return torch.from_numpy(self.session.run(["y"], {"x": x.numpy()})[0])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", default="pix2pix")
    parser.add_argument("--data", type=Path, required=True, help="a folder of pairs, with a test part")
    parser.add_argument("--photos", type=int, default=100, help="of the training part, to calibrate on")
    options = parser.parse_args()
    model = facesketch.load_model(options.model)
    split = split_of_model(model, options.data)
    photos = [read_item(item, "photo") for item in split.train[:: max(1, len(split.train) // options.photos)]]
    models: dict[str, Model] = {"PyTorch": model}
    with tempfile.TemporaryDirectory() as folder:
        for name, given in (("float32", []), (f"int8, calibrated on {len(photos)} photos", photos)):
            file = Path(folder, "model.onnx")
            export(model, file, DIRECTION, photos=given)
            models[f"{name}, {file.stat().st_size / 1e6:.2f} MB"] = OnnxModel(model.config, file)
    rows: dict[str, list[Measurement]] = {name: [] for name in models}
    for item in split.test:
        for name, each in models.items():
            rows[name] += measure(draw_with(each, DIRECTION), [item], DIRECTION)
    print(as_markdown({name: summarize(each, timed=True) for name, each in rows.items()}))


if __name__ == "__main__":
    main()
