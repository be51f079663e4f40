"""train push and fit --push-to, from the command line to the Hub."""

import os
import subprocess
import sys

import huggingface_hub.constants
import pytest
from test_push import REPO, ROOT, pixels

from facesketch import Model, __version__, load_model
from train.__main__ import main

FACES = (100, 125)


@pytest.fixture
def command(monkeypatch, capsys):
    """command(arguments, variables) -> python -m train's exit status, stdout and stderr."""

    def command(*arguments: object, **environment: str) -> tuple[int, str, str]:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["train", *map(str, arguments)])
            patch.setattr(huggingface_hub.constants, "HF_TOKEN_PATH", os.devnull)  # the user's own
            for name, value in environment.items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as end:
                main()
        return (end.value.code, *capsys.readouterr())

    return command


@pytest.mark.slow
def test_fit_pushes_the_finished_run_and_a_failure_is_one_sentence(hub, faces, tmp_path, command):
    data, out = faces(6), tmp_path / "run"
    train = ["fit", "autoencoder", "--data", data, "--out", out, "--device", "cpu", "--steps", 2, "--width", 2]
    train += ["--push-to", REPO]
    status, _, error = command(*train, HF_TOKEN="")
    assert status == 1 and error.startswith("train: There is no token") and not out.exists()
    status, _, error = command(*train, HF_TOKEN="hf_reader")
    assert status == 1 and "may not write" in error.splitlines()[-1], error
    assert (out / "export" / "README.md").exists() and REPO not in hub.repos
    status, output, error = command("push", out, REPO, "--private", "--revision", "wide")
    assert status == 0, error
    commit = hub.repos[REPO].branches["wide"]
    assert f"is at commit {commit}, tag v{__version__}" in output and hub.repos[REPO].private
    line = [sys.executable, "-m", "train", *map(str, train)]  # the run is finished: only the push is left
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    pushed = load_model(REPO)
    assert pixels(pushed) == pixels(Model.from_pretrained(out / "export"))
    assert pushed.config.origin.step in (1, 2)
