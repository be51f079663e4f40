"""A folder of photos in the command line's hands: nothing is lost, nothing is silent, and no file ends the rest."""

import json
import os
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from conftest import draw_face
from hub_models import tiny
from PIL import Image

from facesketch.__main__ import main
from facesketch.command.results import made_here
from facesketch.models import Autoencoder

RAW = ("--detail", "off", "--ground", "keep")  # the quickest


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> str:
    return str(tiny(tmp_path_factory.mktemp("model")))


@pytest.fixture
def run(model, tmp_path, monkeypatch, capsys):
    """run(arguments) in tmp_path -> exit status, lines on stdout, lines on stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> tuple[int, list[str], list[str]]:
        capsys.readouterr()
        status = main([*map(str, arguments), "--model", model, "--align", "never", *RAW])
        said = capsys.readouterr()
        return status, said.out.splitlines(), said.err.splitlines()

    return run


def photo(path: Path | str, number: int = 0, **how) -> bytes:
    """A drawn face in a file; returns its bytes."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    draw_face(number)[0].save(path, **how)
    return path.read_bytes()


@pytest.mark.parametrize("given", ["me.png", "./me.png", "link.png", "hard.png"])
def test_a_picture_is_never_drawn_over_itself(run, given):
    before = photo("me.png")
    Path("link.png").symlink_to("me.png")
    os.link("me.png", "hard.png")
    status, _, errors = run(given, "--out", "me.png")
    assert status == 1 and len(errors) == 1 and "one of the pictures given" in errors[0]
    assert Path("me.png").read_bytes() == before
    assert run("me.png", "--out", ".")[0] == 1 and Path("me.png").read_bytes() == before
    assert run("me.png", "--out", "me.png", "--force") == (0, ["me.png -> me.png"], []) and made_here(Path("me.png"))


def test_another_picture_given_is_left_even_by_force(run):
    photo("a.jpg")
    before = photo("a.png", 1)
    status, lines, errors = run("a.jpg", "a.png", "--out", ".", "--force")
    assert status == 1 and "a.png is one of the pictures given" in errors[0] and lines == ["a.png -> a-2.png"]
    assert Path("a.png").read_bytes() == before


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif", ".avif", ".gif", ".bmp"])
def test_what_facesketch_made_it_makes_again_and_nothing_else(run, suffix):
    photo("me.png")
    target = Path(f"out{suffix}")
    assert run("me.png", "--out", target)[0] == 0 and made_here(target)
    assert run("me.png", "--out", target)[0] == 0
    before = photo(target, 2)
    status, _, errors = run("me.png", "--out", target)
    assert status == 1 and "was not made by facesketch" in errors[0] and target.read_bytes() == before
    assert run("me.png", "--out", target, "--force")[0] == 0 and target.read_bytes() != before
    target.write_bytes(b"")  # as mktemp leaves it: there is nothing to lose
    assert run("me.png", "--out", target)[0] == 0


def test_a_link_stays_and_a_read_only_file_too(run):
    photo("me.png")
    Path("there").mkdir()
    Path("link.png").symlink_to("there/real.png")
    assert run("me.png", "--out", "link.png")[0] == 0
    assert Path("link.png").is_symlink() and made_here(Path("there/real.png"))
    Path("there/real.png").chmod(0o444)
    before = Path("there/real.png").read_bytes()
    status, _, errors = run("me.png", "--out", "link.png", "--force")
    assert status == 1 and "read-only" in errors[0] and Path("there/real.png").read_bytes() == before


def test_a_pipe_is_written_into(run):
    photo("me.png")
    os.mkfifo("pipe")
    with subprocess.Popen(["cat", "pipe"], stdout=subprocess.PIPE) as reader:
        assert run("me.png", "--out", "pipe")[0] == 0
        assert reader.stdout.read(8) == b"\x89PNG\r\n\x1a\n"
    assert Path("pipe").is_fifo()


def test_two_results_never_have_one_name(run):
    composed, apart = (unicodedata.normalize(form, "café") for form in ("NFC", "NFD"))
    names = ["a.jpg", "a.jpeg", "A.jpg", "a-2.jpg", f"{composed}.jpg", f"{apart}.jpg"]
    for number, name in enumerate(names):
        photo(f"in/{name}", number)
    status, lines, _ = run("in", "--out", "out", "--json")
    targets = [json.loads(line)["out"] for line in lines]
    assert status == 0 and len(targets) == len(names) == len(list(Path("out").iterdir()))
    assert len({unicodedata.normalize("NFC", target).casefold() for target in targets}) == len(names)


def test_second_faces_take_no_name_of_another(tmp_path, monkeypatch, capsys, model):
    monkeypatch.chdir(tmp_path)
    root = Path(__file__).parents[1] / "examples"
    sheet = Image.new("RGB", (1040, 600), "gray")
    sheet.paste(Image.open(root / "grace_hopper.jpg"), (0, 0))
    sheet.paste(Image.open(root / "eileen_collins.jpg"), (520, 80))
    Path("in").mkdir()
    sheet.save("in/two.png")
    shutil.copy(root / "grace_hopper.jpg", "in/two-face2.jpg")
    assert main(["in", "--out", "out", "--faces", "all", "--model", model, "--size", "256"]) == 0
    assert {path.name for path in Path("out").iterdir()} == {"two.png", "two-face2.png", "two-face2-2.png"}


def test_whatever_one_file_raises_the_rest_is_done(run, monkeypatch):
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
    from facesketch.command import drawing as command

    def bad(source, real=command.read_image):
        if "1.png" in str(source):
            raise MemoryError
        return real(source)

    monkeypatch.setattr(command, "read_image", bad)
    status, lines, errors = run("in", "--out", "again")
    assert status == 1 and len(lines) == 4 and "MemoryError" in errors[0]


def test_a_strip_in_which_faces_are_sought(tmp_path, model, capsys):
    for size in ((16, 4000), (4000, 16)):
        Image.new("RGB", size, "gray").save(tmp_path / f"{size[0]}.png")
    assert main([str(tmp_path), "--out", str(tmp_path / "out"), "--model", model]) == 1
    errors = capsys.readouterr().err.splitlines()
    assert len(errors) == 2 and all("No face was found" in line for line in errors)


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_console_that_lacks_a_names_letters(model, tmp_path, encoding):
    photo(tmp_path / "in" / "женя-→.png")
    command = [sys.executable, "-m", "facesketch", "in", "--out", "out", "--align", "never", "--model", model]
    env = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True)
    assert done.returncode == 0 and b"\\u" in done.stdout and not done.stderr, done.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["женя-→.png"]


@pytest.mark.parametrize("count", [2, 8])
def test_several_at_once_give_the_same_pixels_in_the_same_order(run, count, monkeypatch):
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


def test_a_batch_that_fails_names_each_of_its_pictures(run, monkeypatch):
    def full(self: object, x: object) -> None:
        raise RuntimeError("out of memory")

    for number in range(3):
        photo(f"in/{number}.png", number)
    monkeypatch.setattr(Autoencoder, "forward", full)
    status, lines, errors = run("in", "--out", "out", "--batch", 3)
    assert status == 1 and not lines and len(errors) == 3 and all("out of memory" in line for line in errors)
