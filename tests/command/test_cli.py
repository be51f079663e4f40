"""python -m facesketch: arguments, output files, messages and exit statuses."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import draw_face
from pictures import HOPPER, two_portraits
from PIL import Image

import facesketch
from facesketch import DrawOptions
from facesketch.__main__ import main
from facesketch.command.arguments import draw_options, parser
from facesketch.command.main import error_message
from facesketch.options import SPECS

ROOT = Path(__file__).parents[2]


def test_one_file_to_one_file(tmp_path, capsys):
    assert main([str(HOPPER), "--out", str(tmp_path / "deep" / "sketch.png"), "--model", "autoencoder", "--json"]) == 0
    line = json.loads(capsys.readouterr().out)
    assert set(line) == {"in", "out", "faces", "seconds"} and line["faces"] == 1 and line["in"] == str(HOPPER)
    with Image.open(line["out"]) as sketch:
        assert sketch.size == (512, 640) and sketch.format == "PNG"
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["sketch.png"]


@pytest.mark.parametrize(("suffix", "kind"), [(".jpg", "JPEG"), (".webp", "WEBP"), ("", "PNG"), (".AVIF", "AVIF")])
def test_suffix_decides_the_format(suffix, kind, tmp_path):
    assert main([str(HOPPER), "--out", str(tmp_path / f"a{suffix}"), "--model", "autoencoder"]) == 0
    with Image.open(tmp_path / f"a{suffix}") as sketch:
        assert sketch.format == kind


def test_bad_files_do_not_stop_the_rest(tmp_path, capsys):
    photos = tmp_path / "photos"
    photos.mkdir()
    shutil.copy(HOPPER, photos / "hopper.jpg")
    (photos / "broken.jpg").write_bytes(HOPPER.read_bytes()[:500])
    Image.new("RGB", (300, 300), "green").save(photos / "wall.png")
    (photos / "notes.txt").write_text("not a picture")
    assert main([str(photos), "--out", str(tmp_path / "out"), "--model", "autoencoder"]) == 1
    errors = capsys.readouterr().err.splitlines()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["hopper.png"]
    assert len(errors) == 2 and "broken.jpg" in errors[0] and "No face was found" in errors[1]


def test_whole_picture_keeps_its_size(tmp_path, capsys):
    draw_face(0)[0].save(tmp_path / "face.png")
    command = [str(tmp_path / "face.png"), "--out", str(tmp_path / "s.png"), "--align", "never", "--json"]
    assert main([*command, "--model", "autoencoder"]) == 0
    assert json.loads(capsys.readouterr().out)["faces"] is None
    assert Image.open(tmp_path / "s.png").size == (200, 250)


def test_drawing_options(tmp_path):
    def run(name: str, *more: str) -> Image.Image:
        assert main([str(HOPPER), "--out", str(tmp_path / name), "--model", "autoencoder", *more]) == 0
        return Image.open(tmp_path / name)

    assert run("512.png", "--size", "512").size == (512, 640)
    raw = facesketch.load("autoencoder")(facesketch.read_image(HOPPER), DrawOptions(finish="none", background="keep"))
    assert run("raw.png", "--finish", "none", "--background", "keep").tobytes() == raw.image.tobytes()
    assert run("transparent.webp", "--background", "transparent").mode == "RGBA"
    assert run("smooth.png", "--strength", "0").tobytes() != run("full.png", "--strength", "1").tobytes()
    assert (
        run("zero.png").tobytes() == run("seed0.png", "--seed", "0").tobytes() != run("1.png", "--seed", "1").tobytes()
    )


def test_all_faces_the_whole_picture_and_a_box(tmp_path, capsys):
    sheet = two_portraits()
    sheet.save(tmp_path / "two.png")
    command = [str(tmp_path / "two.png"), "--model", "autoencoder", "--json", "--out"]

    def run(name: str, *more: str) -> list[dict]:
        assert main([*command, str(tmp_path / name), *more]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    all_faces = run("all.png", "--faces", "all")
    assert [Path(line["out"]).name for line in all_faces] == ["all.png", "all-face2.png"] and all_faces[0]["faces"] == 2
    assert run("one.png")[0]["faces"] == 2 and not (tmp_path / "one-face2.png").exists()
    run("box.png", "--box", "690,140,110,120")
    assert (tmp_path / "box.png").read_bytes() == (tmp_path / "all-face2.png").read_bytes()
    for frame in ("paper", "photo"):
        run(f"{frame}.png", "--frame", frame)
        assert Image.open(tmp_path / f"{frame}.png").size == sheet.size
    with pytest.raises(SystemExit):
        main([*command, "never.png", "--box", "1,2,3"])
    assert "A box is" in capsys.readouterr().err


def test_warning_about_a_small_face_is_on_stderr(tmp_path, capsys):
    Image.open(HOPPER).resize((150, 176)).save(tmp_path / "small.png")
    assert main([str(tmp_path / "small.png"), "--out", str(tmp_path / "s.png"), "--model", "autoencoder"]) == 0
    assert "pixels wide" in capsys.readouterr().err


def test_sketch_to_photo(tmp_path):
    draw_face(0)[1].save(tmp_path / "sketch.png")
    assert (
        main([str(tmp_path / "sketch.png"), "--out", str(tmp_path / "p.png"), "--to", "photo", "--align", "never"]) == 0
    )
    assert Image.open(tmp_path / "p.png").size == (200, 250)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([], "required"),
        (["a.jpg"], "--out"),
        (["a.jpg", "--out", "b.png", "--to", "painting"], "invalid choice"),
        (["a.jpg", "b.jpg", "--out", "both.png"], "of several pictures, need a folder"),
        (["a.jpg", "--out", "b.xyz"], "b.xyz: pictures are written as .png, .jpg"),
        (["a.jpg", "b.jpg", "--out", "-"], "- is standard output; the drawings of a folder"),
        (["a.jpg", "--out", "-", "--faces", "all"], "Standard output takes one picture"),
        (["a.jpg", "--out", "b.png", "--device", "tpu"], "A device is auto, cpu, cuda"),
        (["a.jpg", "--out", "b.png", "--model", "no"], "There is no model no"),
        (["a.jpg", "--out", "b.png", "--model", "no/folder/here"], "There is no folder no/folder/here"),
        (["a.jpg", "b.jpg", "--out", str(HOPPER)], "is a file"),
        (["a.jpg", "--out", "b.png", "--to", "photo", "--model", "autoencoder"], "lacks the direction sketch_to_photo"),
        (["a.jpg", "--out", "b.png", "--align", "never", "--box", "1,2,3,4"], "do not apply"),
        (["a.jpg", "--out", "b.png", "--align", "never", "--frame", "photo"], "do not apply"),
        (["a.jpg", "--out", "b.png", "--box", "1,2,3,4", "--faces", "all"], "--box chooses one face"),
        (["a.jpg", "--out", "b.png", "--strength", "2"], "strength must be from 0 to 1, not 2"),
        (["a.jpg", "--out", "b.jpg", "--background", "transparent"], "b.jpg: only PNG, WEBP, TIFF, SVG files keep"),
        (["a.jpg", "--out", "b.png", "--size", "200"], "size must be auto or from 256 to 4096, not 200"),
        (["a.jpg", "--out", "b.png", "--size", "small"], "size must be auto or from 256 to 4096, not 'small'"),
        (["a.jpg", "--out", "b.png", "--strength", "50%"], "strength must be from 0 to 1, not '50%'"),
        (["a.jpg", "--out", "b.png", "--seed", "-1"], "seed must be"),
        (["a.jpg", "--out", "b.png", "--batch", "many"], "must be a number from 1 to 64, not many"),
        (["", "--out", "b.png"], "A file name is empty."),
        (["a.jpg", "--out", ""], "A file name is empty."),
        (["https://example.com/a.jpg", "--out", "b.png"], "https://example.com/a.jpg is a URL"),
        (["a.jpg", "--out", f"{'b' * 300}.png"], "File name too long."),
        (["a.jpg", "--out", "b.png", "--to", "photo", "--model", "pix2pix", "--style", "line"], "--style applies to"),
        (["a.jpg", "--out", "b.png", "--model", "autoencoder", "--style", "nosuch"], "There is no style nosuch"),
        (["a.jpg", "--out", "b.png", "--style", "line", "--finish", "detail"], "has only one style"),
        (
            ["a.jpg", "--out", "b.png", "--model", "pix2pix", "--style", "ink", "--finish", "detail"],
            "There is no style",
        ),
        (["a.jpg", "--out", "b.png", "--model", "matte"], "lacks the direction photo_to_sketch"),
    ],
    ids=[
        "nothing",
        "no out",
        "an unknown target",
        "several to one file",
        "an unknown suffix",
        "several to one stream",
        "several faces to one stream",
        "an unknown device",
        "an unknown model",
        "a missing folder",
        "out is a file",
        "a missing direction",
        "a box in the whole picture",
        "a frame in the whole picture",
        "a box and all faces",
        "too much strength",
        "a transparent JPEG",
        "a size out of range",
        "a size that is not a number",
        "a strength that is not a number",
        "a negative seed",
        "a batch size that is not a number",
        "an empty name in",
        "an empty name out",
        "a URL",
        "a long name",
        "a style of a photo",
        "a missing style",
        "a style that is not learned",
        "a style of strokes alone",
        "a matting model",
    ],
)
def test_wrong_usage_exits_with_2(arguments, text, capsys):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2 and text in capsys.readouterr().err


VALUES = {
    "style": "line", "finish": "none", "size": 300, "background": "keep", "frame": "photo", "align": "never",
    "strength": 0.25, "skin_tone": "tan", "seed": 7,
}  # fmt: skip


def flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def test_arguments_are_those_of_draw_options():
    help_text = " ".join(parser().format_help().split())
    assert list(VALUES) == list(SPECS)
    for name, spec in SPECS.items():
        assert flag(name) in help_text and " ".join(spec.help.split()) in help_text
    assert draw_options(parser().parse_args(["a.jpg", "--out", "b.png"])) == DrawOptions()
    flags = [part for name, value in VALUES.items() for part in (flag(name), str(value))]
    assert draw_options(parser().parse_args(["a.jpg", "--out", "b.png", *flags])) == DrawOptions(**VALUES)


@pytest.mark.parametrize("name", [name for name in SPECS if name != "style"])
def test_invalid_option_exits_with_2_and_one_line(name, capsys):
    with pytest.raises(SystemExit) as end:
        main(["a.jpg", "--out", "b.png", flag(name), "wrong"])
    usage, _, error = capsys.readouterr().err.rpartition("facesketch: error: ")
    assert end.value.code == 2 and usage and flag(name)[2:] in error and "wrong" in error
    assert len(error.splitlines()) == 1


def test_error_message_is_one_sentence():
    assert error_message(MemoryError()) == "It cannot be drawn (MemoryError)."
    assert error_message(RuntimeError("one\ntwo")) == "It cannot be drawn (RuntimeError: one)."
    assert error_message(PermissionError(13, "Permission denied", "a.png")) == "a.png: Permission denied."
    assert "--box" in error_message(facesketch.NoFaceError("face.not_found"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full standard output is simulated by /dev/full")
@pytest.mark.parametrize("arguments", [["--out", "-"], ["--json", "--out", "sketch.png"]], ids=["picture", "lines"])
def test_full_standard_output_is_one_sentence(arguments, tmp_path):
    command = [sys.executable, "-m", "facesketch", str(HOPPER), "--model", "autoencoder", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, cwd=tmp_path, env=environment, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1 and "No space left on device" in done.stderr


def test_missing_file_is_one_sentence():
    command = [sys.executable, "-m", "facesketch", "no.jpg", "--out", "never.png"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr == "facesketch: There is no file no.jpg.\n"
