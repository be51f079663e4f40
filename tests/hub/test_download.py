"""Models from the Hub: fetched, pinned to a commit, refused when damaged, and done without when the Hub fails."""

import logging
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import draw_face
from hub_models import NAME, put, tiny
from hub_repos import Repo

import facesketch
from facesketch import Translator, WeightsError
from facesketch.__main__ import main
from facesketch.look import RAW

ROOT = Path(__file__).parents[2]
DIES = {  # what happens between the Hub and us, and what is said of it
    "answers 500": ([("GET", "/api/", "500")], "cannot be reached or fails to answer"),
    "answers 500 to the file": ([("GET", "/resolve/", "500")], "cannot be reached or fails to answer"),
    "hangs up": ([("GET", "/api/", "hang up")], "cannot be reached or fails to answer"),
    "hangs up between metadata and file": ([("GET", "safetensors", "hang up")], "did not come within 3 s"),
    "stalls": ([("GET", "/api/", "stall")], "did not come within 3 s"),
    "stalls between metadata and file": ([("GET", "safetensors", "stall")], "did not come within 3 s"),
    "sends half of the file": ([("GET", "safetensors", "half")], "did not come within 3 s"),
    "sends damaged bytes": ([("GET", "safetensors", "damage")], "is damaged"),
}


def pixels(model: Translator) -> bytes:
    """Raw, since in which precision else is drawn each process finds out by its own warm-up."""
    return model.translate(draw_face(0)[0], align="never", **RAW).tobytes()


def test_load_by_name_branch_tag_and_commit(hub, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    old = put(hub, tiny(tmp_path / "old"), **{"pytorch_model.bin": b"a pickle"})
    hub.repos[NAME].tags["v1"] = old
    first, second = pixels(facesketch.load(NAME)), tiny(tmp_path / "new", seed=1)
    assert first == pixels(Translator.from_pretrained(tmp_path / "old"))
    assert f"{NAME} is at commit {old}." in caplog.messages
    new = put(hub, second)
    assert pixels(facesketch.load(NAME)) == pixels(Translator.from_pretrained(second)) != first
    for revision in ("v1", old):
        model = facesketch.load(f"{NAME}@{revision}")
        assert pixels(model) == first and model.folder.name == old
    assert pixels(Translator.from_pretrained(NAME, revision="main")) != first
    assert pixels(Translator.from_pretrained(NAME, revision=new)) != first
    assert not any("pytorch_model" in request for request in hub.requests)


def test_what_was_fetched_once_needs_no_hub(hub, tmp_path, monkeypatch):
    commit = put(hub, tiny(tmp_path / "mine"))
    first = pixels(facesketch.load(NAME))
    for fault in ("500", "hang up"):
        hub.faults = [("GET", "", fault), ("HEAD", "", fault)]
        if fault == "500":
            assert pixels(facesketch.load(NAME)) == first
        assert pixels(facesketch.load(f"{NAME}@{commit}")) == first
    hub.faults = [("GET", "", "stall"), ("HEAD", "", "stall")]
    monkeypatch.setenv("FACESKETCH_HUB_DEADLINE", "3")
    assert pixels(facesketch.load(NAME)) == first
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert pixels(facesketch.load(NAME)) == first


@pytest.mark.parametrize("what", DIES)
def test_a_failing_hub_is_one_sentence_within_the_deadline(what, hub, tmp_path, monkeypatch):
    faults, said = DIES[what]
    monkeypatch.setenv("FACESKETCH_HUB_DEADLINE", "3" if "3 s" in said else "120")
    commit = put(hub, tiny(tmp_path / "mine"))
    hub.faults = faults
    with pytest.raises(WeightsError) as error:
        facesketch.load(NAME)
    assert said in str(error.value) and str(error.value).startswith(NAME) and len(str(error.value).splitlines()) == 1
    hub.faults = []
    monkeypatch.setenv("FACESKETCH_HUB_DEADLINE", "120")
    assert facesketch.load(NAME).folder.name == commit  # nothing of it stays behind


def test_nobody_there(hub, tmp_path, monkeypatch):
    with socket.socket() as taken:  # bound and not listening: refused
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(WeightsError, match="cannot be reached"):
            facesketch.load(NAME)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("user/nothing", "there is no such repo"),
        (f"{NAME}@v9", "no such revision"),
        ("user/a b", "neither a folder nor the name of a Hub repo"),
        ("user/private", "no such repo, or it is private"),
        ("user/bert", "config.json is missing"),
    ],
)
def test_what_is_not_there_is_one_sentence(name, said, hub, tmp_path, monkeypatch):
    put(hub, tiny(tmp_path / "mine"))
    hub.repos["user/private"] = Repo(private=True)
    hub.repos["user/bert"] = Repo()
    hub.repos["user/bert"].commit("main", {"README.md": b"another library's"})
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(WeightsError, match=said) as error:
        facesketch.load(name)
    assert len(str(error.value).splitlines()) == 1


def test_deadline_that_is_no_number(hub, monkeypatch):
    monkeypatch.setenv("FACESKETCH_HUB_DEADLINE", "soon")
    with pytest.raises(WeightsError, match="number of seconds"):
        facesketch.load(NAME)


def test_the_command_line_takes_a_repo_and_says_its_commit(hub, tmp_path, capsys):
    commit = put(hub, tiny(tmp_path / "mine"))
    draw_face(0)[0].save(tmp_path / "face.png")
    files = [str(tmp_path / "face.png"), "--out", str(tmp_path / "s.png")]
    command = [*files, "--align", "never", "--detail", "off", "--ground", "keep", "--model"]
    run = [sys.executable, "-m", "facesketch", *command, NAME]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and f"{NAME} is at commit {commit}." in done.stderr
    assert facesketch.read_image(tmp_path / "s.png").tobytes() == pixels(Translator.from_pretrained(tmp_path / "mine"))
    assert main([*command, "user/nothing"]) == 1
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1 and "no such repo" in said
