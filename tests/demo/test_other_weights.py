"""The app with other weights than its own: missing, damaged, and newly trained."""

import importlib
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import draw_face
from gradio_client import Client, handle_file
from test_app import ROOT, picture

import facesketch
from demo.model_catalog import ModelCatalog
from demo.tabs.draw import DrawTab


@pytest.fixture
def other_weights(tmp_path, monkeypatch):
    """A copy of weights/ that a test may change, and a function that reloads the app with it."""
    weights = tmp_path / "weights"
    shutil.copytree(facesketch.WEIGHTS_DIR, weights)
    monkeypatch.setattr(facesketch, "WEIGHTS_DIR", weights)
    import app

    yield weights, lambda: importlib.reload(app)
    monkeypatch.undo()
    importlib.reload(app)


def test_missing_and_damaged_models_are_named_and_left_out(other_weights):
    weights, start = other_weights
    shutil.rmtree(weights / "pix2pix")
    (weights / "cyclegan" / "model.safetensors").write_bytes(b"damaged")
    app = start()
    assert app.models.names == ["autoencoder"] and app.models.default == "autoencoder"
    assert [str(problem).split()[0] for problem in app.models.problems] == ["Pix2Pix", "CycleGAN"]
    shutil.rmtree(weights / "autoencoder")
    assert not start().models.names


def test_a_damaged_inverse_model_leaves_the_page_and_the_other_one_working(other_weights, tmp_path):
    weights, start = other_weights
    (weights / "cyclegan" / "model.safetensors").write_bytes(b"damaged")
    models = ModelCatalog()
    assert models.inverse == ["pix2pix"]
    drawing = tmp_path / "drawing.png"
    draw_face(0)[1].convert("RGB").save(drawing)
    assert Path(DrawTab(models).photo(str(drawing), "pix2pix", "auto").value["path"]).is_file()
    (weights / "pix2pix" / "model.safetensors").write_bytes(b"damaged")
    assert start().models.inverse == []


@pytest.mark.slow
def test_from_drawn_faces_through_training_to_the_apps_answer(other_weights, faces, tmp_path):
    """A model trained on drawn faces is put into weights/, offered by the app, and draws a photo."""
    command = [sys.executable, "-m", "train", "fit", "pix2pix", "--data", str(faces(8)), "--out", str(tmp_path / "run")]
    subprocess.run([*command, "--steps", "2", "--device", "cpu"], cwd=ROOT, check=True, capture_output=True)
    weights, start = other_weights
    shutil.copytree(tmp_path / "run" / "export", weights / "drawn")
    app = start()
    assert "drawn" in app.models.names
    app.demo.launch(prevent_thread_lock=True, quiet=True)
    try:
        draw_face(3)[0].save(tmp_path / "photo.png")
        client = Client(app.demo.local_url, verbose=False)
        answer = picture(
            client.predict(handle_file(str(tmp_path / "photo.png")), "drawn", True, api_name="/photo_to_sketch")
        )
        pipeline = facesketch.load(str(tmp_path / "run" / "export"))
        drawing = pipeline(draw_face(3)[0], facesketch.DrawOptions(align="never"))
        assert (answer == np.asarray(drawing.image.convert("RGB"))).all()
    finally:
        app.demo.close()
