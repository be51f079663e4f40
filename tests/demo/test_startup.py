"""What the page needs of the machine that it is started on: proxies, a folder for uploads, and a port."""

import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
import pytest
from hub_server import running
from test_start import started
from visiting import free_port

from demo import uploads
from demo.startup import StartError, loopback_without_proxies, port_problem, requested_port

ROOT = Path(__file__).parents[2]
PROXIES = {
    "HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9", "ALL_PROXY": "socks5://127.0.0.1:9",
    "all_proxy": "nonsense://127.0.0.1:9",
}  # fmt: skip


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in (*PROXIES, "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "GRADIO_SERVER_PORT"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("name", PROXIES)
@pytest.mark.parametrize("exempted", [None, "example.com"])
def test_requests_to_this_machine_go_through_no_proxy(name, exempted, monkeypatch):
    monkeypatch.setenv(name, PROXIES[name])
    if exempted:
        monkeypatch.setenv("NO_PROXY", exempted)
    before = dict(os.environ)
    with running() as server:
        with loopback_without_proxies():
            assert httpx.get(server.url).status_code == 404
            assert exempted is None or "*" in os.environ["NO_PROXY"] or exempted in os.environ["NO_PROXY"].split(",")
        with pytest.raises(Exception, match=r"(?i)proxy|refused"):
            httpx.get(server.url)
    assert dict(os.environ) == before


def test_the_environment_without_proxies_stays_as_it_is():
    before = dict(os.environ)
    with loopback_without_proxies():
        assert dict(os.environ) == before


def test_uploads_are_never_kept_in_the_checkout(tmp_path, monkeypatch):
    link = tmp_path / "link"
    link.symlink_to(ROOT)
    for folder in (ROOT, ROOT / "uploads", link / "runs", os.path.relpath(ROOT / "uploads")):
        monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder))
        with pytest.raises(StartError, match="inside"):
            uploads.prepare_folder()
    monkeypatch.setenv("GRADIO_TEMP_DIR", "")
    monkeypatch.setattr(tempfile, "tempdir", str(ROOT))  # where Python falls back to the working folder
    with pytest.raises(StartError, match="inside"):
        uploads.prepare_folder()
    assert not (ROOT / "uploads").exists() and not list(ROOT.glob("facesketch-*"))


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    for folder in (tmp_path / "file", tmp_path / "file" / "folder", Path("/proc/facesketch")):
        monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder))
        with pytest.raises(StartError, match=r"^Uploads cannot be kept in .*GRADIO_TEMP_DIR names another folder"):
            uploads.prepare_folder()


def test_a_machine_without_temporary_files_is_one_sentence(tmp_path, monkeypatch):
    def fail() -> str:
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", fail)
    monkeypatch.setenv("GRADIO_TEMP_DIR", "")
    with pytest.raises(StartError, match="no folder for temporary files"):
        uploads.prepare_folder()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "named"))
    assert uploads.prepare_folder() == tmp_path / "named"


def test_a_port_that_is_asked_for_and_cannot_be_had_is_one_sentence(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for text in (str(port), "abc", "-1", "70000"):
            monkeypatch.setenv("GRADIO_SERVER_PORT", text)
            with pytest.raises(StartError, match=rf"{text}.*\.$"):
                requested_port()
        monkeypatch.delenv("GRADIO_SERVER_PORT")
        assert requested_port() is None and str(port) in str(port_problem(port))
    free = free_port()
    monkeypatch.setenv("GRADIO_SERVER_PORT", str(free))
    assert requested_port() == free and port_problem(free) is None


def test_an_unknown_host_is_one_sentence(monkeypatch):
    monkeypatch.setenv("GRADIO_SERVER_NAME", "192.0.2.1")  # of no machine (RFC 5737)
    monkeypatch.setenv("GRADIO_SERVER_PORT", "7860")
    with pytest.raises(StartError, match=r"192\.0\.2\.1"):
        requested_port()


@pytest.mark.slow
def test_the_page_starts_behind_any_proxy_and_says_what_that_costs(tmp_path):
    for name in ("HTTP_PROXY", "ALL_PROXY"):
        port, proxy = free_port(), PROXIES[name]
        hub = {"FACESKETCH_MODELS": "user/pix2pix", "HF_HOME": str(tmp_path), "HF_ENDPOINT": "http://192.0.2.1"}
        with started(port, "To create a public link", **{name: proxy}, **hub) as output:
            assert "Traceback" not in output and f"http://127.0.0.1:{port}" in output, output
            assert httpx.Client(trust_env=False).get(f"http://127.0.0.1:{port}/config").status_code == 200
            if not proxy.startswith("http"):
                assert "the proxy that is set in the environment cannot be used" in output


@pytest.mark.slow
def test_what_stops_the_page_is_one_sentence_and_wrong_usage(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        (tmp_path / "file").write_text("no folder")
        for variables in (
            {"GRADIO_SERVER_PORT": str(taken.getsockname()[1])},
            {"GRADIO_TEMP_DIR": str(tmp_path / "file")},
            {"GRADIO_TEMP_DIR": "uploads"},
        ):
            environment = {**os.environ, **variables}
            done = subprocess.run([sys.executable, "app.py"], cwd=ROOT, env=environment, capture_output=True, text=True)
            assert done.returncode == 2 and len(done.stderr.splitlines()) == 1, done.stderr
