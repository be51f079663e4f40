"""benchmarks/mattes.py on drawn faces, by an untrained model."""

import json
import sys

import pytest
from conftest import draw_face, put
from hub_models import small_model
from PIL import Image

from benchmarks import mattes
from facesketch.face.matte import DIRECTION
from train.data.pairs import DataError, find_pairs


@pytest.fixture
def data(tmp_path):
    """Three photos with mattes and no sketches, of which the last two are the test part."""
    root = tmp_path / "portraits"
    for name in ("a", "b", "c"):
        put(root / "photos" / f"{name}.png", draw_face(0)[0])
        put(root / "mattes" / f"{name}.png", Image.new("L", (200, 250), 255))
    (root / "split.json").write_text(json.dumps({"train": ["a"], "test": ["b", "c"]}))
    return root


@pytest.mark.parametrize(("bias", "iou", "error"), [(3.0, 1.0, 0.0), (-3.0, 0.0, 1.0)], ids=["all", "nothing"])
def test_the_test_part_is_measured(bias, iou, error, data, tmp_path, monkeypatch, capsys):
    model = small_model("matte", directions=(DIRECTION,))
    *others, last = model.parameters()
    for value in others:
        value.data.zero_()
    last.data.fill_(bias)
    model.save_pretrained(tmp_path / "model")
    rows = mattes.measure(model, mattes.read_test_part(data))
    assert [row.id for row in rows] == ["b", "c"]
    for row in rows:
        assert row.iou == pytest.approx(iou) and row.error == pytest.approx(error, abs=0.01) and row.ms > 0
    monkeypatch.setattr(sys, "argv", ["mattes", "--data", str(data), "--model", str(tmp_path / "model")])
    mattes.main()
    cells = [cell.strip() for cell in capsys.readouterr().out.splitlines()[2].split("|")]
    assert cells[2:6] == ["2", f"{iou:.3f}", f"{iou:.3f}", f"{100 * (1 - iou):.0f} %"]


def test_without_mattes_there_is_nothing_to_measure(faces):
    root = faces(2)
    for path in (root / "mattes").iterdir():
        path.unlink()
    assert find_pairs(root)
    with pytest.raises(DataError, match="no mattes"):
        mattes.read_test_part(root)
