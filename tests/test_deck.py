"""docs/deck.md can be followed from start to end, in both languages: commands run, and linked files have the code."""

import io
import re
import shlex
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from conftest import draw_face
from typer.testing import CliRunner

from benchmarks import leak
from facesketch.__main__ import main as draw
from train.__main__ import app

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "docs" / name for name in ("deck.md", "deck.vi.md")]
SHORT = ["--steps", "1", "--batch-size", "1", "--width", "4", "--device", "cpu"]  # options for a short training


def blocks(page: Path, language: str) -> list[str]:
    """The page's blocks of code in a language, as a reader would copy them."""
    found = re.findall(rf"^ *```{language}\n(.*?)^ *```$", page.read_text(), re.DOTALL | re.MULTILINE)
    return ["\n".join(line.removeprefix("   ") for line in block.splitlines()) for block in found]


def commands(page: Path) -> list[list[str]]:
    return [shlex.split(line) for block in blocks(page, "bash") for line in block.splitlines() if line.strip()]


def values(page: Path) -> list[str]:
    """The numbers that the page's Python says it prints."""
    return re.findall(r"print\(.*\)  # ([\d.]+)", blocks(page, "python")[0])


def test_both_languages_have_the_same_commands_links_and_equations():
    english, vietnamese = PAGES
    assert commands(english) == commands(vietnamese) and values(english) == values(vietnamese)
    links = [re.findall(r"\]\(([^)]+)\)", page.read_text()) for page in PAGES]
    assert links[0][1:] == links[1][1:] and {links[0][0], links[1][0]} == {"deck.md", "deck.vi.md"}
    for page in PAGES:
        headings = re.findall(r"^## (\d)\. ", page.read_text(), re.MULTILINE)
        assert headings == list("01234567")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_linked_files_exist_and_have_the_code_that_the_link_shows(page):
    text = page.read_text()
    for target in re.findall(r"\]\(([^)#]+)", text):
        assert (page.parent / target).is_file(), target
    links = re.findall(r"\[`([^`]+)`\]\((\.\./[^)#]+\.py)\)", text)
    assert len(links) > 10
    for code, target in links:
        assert code in (page.parent / target).read_text(), f"{target} has no {code}"


def test_the_formulas_give_the_values_on_the_page():
    output = io.StringIO()
    with redirect_stdout(output):
        exec(blocks(PAGES[0], "python")[0], {})
    assert output.getvalue().split() == values(PAGES[0]) and len(values(PAGES[0])) == 4


@pytest.mark.slow
def test_every_command_runs(tmp_path, monkeypatch, capsys):
    """In a short form: one drawn pair in its eight orientations, one step, few channels."""
    for side, picture in zip(("photos", "sketches"), draw_face(0), strict=True):
        (tmp_path / "DIR" / side).mkdir(parents=True)
        picture.save(tmp_path / "DIR" / side / "0.png")
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    to_run = [command for command in commands(PAGES[0]) if command[0] != "pip"]
    assert {command[3] for command in to_run if command[2] == "train"} == {"check", "fit", "evaluate", "report"}
    for command in to_run:
        assert command[:2] == ["python", "-m"]
        if command[2] == "facesketch":
            assert draw(command[3:]) == 0
        elif command[2] == "benchmarks.leak":
            monkeypatch.setattr(sys, "argv", command[2:])
            leak.main()
        else:
            done = CliRunner().invoke(app, command[3:] + SHORT * (command[3] == "fit"))
            assert done.exit_code == 0, (command, done.output, done.exception)
    assert "| mean of all eight orientations | 2 |" in capsys.readouterr().out
    text = (tmp_path / "my-results" / "README.md").read_text()
    assert "| the photo itself, gray |" in text and "`cyclegan-deck-narrow`, epoch" in text
    assert (tmp_path / "hopper.png").is_file()
