"""train/gpu.sh from a pack to archives of trained models, with two steps of each run."""

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import torch
from conftest import draw_face, matte_of, put

from train.data.pack import pack
from train.methods.losses import FACE_NETWORK, MOBILENET_URL

SCRIPT = Path(__file__).parents[2] / "train" / "gpu.sh"
CHECKPOINTS = Path(torch.hub.get_dir()) / "checkpoints"
NETWORKS = [CHECKPOINTS / MOBILENET_URL.rpartition("/")[2], CHECKPOINTS / FACE_NETWORK]
WITHOUT_NETWORKS = ["matte"]
PERCEPTUAL = ["pix2pix-perceptual", "pix2pix-sketch-to-photo-perceptual", "cyclegan-sketch-to-photo"]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the script needs GNU's timeout and env")


def call(work: Path, *arguments: str | Path) -> subprocess.CompletedProcess:
    folders = {"WORK": str(work / "work"), "OUT": str(work / "out")}
    environment = os.environ | folders | {"PYTHON": sys.executable, "LIMIT": "3600"}
    return subprocess.run([SCRIPT, *arguments], env=environment, capture_output=True, text=True)


@pytest.mark.long
def test_runs_of_two_steps_leave_archives_and_are_not_repeated(tmp_path):
    for number in range(10):
        photo, sketch = draw_face(number)
        style = "cuhk" if number < 6 else "line"
        for side, image in (("photos", photo), ("sketches", sketch), ("mattes", matte_of(photo))):
            put(tmp_path / "faces" / style / side / f"face{chr(97 + number)}.png", image)
    for number in range(10, 16):
        photo = draw_face(number)[0]
        put(tmp_path / "portraits" / "photos" / f"face{chr(97 + number)}.jpg", photo)
        put(tmp_path / "portraits" / "mattes" / f"face{chr(97 + number)}.png", matte_of(photo))
    networks = [path for path in NETWORKS if path.exists()]
    pack([tmp_path / "faces", tmp_path / "portraits"], tmp_path / "pack.zip", 200, 75, networks)
    trained = [*PERCEPTUAL, *WITHOUT_NETWORKS] if len(networks) == 2 else WITHOUT_NETWORKS

    first = call(tmp_path, "--short", tmp_path / "pack.zip")
    assert first.returncode == 0, first.stdout + first.stderr
    for name in (*PERCEPTUAL, *WITHOUT_NETWORKS):
        assert (f"{name} is left out" in first.stdout) == (name not in trained)
    archives = {f"{name}.tar.gz" for name in trained} | {"samples.tar.gz"}
    assert {path.name for path in (tmp_path / "out-short").iterdir()} == archives
    for name in trained:
        with tarfile.open(tmp_path / "out-short" / f"{name}.tar.gz") as archive:
            assert f"{name}/export/model.safetensors" in archive.getnames()
            lines = archive.extractfile(f"{name}/metrics.jsonl").read().decode().splitlines()
            assert json.loads(lines[-1])["step"] == 2
            assert json.loads(archive.extractfile(f"{name}/config.json").read())["steps"] == 2

    for path in (tmp_path / "out-short").iterdir():
        path.unlink()
    second = call(tmp_path, "--short")  # what was unpacked and trained is still there
    assert second.returncode == 0 and "at most" not in second.stdout, second.stdout + second.stderr
    assert {path.name for path in (tmp_path / "out-short").iterdir()} == archives


def test_a_wrong_option_and_missing_data_are_told_apart(tmp_path):
    assert call(tmp_path, "--fast").returncode == 2
    nothing = call(tmp_path)
    assert nothing.returncode == 1 and "name a pack" in nothing.stderr
