"""What a folder holds and is not drawn is told; streams, Ctrl-C, and pictures of every suffix that can be read."""

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import draw_face
from hub_models import tiny
from PIL import Image
from test_folders import photo, run  # noqa: F401

from facesketch.__main__ import told
from facesketch.files import below

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> str:
    return str(tiny(tmp_path_factory.mktemp("model")))


def test_folders_without_pictures_and_with_some_further_in(run):  # noqa: F811
    for folder in ("empty", "texts", "tree/a", "tree/b/c"):
        Path(folder).mkdir(parents=True)
    Path("texts/notes.txt").write_text("none")
    photo("tree/a/one.png")
    photo("tree/b/c/one.jpg", 1)
    for folder, said in (("empty", "no pictures"), ("texts", "no pictures"), ("tree", "--recursive")):
        status, lines, errors = run(folder, "--out", "out/")
        assert status == 1 and not lines and len(errors) == 1 and said in errors[0]
    assert run("tree", "--out", "tree/sketches", "--recursive")[0] == 0
    drawn = {path.relative_to("tree/sketches").as_posix() for path in below(Path("tree/sketches"))}
    assert drawn == {"a/one.png", "b/c/one.png"}
    status, lines, _ = run("tree", "--out", "tree/sketches", "--recursive", "--json")
    assert status == 0 and len(lines) == 2  # its own results are no pictures to draw


def test_a_folder_that_is_drawn_into_itself_is_drawn_again_the_same(run):  # noqa: F811
    photo("in/a.jpg")
    before = photo("in/b.png", 1)
    for _ in range(2):
        status, lines, errors = run("in", "--out", "in")
        assert status == 1 and len(lines) == 1 and len(errors) == 1 and "b.png is one of the pictures" in errors[0]
        assert {path.name for path in Path("in").iterdir()} == {"a.jpg", "a.png", "b.png"}
    assert Path("in/b.png").read_bytes() == before


def test_every_suffix_that_can_be_read_is_taken_and_others_are_told(run):  # noqa: F811
    taken = ["jpg", "JPEG", "jfif", "jpe", "png", "apng", "webp", "avif", "gif", "bmp", "tif", "tiff", "ppm", "pgm"]
    forms = {"jfif": "JPEG", "jpe": "JPEG", "apng": "PNG", "pgm": "PPM", "tif": "TIFF"}
    for number, suffix in enumerate(taken):
        photo(f"in/{number}.{suffix}", number, format=forms.get(suffix))
    draw_face(0)[0].save("in/shots.mpo", format="MPO", save_all=True, append_images=[draw_face(1)[0]])
    for name in ("a.cr2", "b.psd", "c.svg", "d.svg", "notes.txt", ".hidden.png", "._mac.jpg"):
        Path("in", name).write_bytes(b"something")
    status, lines, errors = run("in", "--out", "out")
    assert status == 0 and len(lines) == len(taken) + 1
    assert errors == ["facesketch: in: passed over, as they cannot be read: 1 .cr2, 1 .psd, 2 .svg."]


def test_heic_is_read_where_pillow_heif_is_and_told_of_where_not(run, monkeypatch):  # noqa: F811
    heif = pytest.importorskip("pillow_heif")
    Path("in").mkdir()
    heif.from_pillow(draw_face(0)[0]).save("in/phone.HEIC")
    assert run("in", "--out", "out")[:2] == (0, ["in/phone.HEIC -> out/phone.png"])
    monkeypatch.setattr("facesketch.formats.find_spec", lambda name: None)
    status, _, errors = run("in", "--out", "out")
    assert status == 1 and len(errors) == 1 and "pip install pillow-heif" in errors[0]


def test_a_folder_that_cannot_be_listed_is_named_and_the_rest_is_done(run, monkeypatch):  # noqa: F811
    photo("in/a.png")
    Path("in/closed").mkdir()
    real = os.listdir

    def listdir(path):
        if "closed" in str(path):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "listdir", listdir)
    status, lines, errors = run("in", "--out", "out", "--recursive")
    assert status == 1 and lines == ["in/a.png -> out/a.png"] and len(errors) == 1
    assert "in/closed: The folder cannot be listed (Permission denied)" in errors[0]


def test_links_that_lead_in_a_circle_end(tmp_path):
    photo(tmp_path / "in" / "a" / "one.png")
    (tmp_path / "in" / "a" / "round").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "again").symlink_to(tmp_path / "in" / "a")
    assert [path.relative_to(tmp_path).as_posix() for path in below(tmp_path / "in")] == [
        "in/a/one.png",
        "in/again/one.png",
    ]


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "facesketch", *map(str, arguments), "--align", "never"]


@pytest.mark.parametrize("target", ["-", "/dev/stdout"])
def test_standard_input_to_standard_output(model, tmp_path, target):
    given = photo(tmp_path / "a.png")
    done = subprocess.run(command("-", "--out", target, "--model", model), cwd=ROOT, input=given, capture_output=True)
    assert done.returncode == 0 and Image.open(io.BytesIO(done.stdout)).size == (200, 250)
    assert done.stderr.decode().splitlines() == ["- -> -"]


def test_standard_input_into_a_folder_that_is_not_there_yet(run, monkeypatch):  # noqa: F811
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(photo("a.png"))))
    status, lines, _ = run("-", "--out", "new/", "--json")
    assert status == 0 and json.loads(lines[0])["out"] == str(Path("new/stdin.png"))
    assert run("a.png", "--out", "newer/")[1] == ["a.png -> newer/a.png"]


def test_ctrl_c_ends_in_one_line_with_nothing_half_there(model, tmp_path):
    for number in range(200):
        photo(tmp_path / "in" / f"{number}.png", number)
    arguments = command("in", "--out", "out", "--model", model)
    with subprocess.Popen(
        arguments, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # which who runs the tests may ignore
    ) as process:  # fmt: skip
        assert process.stdout.readline().endswith("0.png\n")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
    assert process.returncode == 130 and errors == "facesketch: Stopped; what is drawn so far is whole.\n"
    drawn = list((tmp_path / "out").iterdir())
    assert drawn and all(Image.open(path).size == (200, 250) for path in drawn)


def test_a_reader_that_goes_away_is_no_traceback(model, tmp_path):
    for number in range(3):
        photo(tmp_path / "in" / f"{number}.png", number)
    arguments = command(tmp_path / "in", "--out", tmp_path / "out", "--model", model)
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        errors = process.stderr.read()
    assert process.returncode == 1 and errors == ""


def test_a_bar_on_a_terminal_and_none_elsewhere(run, monkeypatch, capsys):  # noqa: F811
    for number in range(2):
        photo(f"in/{number}.png", number)
    assert run("in", "--out", "out")[2] == []
    monkeypatch.setattr(type(sys.stderr), "isatty", lambda self: True)
    assert "/2 [" in "".join(run("in", "--out", "out")[2])


def test_whatever_is_raised_is_one_sentence():
    assert told(MemoryError()) == "It cannot be drawn (MemoryError)."
    assert told(RuntimeError("one\ntwo")) == "It cannot be drawn (RuntimeError: one)."
    assert told(PermissionError(13, "Permission denied", "a.png")) == "a.png: Permission denied."
