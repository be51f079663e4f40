"""Exporting models to ONNX, for programs without PyTorch: web pages, phones, servers in other languages."""

from __future__ import annotations

import importlib
import io
import json
import logging
import threading
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from .errors import ExportError, NoFaceError
from .face.align import align_face
from .face.detector import YuNetDetector
from .face.select import select_faces
from .files import atomic_write
from .image.pixels import resize, style_maps, to_tensor
from .models.model import Model

OPSET = 18  # which onnxruntime and onnxruntime-web support from 1.14 on
MAX_ABS_DIFF = 2.0  # of 255 levels, between a float model's output and PyTorch's
INPUT, OUTPUT = "x", "y"
DETECTOR = "detector"  # the name under which the face detector is exported
CPU_FLOAT32: dict[str, Any] = {"device": "cpu", "dtype": torch.float32}  # whatever the program's defaults are
REQUIRED_PACKAGES = ("onnx", "onnxruntime", "onnxscript")


@dataclass(frozen=True)
class Exported:
    """max_abs_diff: between the exported model's output and PyTorch's, in levels of 255. n_skipped: calibration
    pictures without a face.
    """

    max_abs_diff: float
    n_skipped: int = 0


class FixedStyle(nn.Module):
    """A generator that draws in one style, whose style maps are constants."""

    maps: Tensor

    def __init__(self, network: nn.Module, maps: Tensor):
        super().__init__()
        self.network = network
        self.register_buffer("maps", maps)

    def forward(self, x: Tensor) -> Tensor:
        return self.network(torch.cat([x, self.maps.expand(x.shape[0], -1, *x.shape[2:])], dim=1))


def export_detector(target: Path) -> None:
    """Write the face detector, YuNet of OpenCV Zoo (MIT license): BGR pixels, 0 to 255, 1 x 3 x 640 x 640.

    Raises RuntimeError where it is missing, and OSError.
    """
    atomic_write(target, YuNetDetector.weights_path().read_bytes())


def export(
    model: Model, target: Path, direction: str = "", style: str | None = None, photos: Iterable[Image.Image] = ()
) -> Exported:
    """Write one of a model's generators as ONNX.

    The graph takes x, float32, B x 3 x size x size in [-1, 1], an aligned face crop resized to the square, and returns
    y of the same shape and range, for any B. Its metadata holds the model's config as JSON. With photos, weights and
    activations are quantized to int8 (static, QDQ), calibrated on their faces. direction: by default the model's first.
    Raises ExportError, OptionError and OSError.
    """
    missing = [name for name in REQUIRED_PACKAGES if find_spec(name) is None]
    if missing:
        raise ExportError("export.missing_package", package=missing[0])
    direction, size = direction or model.config.directions[0], model.config.size
    model.validate(direction, style)
    network = _network(model, direction, style)
    data = _to_onnx(network, size, {"direction": direction, "style": style, **model.config.to_dict()})
    difference = _max_abs_diff(network, data, _test_input(size))
    if difference > MAX_ABS_DIFF:
        raise ExportError("export.inaccurate", levels=f"{difference:.1f}")
    photos = list(photos)
    if not photos:
        atomic_write(target, data)
        return Exported(difference)
    crops = list(_crops(photos, size, direction))
    if not crops:
        raise ExportError("export.no_face")
    data = _quantize(data, crops)
    atomic_write(target, data)
    return Exported(_max_abs_diff(network, data, torch.from_numpy(crops[0])), len(photos) - len(crops))


def _network(model: Model, direction: str, style: str | None) -> nn.Module:
    network, styles = model.generators[direction], model.config.styles
    if model.n_styles(direction):
        network = FixedStyle(network, style_maps([styles.index(style or styles[0])], len(styles), 1))
    return network.cpu().eval()


def _to_onnx(network: nn.Module, size: int, metadata: dict[str, Any]) -> bytes:
    """The network as the bytes of an ONNX file."""
    onnx: Any = importlib.import_module("onnx")
    with warnings.catch_warnings(), TemporaryDirectory() as folder, torch.inference_mode(False):
        warnings.simplefilter("ignore")  # from inside the exporter
        path = Path(folder, "model.onnx")
        torch.onnx.export(
            network, (torch.zeros(2, 3, size, size, **CPU_FLOAT32),), path, input_names=[INPUT], output_names=[OUTPUT],
            opset_version=OPSET, dynamic_shapes=({0: torch.export.Dim("batch")},), external_data=False, verbose=False,
        )  # fmt: skip
        graph = onnx.load(path)
    graph.producer_name = "facesketch"
    _set_lowest_ir_version(graph)
    onnx.helper.set_model_props(graph, {"facesketch": json.dumps(metadata)})
    onnx.checker.check_model(graph, full_check=True)
    return graph.SerializeToString()


def _set_lowest_ir_version(graph: Any) -> None:
    """Give a model the lowest IR version that its opset needs: a runtime reads none that is newer than itself."""
    helper: Any = importlib.import_module("onnx").helper
    graph.ir_version = helper.find_min_ir_version_for(graph.opset_import, ignore_unknown=True)


def _test_input(size: int) -> Tensor:
    """Two pictures to compare outputs on: gradients with noise, 2 x 3 x size x size."""
    ramp = torch.linspace(-1, 1, size, **CPU_FLOAT32)
    clean = torch.stack([ramp.expand(size, size), ramp[:, None].expand(size, size), -ramp.expand(size, size)])
    noise = torch.rand((2, 3, size, size), generator=torch.Generator().manual_seed(0), **CPU_FLOAT32) - 0.5
    return (clean + noise).clamp(-1, 1)


@torch.inference_mode()
def _max_abs_diff(network: nn.Module, data: bytes, x: Tensor) -> float:
    """The largest difference between an ONNX model's output and the network's, in levels of 255."""
    session = importlib.import_module("onnxruntime").InferenceSession(data, providers=["CPUExecutionProvider"])
    y = session.run([OUTPUT], {INPUT: x.numpy()})[0]
    return float(np.abs(y - network(x).numpy()).max() * 127.5)


def _crops(photos: Iterable[Image.Image], size: int, direction: str) -> Iterator[np.ndarray]:
    """The largest face of each picture that has one as the generator's input, 1 x 3 x size x size."""
    for photo in photos:
        try:
            face = select_faces(photo)[0]
        except NoFaceError:
            continue
        crop = align_face(photo, face, is_drawing=direction == "sketch_to_photo").image
        yield to_tensor(resize(crop, (size, size)))[None].numpy()


def _quantize(data: bytes, crops: Sequence[np.ndarray]) -> bytes:
    """An ONNX model with weights and activations in int8, as QDQ nodes, calibrated on crops."""
    quantization: Any = importlib.import_module("onnxruntime.quantization")
    onnx: Any = importlib.import_module("onnx")

    class Reader(quantization.CalibrationDataReader):
        rows = iter(crops)

        def get_next(self) -> dict[str, np.ndarray] | None:
            row = next(self.rows, None)
            return None if row is None else {INPUT: row}

    with TemporaryDirectory() as folder, _silent_root_logger():
        path = Path(folder, "int8.onnx")
        quantization.quantize_static(
            onnx.load(io.BytesIO(data)),
            path,
            Reader(),
            quant_format=quantization.QuantFormat.QDQ,
            per_channel=True,
            weight_type=quantization.QuantType.QInt8,
            activation_type=quantization.QuantType.QUInt8,
        )
        graph = onnx.load(path)
        _set_lowest_ir_version(graph)
        return graph.SerializeToString()


@contextmanager
def _silent_root_logger() -> Iterator[None]:
    """Drop what this thread logs with the root logger itself, as onnxruntime does with advice for developers."""
    thread, root = threading.get_ident(), logging.getLogger()

    def from_other_thread(record: logging.LogRecord) -> bool:
        return record.thread != thread

    root.addFilter(from_other_thread)
    try:
        yield
    finally:
        root.removeFilter(from_other_thread)
