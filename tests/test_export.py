"""ONNX files: the same pixels in onnxruntime as in PyTorch, in any batch; what they say of themselves; int8."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hub_models import tiny
from PIL import Image

import facesketch
from facesketch import align, find_faces, read_image
from facesketch.__main__ import main
from facesketch.images import label_maps, resize, to_tensor

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
pytestmark = pytest.mark.slow
EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.jpg"))


def crops() -> torch.Tensor:
    """The examples' faces as generators are given them."""
    photos = [read_image(path) for path in EXAMPLES]
    return torch.stack([to_tensor(resize(align(photo, find_faces(photo)[0])[0], (256, 256))) for photo in photos])


def answers(file: Path, x: np.ndarray) -> np.ndarray:
    return onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"]).run(["y"], {"x": x})[0]


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> Path:
    """Pix2Pix's way to a sketch, in float32 and in int8."""
    folder = tmp_path_factory.mktemp("onnx")
    assert main(["export", "pix2pix", "--onnx", str(folder / "float.onnx")]) == 0
    photos = str(EXAMPLES[0].parent)
    assert main(["export", "pix2pix", "--onnx", str(folder / "int8.onnx"), "--int8", photos]) == 0
    return folder


def test_the_same_answer_as_pytorchs_in_any_batch(exported):
    model, x = facesketch.load("pix2pix"), crops()
    given = torch.cat([x, label_maps([0] * len(x), len(model.styles), 256)], 1)
    with torch.inference_mode():
        expected = torch.cat([model.photo_to_sketch(each[None]) for each in given]).numpy()
    batch = answers(exported / "float.onnx", x.numpy())
    alone = np.concatenate([answers(exported / "float.onnx", x[i : i + 1].numpy()) for i in range(len(x))])
    for given in (batch, alone):
        assert given.shape == expected.shape and np.abs(given - expected).max() * 127.5 < 2


def test_what_the_file_says_of_itself(exported):
    for name in ("float", "int8"):
        graph = onnx.load(exported / f"{name}.onnx")
        told = json.loads({entry.key: entry.value for entry in graph.metadata_props}["facesketch"])
        assert told["direction"] == "photo_to_sketch" and told["network"] == facesketch.load("pix2pix").about["network"]
        assert {opset.version for opset in graph.opset_import if opset.domain in ("", "ai.onnx")} == {18}


def test_int8_is_a_quarter_of_the_bytes_and_draws_the_same_face(exported):
    sizes = [(exported / f"{name}.onnx").stat().st_size for name in ("float", "int8")]
    assert sizes[1] < 0.3 * sizes[0]
    x = crops().numpy()
    apart = np.abs(answers(exported / "float.onnx", x) - answers(exported / "int8.onnx", x)).mean() * 127.5
    assert 0 < apart < 6


@pytest.mark.parametrize(("network", "direction"), [("matte", "photo_to_matte"), ("resnet-plain", "photo_to_sketch")])
def test_other_kinds_of_network(network, direction, tmp_path):
    folder = tiny(tmp_path / "model", network=network, width=8, directions=[direction])
    assert main(["export", str(folder), "--onnx", str(tmp_path / "a.onnx")]) == 0
    x = torch.rand(3, 3, 256, 256) * 2 - 1
    with torch.inference_mode():
        expected = getattr(facesketch.load(str(folder)), direction)(x).numpy()
    assert np.abs(answers(tmp_path / "a.onnx", x.numpy()) - expected).max() * 127.5 < 2


def test_a_style_lies_in_the_file(tmp_path):
    folder = tiny(tmp_path / "model", network="unet-lean", styles=["shaded", "line"])
    model, x = facesketch.load(str(folder)), torch.rand(1, 3, 256, 256) * 2 - 1
    assert main(["export", str(folder), "--onnx", str(tmp_path / "a.onnx"), "--style", "line"]) == 0
    maps = torch.stack([torch.zeros(256, 256), torch.ones(256, 256)])[None]
    with torch.inference_mode():
        expected = model.photo_to_sketch(torch.cat([x, maps], 1)).numpy()
    assert np.abs(answers(tmp_path / "a.onnx", x.numpy()) - expected).max() * 127.5 < 2


def test_the_detector_finds_the_face_in_onnxruntime(tmp_path):
    assert main(["export", "detector", "--onnx", str(tmp_path / "d.onnx")]) == 0
    session = onnxruntime.InferenceSession(tmp_path / "d.onnx", providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    for picture, seen in ((read_image(EXAMPLES[0]), True), (Image.new("RGB", (512, 512), "gray"), False)):
        pixels = cv2.cvtColor(np.asarray(picture.resize((640, 640))), cv2.COLOR_RGB2BGR)
        given = pixels.astype(np.float32).transpose(2, 0, 1)[None]
        told = dict(zip(names, session.run(None, {session.get_inputs()[0].name: given}), strict=True))
        scores = [np.sqrt(told[f"cls_{stride}"] * told[f"obj_{stride}"]).max() for stride in (8, 16, 32)]
        assert (max(scores) > 0.8) == seen


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["no", "--onnx", "a.onnx"], 2, "There is no model no"),
        (["autoencoder", "--onnx", "a.onnx", "--direction", "sketch_to_photo"], 2, "has no direction"),
        (["autoencoder", "--onnx", "a.onnx", "--style", "line"], 2, "has no style line"),
        (["autoencoder", "--onnx", "there.onnx"], 2, "is there already"),
        (["autoencoder", "--onnx", "."], 2, ". is a folder."),
        (
            ["autoencoder", "--onnx", "a.onnx", "--int8", "nowhere"],
            1,
            "facesketch: nowhere: No such file or directory.\n",
        ),
        (["autoencoder", "--onnx", "a.onnx", "--int8", "there.onnx"], 1, "facesketch: there.onnx: Not a directory.\n"),
        (["autoencoder"], 2, "--onnx"),
    ],
)
def test_mistakes_are_sentences(arguments, status, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("there.onnx").write_bytes(b"mine")
    try:
        ended = main(["export", *arguments])
    except SystemExit as end:
        ended = end.code
    assert ended == status and said in capsys.readouterr().err
    assert Path("there.onnx").read_bytes() == b"mine" and not Path("a.onnx").exists()
