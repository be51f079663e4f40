"""Export to ONNX: the same output in onnxruntime as in PyTorch, in any batch; metadata; int8; errors."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from hub_models import tiny
from pictures import PORTRAITS
from PIL import Image

from facesketch import ExportError, OptionError, align_face, find_faces, load_model, read_image
from facesketch.__main__ import main
from facesketch.export import MAX_ABS_DIFF, export
from facesketch.image.pixels import resize, to_tensor

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")
pytestmark = pytest.mark.slow


def crops() -> torch.Tensor:
    """The portraits' faces as a generator's input."""
    photos = [read_image(path) for path in PORTRAITS]
    return torch.stack(
        [to_tensor(resize(align_face(photo, find_faces(photo)[0]).image, (256, 256))) for photo in photos]
    )


def run_onnx(file: Path, x: np.ndarray) -> np.ndarray:
    return onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"]).run(["y"], {"x": x})[0]


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> Path:
    """Pix2Pix's photo to sketch, in float32 and in int8."""
    folder = tmp_path_factory.mktemp("onnx")
    assert main(["export", "pix2pix", "--onnx", str(folder / "float.onnx")]) == 0
    photos = str(PORTRAITS[0].parent)
    assert main(["export", "pix2pix", "--onnx", str(folder / "int8.onnx"), "--int8", photos]) == 0
    return folder


def test_same_output_as_pytorchs_in_any_batch(exported):
    model, x = load_model("pix2pix"), crops()
    expected = torch.cat([model.generate(each[None], "photo_to_sketch", full_precision=True) for each in x]).numpy()
    batch = run_onnx(exported / "float.onnx", x.numpy())
    alone = np.concatenate([run_onnx(exported / "float.onnx", x[i : i + 1].numpy()) for i in range(len(x))])
    for output in (batch, alone):
        assert output.shape == expected.shape and np.abs(output - expected).max() * 127.5 < 2


def test_metadata_is_the_config(exported):
    config = load_model("pix2pix").config
    for name in ("float", "int8"):
        graph = onnx.load(exported / f"{name}.onnx")
        metadata = json.loads({entry.key: entry.value for entry in graph.metadata_props}["facesketch"])
        assert metadata["direction"] == "photo_to_sketch" and metadata["network"] == config.network
        assert metadata["provenance"]["photo_to_sketch"]["preset"] == config.origin.preset
        assert {opset.version for opset in graph.opset_import if opset.domain in ("", "ai.onnx")} == {18}
        assert graph.ir_version == 8  # the first that has opset 18; onnxruntime 1.14 reads no newer one


def test_int8_takes_a_quarter_of_the_bytes_for_nearly_the_same_output(exported):
    sizes = [(exported / f"{name}.onnx").stat().st_size for name in ("float", "int8")]
    assert sizes[1] < 0.3 * sizes[0]
    x = crops().numpy()
    difference = np.abs(run_onnx(exported / "float.onnx", x) - run_onnx(exported / "int8.onnx", x)).mean() * 127.5
    assert 0 < difference < 6


@pytest.mark.parametrize(("network", "direction"), [("matte", "photo_to_matte"), ("resnet-plain", "photo_to_sketch")])
def test_other_networks(network, direction, tmp_path):
    folder = tiny(tmp_path / "model", network=network, width=8, directions=(direction,))
    assert main(["export", str(folder), "--onnx", str(tmp_path / "a.onnx")]) == 0
    x = torch.rand(3, 3, 256, 256) * 2 - 1
    expected = load_model(str(folder)).generate(x, direction, full_precision=True).numpy()
    assert np.abs(run_onnx(tmp_path / "a.onnx", x.numpy()) - expected).max() * 127.5 < 2


def test_style_is_part_of_the_graph(tmp_path):
    folder = tiny(tmp_path / "model", network="unet-lean", styles=("shaded", "line"))
    model, x = load_model(str(folder)), torch.rand(1, 3, 256, 256) * 2 - 1
    assert main(["export", str(folder), "--onnx", str(tmp_path / "a.onnx"), "--style", "line"]) == 0
    expected = model.generate(x, "photo_to_sketch", "line", full_precision=True).numpy()
    assert np.abs(run_onnx(tmp_path / "a.onnx", x.numpy()) - expected).max() * 127.5 < 2


def test_export_returns_its_accuracy_and_the_skipped_pictures(tmp_path):
    model = load_model(str(tiny(tmp_path / "model")))
    assert 0 <= export(model, tmp_path / "a.onnx").max_abs_diff <= MAX_ABS_DIFF
    without_face = Image.new("RGB", (300, 300), "gray")
    photos = [read_image(PORTRAITS[0]), without_face]
    assert export(model, tmp_path / "b.onnx", photos=photos).n_skipped == 1
    with pytest.raises(ExportError) as error:
        export(model, tmp_path / "c.onnx", photos=[without_face])
    assert error.value.message.code == "export.no_face" and not (tmp_path / "c.onnx").exists()
    with pytest.raises(OptionError):
        export(model, tmp_path / "c.onnx", "sketch_to_photo")


def test_detector_finds_the_face_in_onnxruntime(tmp_path):
    assert main(["export", "detector", "--onnx", str(tmp_path / "d.onnx")]) == 0
    session = onnxruntime.InferenceSession(tmp_path / "d.onnx", providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    for picture, has_face in ((read_image(PORTRAITS[0]), True), (Image.new("RGB", (512, 512), "gray"), False)):
        pixels = cv2.cvtColor(np.asarray(picture.resize((640, 640))), cv2.COLOR_RGB2BGR)
        x = pixels.astype(np.float32).transpose(2, 0, 1)[None]
        outputs = dict(zip(names, session.run(None, {session.get_inputs()[0].name: x}), strict=True))
        scores = [np.sqrt(outputs[f"cls_{stride}"] * outputs[f"obj_{stride}"]).max() for stride in (8, 16, 32)]
        assert (max(scores) > 0.8) == has_face


@pytest.mark.parametrize(
    ("arguments", "status", "text"),
    [
        (["no", "--onnx", "a.onnx"], 2, "There is no model no"),
        (
            ["autoencoder", "--onnx", "a.onnx", "--direction", "sketch_to_photo"],
            2,
            "lacks the direction sketch_to_photo",
        ),
        (["autoencoder", "--onnx", "a.onnx", "--direction", "sideways"], 2, "lacks the direction sideways"),
        (["autoencoder", "--onnx", "a.onnx", "--style", "line"], 2, "has only one style"),
        (["autoencoder", "--onnx", "there.onnx"], 2, "there.onnx exists; --force overwrites it."),
        (["autoencoder", "--onnx", "."], 2, ". is a folder."),
        (
            ["autoencoder", "--onnx", "a.onnx", "--int8", "nowhere"],
            1,
            "facesketch: nowhere: No such file or directory.\n",
        ),
        (["autoencoder", "--onnx", "a.onnx", "--int8", "there.onnx"], 1, "facesketch: there.onnx: Not a directory.\n"),
        (["autoencoder"], 2, "--onnx"),
        (["detector", "--onnx", "a.onnx", "--style", "line"], 2, "The detector has no directions, styles or int8."),
    ],
)
def test_wrong_usage_and_failures_are_sentences(arguments, status, text, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("there.onnx").write_bytes(b"mine")
    try:
        ended = main(["export", *arguments])
    except SystemExit as end:
        ended = end.code
    assert ended == status and text in capsys.readouterr().err
    assert Path("there.onnx").read_bytes() == b"mine" and not Path("a.onnx").exists()
