"""Models from the Hub: downloaded, pinned to a commit, refused when damaged, and taken from the cache without a Hub."""

import logging
import pickle
import socket
import subprocess
import sys
from pathlib import Path

import huggingface_hub
import pytest
from conftest import draw_face
from hub_models import NAME, put, tiny
from hub_repos import Repo

import facesketch
from facesketch import Model, ModelNotFoundError, Pipeline, WeightsError
from facesketch.__main__ import main
from facesketch.hub.download import RepoId, explain_error, parse_repo_id
from facesketch.options import RAW_OUTPUT

ROOT = Path(__file__).parents[2]
FAULTS = {  # what happens between the Hub and us, and the code of the reason
    "answers 500": ([("GET", "/api/", "500")], "hub.reason.unreachable"),
    "answers 500 to the file": ([("GET", "/resolve/", "500")], "hub.reason.unreachable"),
    "hangs up": ([("GET", "/api/", "hang up")], "hub.reason.unreachable"),
    "hangs up between metadata and file": ([("GET", "safetensors", "hang up")], "hub.reason.deadline"),
    "stalls": ([("GET", "/api/", "stall")], "hub.reason.deadline"),
    "stalls between metadata and file": ([("GET", "safetensors", "stall")], "hub.reason.deadline"),
    "sends half of the file": ([("GET", "safetensors", "half")], "hub.reason.deadline"),
    "sends damaged bytes": ([("GET", "safetensors", "damage")], "weights.wrong_hash"),
}


def pixels(model: Model) -> bytes:
    """A raw drawing, in float32 on any hardware."""
    return Pipeline(model)(draw_face(0)[0], RAW_OUTPUT).image.tobytes()


def reason(error: pytest.ExceptionInfo) -> str:
    """The code of a fetch's failure: of the reason, where the message holds one."""
    message = error.value.message
    return message.params["reason"].code if message.code == "hub.fetch_failed" else message.code


def test_load_by_name_branch_tag_and_commit(hub, tmp_path, caplog):
    caplog.set_level(logging.INFO)
    old = put(hub, tiny(tmp_path / "old"), **{"pytorch_model.bin": b"a pickle"})
    hub.repos[NAME].tags["v1"] = old
    first, second = pixels(facesketch.load_model(NAME)), tiny(tmp_path / "new", seed=1)
    assert first == pixels(Model.from_pretrained(tmp_path / "old"))
    assert f"{NAME} is at commit {old}." in caplog.messages
    new = put(hub, second)
    assert pixels(facesketch.load_model(NAME)) == pixels(Model.from_pretrained(second)) != first
    for revision in ("v1", old):
        model = facesketch.load_model(f"{NAME}@{revision}")
        assert pixels(model) == first and model.folder.name == old
    assert pixels(Model.from_pretrained(NAME, revision="main")) != first
    assert pixels(Model.from_pretrained(NAME, revision=new)) != first
    assert not any("pytorch_model" in request for request in hub.requests)


def test_cached_model_needs_no_hub(hub, tmp_path, monkeypatch):
    commit = put(hub, tiny(tmp_path / "mine"))
    first = pixels(facesketch.load_model(NAME))
    for fault in ("500", "hang up"):
        hub.faults = [("GET", "", fault), ("HEAD", "", fault)]
        if fault == "500":
            assert pixels(facesketch.load_model(NAME)) == first
        assert pixels(facesketch.load_model(f"{NAME}@{commit}")) == first
    hub.faults = [("GET", "", "stall"), ("HEAD", "", "stall")]
    monkeypatch.setenv("FACESKETCH_HUB_DEADLINE", "1")
    assert pixels(facesketch.load_model(NAME)) == first
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setenv("FACESKETCH_HUB_DEADLINE", "60")
    assert pixels(facesketch.load_model(NAME)) == first


def test_offline_mode_is_named(hub, monkeypatch):
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(WeightsError) as error:
        facesketch.load_model(NAME)
    assert reason(error) == "hub.reason.offline" and "HF_HUB_OFFLINE" in str(error.value)


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "nonsense://127.0.0.1:9", "http://127.0.0.1:9"])
def test_a_proxy_that_cannot_be_used_is_named(proxy, hub, monkeypatch):
    for name in ("all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ALL_PROXY", proxy)
    huggingface_hub.close_session()  # the client reads the variables when it is created
    try:
        with pytest.raises(WeightsError) as error:
            facesketch.load_model(NAME)
    finally:
        huggingface_hub.close_session()
    assert reason(error) in ("hub.reason.proxy", "hub.reason.unreachable") and len(str(error.value).splitlines()) == 1
    assert reason(error) == "hub.reason.proxy" or proxy.startswith("http")


@pytest.mark.parametrize("executable", ["", None, "/no/python", sys.executable])
def test_download_needs_no_python_executable(executable, hub, tmp_path, monkeypatch):
    """As in an embedded interpreter."""
    commit = put(hub, tiny(tmp_path / "mine"))
    monkeypatch.setattr(sys, "executable", executable)
    assert facesketch.load_model(NAME).folder.name == commit


def test_whatever_stops_a_download_is_a_weights_error(hub, tmp_path, monkeypatch):
    put(hub, tiny(tmp_path / "mine"))
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "file"))
    with pytest.raises(WeightsError, match=r"could not be fetched from the Hub: .*file") as error:
        facesketch.load_model(NAME)
    assert reason(error) == "hub.reason.other"


def test_a_damaged_snapshot_leaves_the_files_that_another_uses(hub, tmp_path):
    """The tag's config is that of other weights; its weights are those of main, in the same blob."""
    good, other = tiny(tmp_path / "good"), tiny(tmp_path / "other", seed=1)
    commit = put(hub, good)
    mixed = {"config.json": (other / "config.json").read_bytes()}
    hub.repos[NAME].tags["mixed"] = put(hub, good, **mixed)
    hub.repos[NAME].branches["main"] = commit
    facesketch.load_model(NAME)
    with pytest.raises(WeightsError, match="damaged"):
        facesketch.load_model(f"{NAME}@mixed")
    hub.faults = [("GET", "", "500"), ("HEAD", "", "500")]
    assert facesketch.load_model(NAME).folder.name == commit
    with pytest.raises(WeightsError, match="could not be fetched"):
        facesketch.load_model(f"{NAME}@mixed")


@pytest.mark.parametrize(
    ("page", "branch"),
    [
        ("tree/refs%2Fpr%2F1", "refs/pr/1"),
        ("discussions/1", "refs/pr/1"),
        ("blob/feature%2Fnew/config.json", "feature/new"),
        ("", "main"),
    ],
)
def test_address_of_a_page_loads_what_it_shows(page, branch, hub, tmp_path):
    put(hub, tiny(tmp_path / "main"))
    shown = hub.repos[NAME].branches["main"]
    if branch != "main":
        files = tiny(tmp_path / "other", seed=1)
        shown = hub.repos[NAME].commit(branch, {path.name: path.read_bytes() for path in files.iterdir()})
    for address in (f"{hub.url}/{NAME}/{page}", f"{hub.url.partition('://')[2]}/{NAME}/{page}?library=x#files"):
        assert facesketch.load_model(address).folder.name == shown


@pytest.mark.parametrize("fault", FAULTS)
def test_failing_hub_is_one_sentence_within_the_deadline(fault, hub, tmp_path, monkeypatch):
    faults, code = FAULTS[fault]
    monkeypatch.setenv("FACESKETCH_HUB_DEADLINE", "1" if code == "hub.reason.deadline" else "120")
    commit = put(hub, tiny(tmp_path / "mine"))
    hub.faults = faults
    with pytest.raises(WeightsError) as error:
        facesketch.load_model(NAME)
    assert reason(error) == code
    assert str(error.value).startswith(NAME) and len(str(error.value).splitlines()) == 1
    hub.faults = []
    monkeypatch.setenv("FACESKETCH_HUB_DEADLINE", "120")
    assert facesketch.load_model(NAME).folder.name == commit  # nothing damaged is left in the cache


def test_unreachable_hub(hub, monkeypatch):
    with socket.socket() as taken:  # bound but not listening: connections are refused
        taken.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", nowhere)
        with pytest.raises(WeightsError) as error:
            facesketch.load_model(NAME)
    assert reason(error) == "hub.reason.unreachable"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("user/nothing", "hub.reason.not_found"),
        (f"{NAME}@v9", "hub.reason.no_revision"),
        ("user/a b", "hub.invalid_repo_id"),
        ("user/private", "hub.reason.not_found"),
        ("user/bert", "hub.reason.no_model"),
    ],
)
def test_missing_repo_is_one_sentence(name, code, hub, tmp_path, monkeypatch):
    put(hub, tiny(tmp_path / "mine"))
    hub.repos["user/private"] = Repo(private=True)
    hub.repos["user/bert"] = Repo()
    hub.repos["user/bert"].commit("main", {"README.md": b"of another library"})
    monkeypatch.delenv("HF_TOKEN")
    with pytest.raises(WeightsError) as error:
        facesketch.load_model(name)
    assert reason(error) == code and len(str(error.value).splitlines()) == 1


def test_rejected_token(hub, tmp_path, monkeypatch):
    put(hub, tiny(tmp_path / "mine"))
    monkeypatch.setenv("HF_TOKEN", "hf_expired")
    with pytest.raises(WeightsError) as error:
        facesketch.load_model(NAME)
    assert reason(error) == "hub.reason.token"


def test_explain_error_takes_any_error():
    message = explain_error(RuntimeError("first line.\nsecond line"))
    assert message.code == "hub.reason.other" and str(message) == "first line"


def test_deadline_that_is_not_a_number(hub, monkeypatch):
    monkeypatch.setenv("FACESKETCH_HUB_DEADLINE", "soon")
    with pytest.raises(WeightsError) as error:
        facesketch.load_model(NAME)
    assert error.value.message.code == "hub.invalid_deadline"


def test_errors_of_the_hub_survive_pickling(hub):
    with pytest.raises(WeightsError) as error:
        facesketch.load_model("user/nothing")
    again = pickle.loads(pickle.dumps(error.value))
    assert type(again) is WeightsError and str(again) == str(error.value) and again.message == error.value.message


def test_command_line_takes_a_repo_and_prints_its_commit(hub, tmp_path, capsys):
    commit = put(hub, tiny(tmp_path / "mine"))
    draw_face(0)[0].save(tmp_path / "face.png")
    files = [str(tmp_path / "face.png"), "--out", str(tmp_path / "s.png")]
    command = [*files, "--align", "never", "--finish", "none", "--background", "keep", "--model"]
    run = [sys.executable, "-m", "facesketch", *command, NAME]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 and f"{NAME} is at commit {commit}." in done.stderr
    assert facesketch.read_image(tmp_path / "s.png").tobytes() == pixels(Model.from_pretrained(tmp_path / "mine"))
    assert main([*command, "user/nothing"]) == 1
    errors = capsys.readouterr().err
    assert len(errors.splitlines()) == 1 and "no such repo" in errors


@pytest.mark.parametrize(
    ("address", "repo"),
    [
        ("https://huggingface.co/user/name", RepoId("user/name")),
        ("https://huggingface.co/user/name/", RepoId("user/name")),
        ("https://huggingface.co/user/name/tree/v1", RepoId("user/name", "v1")),
        ("http://hf.co/user/name/blob/main/config.json", RepoId("user/name", "main")),
        ("huggingface.co/user/name?library=x", RepoId("user/name")),
        ("https://huggingface.co/user/name/tree/refs%2Fpr%2F3", RepoId("user/name", "refs/pr/3")),
        ("https://huggingface.co/user/name/tree/refs/pr/3", RepoId("user/name", "refs/pr/3")),
        ("https://huggingface.co/user/name/discussions/3#files", RepoId("user/name", "refs/pr/3")),
        ("https://huggingface.co/user/name/discussions", RepoId("user/name")),
        ("https://huggingface.co/user/name/blob/a%2Fb%20c/model.safetensors", RepoId("user/name", "a/b c")),
        ("https://HuggingFace.co/user/name/commits/main", RepoId("user/name", "main")),
        ("https://hub.example:8080/mirror/user/name/tree/v1", RepoId("user/name", "v1")),
        ("user/name@refs/pr/3", RepoId("user/name", "refs/pr/3")),
        ("user/name@v1", RepoId("user/name", "v1")),
        ("user/name", RepoId("user/name")),
    ],
)
def test_parse_repo_id(address, repo, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.example:8080/mirror/")
    assert parse_repo_id(address) == repo


@pytest.mark.parametrize("address", ["https://example.com/user/name", "https://huggingface.co/"])
def test_address_of_another_site_is_refused(address):
    with pytest.raises(ModelNotFoundError) as error:
        facesketch.load_model(address)
    assert error.value.message.code == "hub.not_a_hub_url" and address in str(error.value)
