"""Models as ONNX files, for programs that have no PyTorch: a page, a phone, a server in another language."""

from __future__ import annotations

import importlib
import io
import json
import logging
import warnings
from collections.abc import Iterable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from .faces.choose import NoFaceError, choose
from .faces.crop import align
from .faces.detector import detector_file
from .files import write
from .images import label_maps, resize, to_tensor
from .look import ChoiceError
from .translator import Translator

OPSET = 18  # what onnxruntime, and onnxruntime-web from 1.14 on, take
APART = 2.0  # levels of 255 that a float answer may be from PyTorch's
INPUT, OUTPUT = "x", "y"
DETECTOR = "detector"  # the name of what finds faces, which is an ONNX file from the start
NEEDED = ("onnx", "onnxruntime", "onnxscript")
log = logging.getLogger(__name__)


class ExportError(ValueError):
    """A model cannot be exported; the message is one sentence for a person."""


class Given(nn.Module):
    """A generator that draws in one style, whose maps lie in it."""

    maps: Tensor

    def __init__(self, network: nn.Module, maps: Tensor):
        super().__init__()
        self.network = network
        self.register_buffer("maps", maps)

    def forward(self, x: Tensor) -> Tensor:
        return self.network(torch.cat([x, self.maps.expand(x.shape[0], -1, *x.shape[2:])], dim=1))


def export_detector(target: Path) -> None:
    """Write the face detector, YuNet as OpenCV Zoo gives it (MIT): BGR pixels 0 to 255, 1 x 3 x 640 x 640.

    Raises RuntimeError where it is missing, and OSError.
    """
    write(target, Path(detector_file()).read_bytes())


def export(
    model: Translator, target: Path, direction: str = "", style: str | None = None, photos: Iterable[Image.Image] = ()
) -> float:
    """Write one of a model's generators as ONNX; returns how many levels of 255 it is from PyTorch's answer, at most.

    The graph takes x, float32, B x 3 x size x size in [-1, 1], a face in the 200 x 250 frame squeezed to the square,
    and gives y of the same shape and range, for any B. Its metadata hold the model's description as JSON. Of photos,
    where there are any, faces are taken to calibrate int8 weights and activations (static, as QDQ); then the number
    returned tells what int8 costs. Raises ExportError, ChoiceError and OSError.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise ExportError(f"Export needs the package {missing[0]}: pip install 'facesketch[onnx]'.")
    direction = direction or model.directions[0]
    if direction not in model.directions:
        raise ChoiceError(f"This model has no direction {direction}; it has {', '.join(model.directions)}.")
    if style is not None and style not in model.styles:
        raise ChoiceError(f"This model has no style {style}; it has {', '.join(model.styles) or 'one with no name'}.")
    network = _network(model, direction, style)
    data = _graph(network, model.size, {"direction": direction, "style": style, **model.about})
    apart = _apart(network, data, _picture(model.size))
    if apart > APART:
        raise ExportError(f"The exported model is {apart:.1f} levels of 255 from PyTorch's answer.")
    photos = list(photos)
    if photos:
        crops = list(_crops(photos, model.size, direction))
        if not crops:
            raise ExportError("There is no face in the pictures that int8 is to be calibrated on.")
        data = _int8(data, crops)
        apart = _apart(network, data, torch.from_numpy(crops[0]))
    write(target, data)
    return apart


def _network(model: Translator, direction: str, style: str | None) -> nn.Module:
    network = getattr(model, direction)
    if model.styles and direction == "photo_to_sketch":
        chosen = model.styles.index(style or model.styles[0])
        network = Given(network, label_maps([chosen], len(model.styles), 1))
    return network.cpu().eval()


def _graph(network: nn.Module, size: int, about: dict) -> bytes:
    """The network as an ONNX file's bytes."""
    onnx: Any = importlib.import_module("onnx")
    with warnings.catch_warnings(), TemporaryDirectory() as folder, torch.inference_mode(False):
        warnings.simplefilter("ignore")  # of the exporter's own parts
        path = Path(folder, "model.onnx")
        torch.onnx.export(
            network, (torch.zeros(2, 3, size, size),), path, input_names=[INPUT], output_names=[OUTPUT],
            opset_version=OPSET, dynamic_shapes=({0: torch.export.Dim("batch")},), external_data=False, verbose=False,
        )  # fmt: skip
        graph = onnx.load(path)
    graph.producer_name = "facesketch"
    onnx.helper.set_model_props(graph, {"facesketch": json.dumps(about)})
    onnx.checker.check_model(graph, full_check=True)
    return graph.SerializeToString()


def _picture(size: int) -> Tensor:
    """Two pictures to compare on: gradients under noise, 2 x 3 x size x size."""
    ramp = torch.linspace(-1, 1, size)
    clean = torch.stack([ramp.expand(size, size), ramp[:, None].expand(size, size), -ramp.expand(size, size)])
    noise = torch.rand((2, 3, size, size), generator=torch.Generator().manual_seed(0)) - 0.5
    return (clean + noise).clamp(-1, 1)


@torch.inference_mode()
def _apart(network: nn.Module, data: bytes, x: Tensor) -> float:
    """How many levels of 255 a graph's answer is from a network's, at most."""
    session = importlib.import_module("onnxruntime").InferenceSession(data, providers=["CPUExecutionProvider"])
    y = session.run([OUTPUT], {INPUT: x.numpy()})[0]
    return float(np.abs(y - network(x).numpy()).max() * 127.5)


def _crops(photos: Iterable[Image.Image], size: int, direction: str) -> Iterator[np.ndarray]:
    """The largest face of each picture as a generator is given it, 1 x 3 x size x size."""
    for photo in photos:
        try:
            face = choose(photo)[0]
        except NoFaceError:
            log.warning("A picture without a face is left out of the calibration.")
            continue
        crop = align(photo, face, drawing=direction == "sketch_to_photo")[0]
        yield to_tensor(resize(crop, (size, size)))[None].numpy()


def _int8(data: bytes, crops: Sequence[np.ndarray]) -> bytes:
    """A graph's weights and activations in int8, as QDQ nodes, in the ranges that they have on crops."""
    quantization: Any = importlib.import_module("onnxruntime.quantization")
    onnx: Any = importlib.import_module("onnx")

    class Reader(quantization.CalibrationDataReader):
        rows = iter(crops)

        def get_next(self) -> dict | None:
            row = next(self.rows, None)
            return None if row is None else {INPUT: row}

    with TemporaryDirectory() as folder:
        path = Path(folder, "int8.onnx")
        logging.disable(logging.WARNING)  # advice to who writes such code, at the root of all loggers
        try:
            quantization.quantize_static(
                onnx.load(io.BytesIO(data)), path, Reader(), quant_format=quantization.QuantFormat.QDQ,
                per_channel=True, weight_type=quantization.QuantType.QInt8,
                activation_type=quantization.QuantType.QUInt8,
            )  # fmt: skip
        finally:
            logging.disable(logging.NOTSET)
        return path.read_bytes()
