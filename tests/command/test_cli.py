"""python -m facesketch: the contract that scripts rely on."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import draw_face
from PIL import Image

import facesketch
from facesketch.__main__ import main

ROOT = Path(__file__).parent.parent
HOPPER = ROOT / "examples" / "grace_hopper.jpg"


def test_one_file_to_one_file(tmp_path, capsys):
    assert main([str(HOPPER), "--out", str(tmp_path / "deep" / "sketch.png"), "--model", "autoencoder", "--json"]) == 0
    line = json.loads(capsys.readouterr().out)
    assert set(line) == {"in", "out", "faces", "seconds"} and line["faces"] == 1 and line["in"] == str(HOPPER)
    with Image.open(line["out"]) as sketch:
        assert 300 < sketch.width < 350 and sketch.height == sketch.width * 5 // 4 and sketch.format == "PNG"
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["sketch.png"]


@pytest.mark.parametrize(("suffix", "kind"), [(".jpg", "JPEG"), (".webp", "WEBP"), ("", "PNG"), (".AVIF", "AVIF")])
def test_the_suffix_decides_the_format(suffix, kind, tmp_path):
    assert main([str(HOPPER), "--out", str(tmp_path / f"a{suffix}"), "--model", "autoencoder"]) == 0
    with Image.open(tmp_path / f"a{suffix}") as sketch:
        assert sketch.format == kind


def test_a_folder_with_a_bad_file_does_the_rest(tmp_path, capsys):
    photos = tmp_path / "photos"
    photos.mkdir()
    shutil.copy(HOPPER, photos / "hopper.jpg")
    (photos / "broken.jpg").write_bytes(HOPPER.read_bytes()[:500])
    Image.new("RGB", (300, 300), "green").save(photos / "nobody.png")
    (photos / "notes.txt").write_text("not a picture")
    assert main([str(photos), "--out", str(tmp_path / "out"), "--model", "autoencoder"]) == 1
    errors = capsys.readouterr().err.splitlines()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["hopper.png"]
    assert len(errors) == 2 and "broken.jpg" in errors[0] and "No face was found" in errors[1]


def test_never_aligned_the_answer_has_the_pictures_size(tmp_path, capsys):
    draw_face(0)[0].save(tmp_path / "face.png")
    command = [str(tmp_path / "face.png"), "--out", str(tmp_path / "s.png"), "--align", "never", "--json"]
    assert main([*command, "--model", "autoencoder"]) == 0
    assert json.loads(capsys.readouterr().out)["faces"] is None
    assert Image.open(tmp_path / "s.png").size == (200, 250)


def test_size_detail_ground_and_strokes(tmp_path):
    def run(name: str, *more: str) -> Image.Image:
        assert main([str(HOPPER), "--out", str(tmp_path / name), "--model", "autoencoder", *more]) == 0
        return Image.open(tmp_path / name)

    assert run("512.png", "--size", "512").size == (512, 640)
    raw = facesketch.load("autoencoder").translate(facesketch.read_image(HOPPER), detail=False, ground="keep")
    assert run("raw.png", "--detail", "off", "--ground", "keep").tobytes() == raw.tobytes()
    assert run("clear.webp", "--ground", "clear").mode == "RGBA"
    assert run("smooth.png", "--strokes", "0").tobytes() != run("hand.png", "--strokes", "1").tobytes()


def test_every_face_the_whole_picture_and_a_box(tmp_path, capsys):
    sheet = Image.new("RGB", (1040, 600), "gray")
    for name, place in (("grace_hopper", (0, 0)), ("eileen_collins", (520, 80))):
        sheet.paste(Image.open(HOPPER.with_name(f"{name}.jpg")), place)
    sheet.save(tmp_path / "two.png")
    command = [str(tmp_path / "two.png"), "--model", "autoencoder", "--json", "--out"]

    def run(name: str, *more: str) -> list[dict]:
        assert main([*command, str(tmp_path / name), *more]) == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    every = run("every.png", "--faces", "all")
    assert [Path(line["out"]).name for line in every] == ["every.png", "every-face2.png"] and every[0]["faces"] == 2
    assert run("one.png")[0]["faces"] == 2 and not (tmp_path / "one-face2.png").exists()
    run("box.png", "--box", "690,140,110,120")
    assert (tmp_path / "box.png").read_bytes() == (tmp_path / "every-face2.png").read_bytes()
    for frame in ("paper", "photo"):
        run(f"{frame}.png", "--frame", frame)
        assert Image.open(tmp_path / f"{frame}.png").size == sheet.size
    with pytest.raises(SystemExit):
        main([*command, "never.png", "--box", "1,2,3"])
    assert "A box is" in capsys.readouterr().err


def test_a_small_face_is_warned_of_on_stderr(tmp_path, capsys):
    Image.open(HOPPER).resize((150, 176)).save(tmp_path / "small.png")
    assert main([str(tmp_path / "small.png"), "--out", str(tmp_path / "s.png"), "--model", "autoencoder"]) == 0
    assert "pixels wide" in capsys.readouterr().err


def test_a_sketch_to_a_photo(tmp_path):
    draw_face(0)[1].save(tmp_path / "sketch.png")
    assert (
        main([str(tmp_path / "sketch.png"), "--out", str(tmp_path / "p.png"), "--to", "photo", "--align", "never"]) == 0
    )
    assert Image.open(tmp_path / "p.png").size == (200, 250)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "required"),
        (["a.jpg"], "--out"),
        (["a.jpg", "--out", "b.png", "--to", "painting"], "invalid choice"),
        (["a.jpg", "b.jpg", "--out", "both.png"], "Several pictures need a folder"),
        (["a.jpg", "--out", "b.xyz"], "b.xyz: pictures are written as .png, .jpg"),
        (["a.jpg", "b.jpg", "--out", "-"], "one stream"),
        (["a.jpg", "--out", "-", "--faces", "all"], "takes one picture"),
        (["a.jpg", "--out", "b.png", "--device", "tpu"], "A device is auto, cpu, cuda"),
        (["a.jpg", "--out", "b.png", "--model", "no"], "There is no model no"),
        (["a.jpg", "--out", "b.png", "--model", "no/folder/here"], "There is no folder no/folder/here"),
        (["a.jpg", "b.jpg", "--out", str(HOPPER)], "is a file"),
        (["a.jpg", "--out", "b.png", "--to", "photo", "--model", "autoencoder"], "makes no photos"),
        (["a.jpg", "--out", "b.png", "--align", "never", "--box", "1,2,3,4"], "say nothing"),
        (["a.jpg", "--out", "b.png", "--align", "never", "--frame", "photo"], "say nothing"),
        (["a.jpg", "--out", "b.png", "--strokes", "2"], "from 0 to 1"),
        (["a.jpg", "--out", "b.jpg", "--ground", "clear"], "b.jpg: what is clear is kept in PNG, WebP and TIFF alone"),
        (["a.jpg", "--out", "b.png", "--size", "300"], "invalid choice: 300"),
        (["a.jpg", "--out", "b.png", "--size", "small"], "invalid choice: 'small'"),
        (["a.jpg", "--out", "b.png", "--strokes", "50%"], "a number from 0 to 1, such as 0.5, not 50%"),
        (["a.jpg", "--out", "b.png", "--batch", "many"], "a number from 1 to 64, not many"),
        (["", "--out", "b.png"], "A name is empty."),
        (["a.jpg", "--out", ""], "A name is empty."),
        (["https://example.com/a.jpg", "--out", "b.png"], "https://example.com/a.jpg is an address"),
        (["a.jpg", "--out", f"{'b' * 300}.png"], "File name too long."),
        (["a.jpg", "--out", "b.png", "--to", "photo", "--model", "pix2pix", "--style", "line"], "a photo has none"),
        (["a.jpg", "--out", "b.png", "--model", "matte"], "matte makes no sketches."),
    ],
    ids=[
        "nothing",
        "no out",
        "no such medium",
        "several to one file",
        "a suffix that is not written",
        "several to one stream",
        "several faces to one stream",
        "no such device",
        "no such model",
        "no such folder",
        "out is a file",
        "one way only",
        "a box in the whole picture",
        "a frame in the whole picture",
        "too many strokes",
        "clear JPEG",
        "no such size",
        "no size",
        "a share in words",
        "no count",
        "an empty name in",
        "an empty name out",
        "an address",
        "a long name",
        "a style of a photo",
        "what only sees",
    ],
)
def test_wrong_usage_exits_with_2(arguments, said, capsys):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2 and said in capsys.readouterr().err


def test_a_missing_file_is_a_sentence():
    command = [sys.executable, "-m", "facesketch", "no.jpg", "--out", "never.png"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr == "facesketch: no.jpg: There is no file no.jpg.\n"
