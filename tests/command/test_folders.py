"""The command line on folders and streams: no file is lost, what is skipped is reported, no failure stops the rest."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from conftest import draw_face
from hub_models import tiny
from pictures import HOPPER, two_portraits
from PIL import Image

from facesketch.__main__ import main
from facesketch.command import drawing
from facesketch.files import walk_files
from facesketch.image.save import written_by_facesketch
from facesketch.models import Autoencoder

ROOT = Path(__file__).parents[2]
RAW = ("--finish", "none", "--background", "keep")  # the fastest


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> str:
    return str(tiny(tmp_path_factory.mktemp("model")))


@pytest.fixture
def run(model, tmp_path, monkeypatch, capsys):
    """run(arguments) in tmp_path returns the exit status and the lines on stdout and stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> tuple[int, list[str], list[str]]:
        capsys.readouterr()
        status = main([*map(str, arguments), "--model", model, "--align", "never", *RAW])
        output = capsys.readouterr()
        return status, output.out.splitlines(), output.err.splitlines()

    return run


def photo(path: Path | str, number: int = 0, **how) -> bytes:
    """A drawn face in a file; returns its bytes."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    draw_face(number)[0].save(path, **how)
    return path.read_bytes()


@pytest.mark.parametrize("given", ["me.png", "./me.png", "link.png", "hard.png"])
def test_picture_is_not_overwritten_by_its_drawing(run, given):
    before = photo("me.png")
    Path("link.png").symlink_to("me.png")
    os.link("me.png", "hard.png")
    status, _, errors = run(given, "--out", "me.png")
    assert status == 1 and len(errors) == 1 and "one of the inputs" in errors[0]
    assert Path("me.png").read_bytes() == before
    assert run("me.png", "--out", ".")[0] == 1 and Path("me.png").read_bytes() == before
    assert run("me.png", "--out", "me.png", "--force") == (0, ["me.png -> me.png"], []) and written_by_facesketch(
        Path("me.png")
    )


def test_another_input_is_not_overwritten_even_with_force(run):
    photo("a.jpg")
    before = photo("a.png", 1)
    status, lines, errors = run("a.jpg", "a.png", "--out", ".", "--force")
    assert status == 1 and "a.png is one of the inputs" in errors[0] and lines == ["a.png -> a-2.png"]
    assert Path("a.png").read_bytes() == before


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif", ".avif", ".gif", ".bmp"])
def test_only_files_written_by_facesketch_are_overwritten(run, suffix):
    photo("me.png")
    target = Path(f"out{suffix}")
    assert run("me.png", "--out", target)[0] == 0 and written_by_facesketch(target)
    assert run("me.png", "--out", target)[0] == 0
    before = photo(target, 2)
    status, _, errors = run("me.png", "--out", target)
    assert status == 1 and "was not written by facesketch" in errors[0] and target.read_bytes() == before
    assert run("me.png", "--out", target, "--force")[0] == 0 and target.read_bytes() != before
    target.write_bytes(b"")  # as mktemp makes it
    assert run("me.png", "--out", target)[0] == 0


def test_links_and_read_only_files_stay(run):
    photo("me.png")
    Path("there").mkdir()
    Path("link.png").symlink_to("there/real.png")
    assert run("me.png", "--out", "link.png")[0] == 0
    assert Path("link.png").is_symlink() and written_by_facesketch(Path("there/real.png"))
    Path("there/real.png").chmod(0o444)
    before = Path("there/real.png").read_bytes()
    status, _, errors = run("me.png", "--out", "link.png", "--force")
    assert status == 1 and "read-only" in errors[0] and Path("there/real.png").read_bytes() == before


def test_named_pipe_is_written_to(run):
    photo("me.png")
    os.mkfifo("pipe")
    with subprocess.Popen(["cat", "pipe"], stdout=subprocess.PIPE) as reader:
        assert run("me.png", "--out", "pipe")[0] == 0
        assert reader.stdout.read(8) == b"\x89PNG\r\n\x1a\n"
    assert Path("pipe").is_fifo()


def test_output_names_are_unique(run):
    composed, apart = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
    names = ["a.jpg", "a.jpeg", "A.jpg", "a-2.jpg", f"{composed}.jpg", f"{apart}.jpg"]
    for number, name in enumerate(names):
        photo(f"in/{name}", number)
    status, lines, _ = run("in", "--out", "out", "--json")
    targets = [json.loads(line)["out"] for line in lines]
    assert status == 0 and len(targets) == len(names) == len(list(Path("out").iterdir()))
    assert len({unicodedata.normalize("NFC", target).casefold() for target in targets}) == len(names)


def test_names_of_second_faces_are_unique(tmp_path, monkeypatch, capsys, model):
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    two_portraits().save("in/two.png")
    shutil.copy(HOPPER, "in/two-face2.jpg")
    assert main(["in", "--out", "out", "--faces", "all", "--model", model, "--size", "256"]) == 0
    assert {path.name for path in Path("out").iterdir()} == {"two.png", "two-face2.png", "two-face2-2.png"}


def test_no_error_of_one_file_stops_the_rest(run, monkeypatch):
    for number in range(3):
        photo(f"in/{number}.png", number)
    Image.new("RGB", (16, 4000), "gray").save("in/strip.png")
    Path("in/broken.jpg").write_bytes(b"\xff\xd8\xff")
    Path("in/nowhere.png").symlink_to("nothing")
    Path("in/folder.png").mkdir()
    photo(b"in/odd\xff.png".decode("utf-8", "surrogateescape"))
    status, lines, errors = run("in", "no-such-file.png", "--out", "out")
    assert status == 1 and len(lines) == 5 and len(errors) == 3
    assert [name for name in ("broken.jpg", "nowhere.png", "no-such-file") if any(name in e for e in errors)]

    def bad(source, real=drawing.read_image):
        if "1.png" in str(source):
            raise MemoryError
        return real(source)

    monkeypatch.setattr(drawing, "read_image", bad)
    status, lines, errors = run("in", "--out", "again")
    assert status == 1 and len(lines) == 4 and "MemoryError" in errors[0]


def test_strips_without_faces(tmp_path, model, capsys):
    for size in ((16, 4000), (4000, 16)):
        Image.new("RGB", size, "gray").save(tmp_path / f"{size[0]}.png")
    assert main([str(tmp_path), "--out", str(tmp_path / "out"), "--model", model]) == 1
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 2 and all("No face was found" in line for line in errors)


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_console_whose_encoding_lacks_a_files_letters(model, tmp_path, encoding):
    photo(tmp_path / "in" / "женя-→.png")
    command = [sys.executable, "-m", "facesketch", "in", "--out", "out", "--align", "never", "--model", model]
    env = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True)
    assert done.returncode == 0 and b"\\u" in done.stdout and not done.stderr, done.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["женя-→.png"]


@pytest.mark.parametrize("count", [2, 8])
def test_batches_give_the_same_pixels_in_the_same_order(run, count, monkeypatch):
    for number in range(5):
        photo(f"in/{number}.png", number)
    Path("in/2.png").write_bytes(b"broken")
    sizes = []
    real = Autoencoder.forward
    monkeypatch.setattr(Autoencoder, "forward", lambda self, x: (sizes.append(len(x)), real(self, x))[1])
    assert run("in", "--out", "alone")[0] == 1 and sizes == [1, 1, 1, 1]
    sizes.clear()
    status, lines, errors = run("in", "--out", "together", "--batch", count)
    assert status == 1 and [line[:4] for line in lines] == ["in/0", "in/1", "in/3", "in/4"] and "2.png" in errors[0]
    assert sum(sizes) == 4 and max(sizes) > 1
    for number in (0, 1, 3, 4):
        assert Path(f"alone/{number}.png").read_bytes() == Path(f"together/{number}.png").read_bytes()


def test_batch_that_fails_names_each_of_its_pictures(run, monkeypatch):
    def full(self: object, x: object) -> None:
        raise RuntimeError("out of memory")

    for number in range(3):
        photo(f"in/{number}.png", number)
    monkeypatch.setattr(Autoencoder, "forward", full)
    status, lines, errors = run("in", "--out", "out", "--batch", 3)
    assert status == 1 and not lines and len(errors) == 3 and all("out of memory" in line for line in errors)


def test_folders_without_pictures_and_with_some_in_subfolders(run):
    for folder in ("empty", "texts", "tree/a", "tree/b/c"):
        Path(folder).mkdir(parents=True)
    Path("texts/notes.txt").write_text("none")
    photo("tree/a/one.png")
    photo("tree/b/c/one.jpg", 1)
    for folder, text in (("empty", "no pictures"), ("texts", "no pictures"), ("tree", "--recursive")):
        status, lines, errors = run(folder, "--out", "out/")
        assert status == 1 and not lines and len(errors) == 1 and text in errors[0]
    assert run("tree", "--out", "tree/sketches", "--recursive")[0] == 0
    drawn = {path.relative_to("tree/sketches").as_posix() for path in walk_files(Path("tree/sketches"))}
    assert drawn == {"a/one.png", "b/c/one.png"}
    status, lines, _ = run("tree", "--out", "tree/sketches", "--recursive", "--json")
    assert status == 0 and len(lines) == 2  # its own output is not drawn


def test_folder_as_its_own_output_is_drawn_again_alike(run):
    photo("in/a.jpg")
    before = photo("in/b.png", 1)
    for _ in range(2):
        status, lines, errors = run("in", "--out", "in")
        assert status == 1 and len(lines) == 1 and len(errors) == 1 and "b.png is one of the inputs" in errors[0]
        assert {path.name for path in Path("in").iterdir()} == {"a.jpg", "a.png", "b.png"}
    assert Path("in/b.png").read_bytes() == before


def test_all_readable_suffixes_are_drawn_and_others_reported(run):
    readable = ["jpg", "JPEG", "jfif", "jpe", "png", "apng", "webp", "avif", "gif", "bmp", "tif", "tiff", "ppm", "pgm"]
    formats = {"jfif": "JPEG", "jpe": "JPEG", "apng": "PNG", "pgm": "PPM", "tif": "TIFF"}
    for number, suffix in enumerate(readable):
        photo(f"in/{number}.{suffix}", number, format=formats.get(suffix))
    draw_face(0)[0].save("in/shots.mpo", format="MPO", save_all=True, append_images=[draw_face(1)[0]])
    for name in ("a.cr2", "b.psd", "c.svg", "d.svg", "notes.txt", ".hidden.png", "._mac.jpg"):
        Path("in", name).write_bytes(b"something")
    status, lines, errors = run("in", "--out", "out")
    assert status == 0 and len(lines) == len(readable) + 1
    assert errors == ["facesketch: in: skipped files of formats that cannot be read: 1 .cr2, 1 .psd, 2 .svg."]


def test_heic_is_read_with_pillow_heif_and_reported_without(run, monkeypatch):
    heif = pytest.importorskip("pillow_heif")
    Path("in").mkdir()
    heif.from_pillow(draw_face(0)[0]).save("in/phone.HEIC")
    assert run("in", "--out", "out")[:2] == (0, ["in/phone.HEIC -> out/phone.png"])
    monkeypatch.setattr("facesketch.image.formats.find_spec", lambda name: None)
    status, _, errors = run("in", "--out", "out")
    assert status == 1 and len(errors) == 1 and "pip install pillow-heif" in errors[0]


def test_folder_that_cannot_be_listed_is_named_and_the_rest_done(run, monkeypatch):
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


def test_circular_links(tmp_path):
    photo(tmp_path / "in" / "a" / "one.png")
    (tmp_path / "in" / "a" / "round").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "again").symlink_to(tmp_path / "in" / "a")
    assert [path.relative_to(tmp_path).as_posix() for path in walk_files(tmp_path / "in")] == [
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


def test_standard_input_into_a_new_folder(run, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(photo("a.png"))))
    status, lines, _ = run("-", "--out", "new/", "--json")
    assert status == 0 and json.loads(lines[0])["out"] == str(Path("new/stdin.png"))
    assert run("a.png", "--out", "newer/")[1] == ["a.png -> newer/a.png"]


def test_ctrl_c_prints_one_line_and_leaves_complete_files(model, tmp_path):
    for number in range(200):
        photo(tmp_path / "in" / f"{number}.png", number)
    arguments = command("in", "--out", "out", "--model", model)
    with subprocess.Popen(
        arguments, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # which may be ignored where the tests run
    ) as process:  # fmt: skip
        assert process.stdout.readline().endswith("0.png\n")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
    assert process.returncode == 130 and errors == "facesketch: Stopped. The drawings written so far are complete.\n"
    drawn = list((tmp_path / "out").iterdir())
    assert drawn and all(Image.open(path).size == (200, 250) for path in drawn)


def test_closed_standard_output_prints_no_traceback(model, tmp_path):
    for number in range(3):
        photo(tmp_path / "in" / f"{number}.png", number)
    arguments = command(tmp_path / "in", "--out", tmp_path / "out", "--model", model)
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        process.stdout.close()
        errors = process.stderr.read()
    assert process.returncode == 1 and errors == ""


def test_progress_bar_on_a_terminal_only(run, monkeypatch, capsys):
    for number in range(2):
        photo(f"in/{number}.png", number)
    assert run("in", "--out", "out")[2] == []
    monkeypatch.setattr(type(sys.stderr), "isatty", lambda self: True)
    assert "/2 [" in "".join(run("in", "--out", "out")[2])


def test_patterns_that_the_shell_leaves_are_expanded(run, tmp_path):
    """As cmd.exe leaves them."""
    for name in ("a.png", "b.png", "c[1].png", "note.txt"):
        draw_face(0)[0].save(tmp_path / name, "PNG")
    status, printed, _ = run("*.png", "--out", "all/")
    assert status == 0 and len(printed) == 3
    assert {path.name for path in (tmp_path / "all").iterdir()} == {"a.png", "b.png", "c[1].png"}
    assert run("c[1].png", "--out", "one.png")[0] == run("?.png", "--out", "two/")[0] == 0
    status, _, errors = run("*.jpeg", "--out", "none.png")
    assert status == 1 and errors == ["facesketch: There is no file *.jpeg."]
