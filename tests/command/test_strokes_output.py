"""The command line's files of drawings in strokes: SVG, lines for plotters and replays."""

import json

import pytest
from pictures import HOPPER
from PIL import Image

from facesketch.__main__ import main
from facesketch.command import main as command
from facesketch.strokes.styles import STYLES


def draw(*arguments: str) -> int:
    return main([str(HOPPER), "--model", "autoencoder", *arguments])


def test_svg_is_written_and_may_be_written_again(tmp_path):
    out = tmp_path / "sketch.svg"
    assert draw("--out", str(out)) == 0
    first = out.read_text()
    assert "inkscape:groupmode" in first and "<rect" in first
    assert draw("--out", str(out), "--background", "transparent") == 0
    assert "<rect" not in out.read_text()


def test_style_that_the_model_did_not_learn_is_drawn(tmp_path):
    out = tmp_path / "sketch.png"
    assert draw("--out", str(out), "--style", "sanguine") == 0
    with Image.open(out) as image:
        assert image.getpixel((2, 2)) == STYLES["sanguine"].paper


def test_pen_writes_lines_of_its_width_also_into_a_folder(tmp_path, capsys):
    assert draw("--out", f"{tmp_path}/lines/", "--pen", "0.35", "--json") == 0
    out = json.loads(capsys.readouterr().out)["out"]
    assert out.endswith(".svg")
    with open(out) as file:
        assert 'stroke-width="0.35"' in file.read()


def test_replay_is_an_animation(tmp_path):
    assert draw("--out", str(tmp_path / "sketch.gif"), "--replay") == 0
    with Image.open(tmp_path / "sketch.gif") as image:
        assert image.is_animated
    assert draw("--out", str(tmp_path / "still.gif")) == 0
    with Image.open(tmp_path / "still.gif") as image:
        assert not image.is_animated


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--out", "a.png", "--replay"], "MP4, GIF, WEBP"),
        (["--out", "a.svg", "--replay"], "MP4, GIF, WEBP"),
        (["--out", "-", "--replay"], "MP4, GIF, WEBP"),
        (["--out", "a.png", "--pen", "0.5"], "SVG"),
        (["--out", "a.gif", "--pen", "0.5", "--replay"], "SVG"),
        (["--out", "a.svg", "--pen", "0"], "from 0.05 to 5.0"),
        (["--out", "a.svg", "--pen", "thick"], "from 0.05 to 5.0"),
        (["--out", "a.svg", "--pen", "nan"], "from 0.05 to 5.0"),
        (["--out", "a.svg", "--finish", "detail"], "in strokes"),
        (["--out", "a.svg", "--frame", "photo"], "in strokes"),
        (["--out", "a.gif", "--replay", "--to", "photo"], "in strokes"),
    ],
)
def test_wrong_usage_is_found_before_anything_is_drawn(arguments, says, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "load_model", lambda name: pytest.fail("a model was loaded"))
    with pytest.raises(SystemExit) as stopped:
        main([str(HOPPER), *arguments])
    assert stopped.value.code == 2 and says in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
