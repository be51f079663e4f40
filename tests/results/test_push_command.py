"""train push and fit --push-to, from the command line to the Hub."""

import os
import subprocess
import sys

import huggingface_hub.constants
import pytest
from test_push import REPO, ROOT, pixels

import facesketch
from facesketch import Translator, __version__
from train.__main__ import main

FACES = (100, 125)


@pytest.fixture
def command(monkeypatch, capsys):
    """command(arguments, variables) -> python -m train's exit status, and what it says on both streams."""

    def command(*arguments: object, **environment: str) -> tuple[int, str, str]:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["train", *map(str, arguments)])
            patch.setattr(huggingface_hub.constants, "HF_TOKEN_PATH", os.devnull)  # whoever runs the tests may have one
            for name, value in environment.items():
                patch.setenv(name, value)
            with pytest.raises(SystemExit) as end:
                main()
        return (end.value.code, *capsys.readouterr())

    return command


def test_the_command_line_fits_pushes_and_fails_with_a_sentence(hub, faces, tmp_path, command):
    data, out = faces(6), tmp_path / "run"
    train = ["fit", "autoencoder", "--data", data, "--out", out, "--device", "cpu", "--steps", 2, "--width", 2]
    train += ["--push-to", REPO]
    status, _, said = command(*train, HF_TOKEN="")
    assert status == 1 and said.startswith("train: There is no token") and not out.exists()
    status, _, said = command(*train, HF_TOKEN="hf_reader")
    assert status == 1 and "may not write" in said.splitlines()[-1], said
    assert (out / "export" / "README.md").exists() and REPO not in hub.repos
    status, told, said = command("push", out, REPO, "--private", "--revision", "wide")
    assert status == 0, said
    commit = hub.repos[REPO].branches["wide"]
    assert f"is at commit {commit}, tag v{__version__}" in told and hub.repos[REPO].private
    line = [sys.executable, "-m", "train", *map(str, train)]  # the run is there and finished: what is left is the push
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    there = facesketch.load(REPO)
    assert pixels(there) == pixels(Translator.from_pretrained(out / "export")) and there.about["step"] in (1, 2)
