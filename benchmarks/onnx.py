"""What ONNX files cost and bring: bytes, likeness to the artists on the test part, milliseconds in onnxruntime.

`python -m benchmarks.onnx [MODEL] --data DIR` exports a model's way to a sketch in float32 and in int8, calibrated on
photos of the training part alone, and draws the test part with both and with PyTorch in float32, raw. They take turns
picture by picture, so that their times compare on a busy machine. Threads are OMP_NUM_THREADS.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import onnxruntime
import torch

import facesketch
from facesketch.export import export
from train.config import Config
from train.data.pairs import pairs, read_side
from train.data.split import split
from train.results.evaluate import measure, summary, table, with_model

DIRECTION = "photo_to_sketch"


def asks(file: Path) -> Callable:
    """An ONNX file in the place of Translator.ask; the maps of a style lie in the file."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", 0))
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    return lambda network, x, raw: torch.from_numpy(session.run(["y"], {"x": x[:, :3].numpy()})[0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", default="pix2pix")
    parser.add_argument("--data", type=Path, required=True, help="a folder of pairs, with a test part")
    parser.add_argument("--photos", type=int, default=100, help="of the training part, to calibrate on")
    options = parser.parse_args()
    model = facesketch.load(options.model)
    parts = split(pairs(options.data), options.data, Config.of(model.about))
    photos = [read_side(item, "photo") for item in parts["train"][:: max(1, len(parts["train"]) // options.photos)]]
    ways = {"PyTorch": model.ask}
    with tempfile.TemporaryDirectory() as folder:
        for name, given in (("float32", []), (f"int8, calibrated on {len(photos)} photos", photos)):
            file = Path(folder, "model.onnx")
            export(model, file, DIRECTION, photos=given)
            ways[f"{name}, {file.stat().st_size / 1e6:.2f} MB"] = asks(file)
    rows: dict[str, list[dict]] = {name: [] for name in ways}
    for item in parts["test"]:
        for name, ask in ways.items():
            model.ask = ask
            rows[name] += measure(with_model(model, DIRECTION), [item], DIRECTION)
    print(table({name: summary(each, timed=True) for name, each in rows.items()}))


main()
