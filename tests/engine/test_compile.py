"""fit --compile: the same run with compiled networks, and one sentence where it does not work."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from test_processes import CONFIGS, LAUNCH, launch

from facesketch import Model
from train.engine.trainer import Trainer

FACES = (100, 125)
REPOSITORY = Path(__file__).parents[2]


@pytest.mark.slow
def test_a_compiled_run_is_the_same_within_rounding(faces, tmp_path):
    """In float32, and with the same keys in what it exports."""
    data = faces(5)
    code = f"for c in (False, True): fit(CONFIGS['autoencoder'], Path({str(data)!r}), Path(str(c)), 'cpu', compiled=c)"
    done = launch(tmp_path, code, LAUNCH[:1])
    assert done.returncode == 0, done.stderr
    plain, compiled = (tmp_path / each for each in ("False", "True"))
    assert (plain / "config.json").read_bytes() == (compiled / "config.json").read_bytes()
    lines = ((out / "metrics.jsonl").read_text().splitlines() for out in (plain, compiled))
    for one, other in zip(*lines, strict=True):
        before, after = json.loads(one), json.loads(other)
        assert before.keys() == after.keys()
        for key, value in before.items():
            assert value == pytest.approx(after[key], rel=1e-2, abs=0.01 if "accuracy" in key else 1e-3), key
    states = [Model.from_pretrained(out / "export").state_dict() for out in (plain, compiled)]
    assert states[0].keys() == states[1].keys()
    for key, value in states[0].items():
        assert torch.allclose(value, states[1][key], atol=2e-3), key


@pytest.mark.slow
def test_a_compiled_network_draws_the_same_random_numbers(faces, tmp_path):
    """unet-grain shifts its noise at random in training."""
    trainer = Trainer(CONFIGS["pix2pix-grain"], faces(5), tmp_path / "run", "cpu")
    trainer.compile_networks()
    x, outputs = torch.zeros(1, 7, 256, 256), []
    for net, seed in ((trainer.nets["G"], 0), (trainer.prepared_nets["G"], 0), (trainer.nets["G"], 1)):
        torch.manual_seed(seed)
        with torch.no_grad():
            outputs.append(net(x))
    plain, compiled, other = outputs
    assert (plain - compiled).abs().mean() < 0.1 * (plain - other).abs().mean()


@pytest.mark.slow
def test_without_a_compiler_it_is_refused_in_one_sentence(faces, tmp_path):
    arguments = ["--data", faces(5), "--out", tmp_path / "run", "--device", "cpu", "--compile"]
    without = {"PATH": str(tmp_path), "CXX": str(tmp_path / "c++"), "TORCHINDUCTOR_CACHE_DIR": str(tmp_path / "cache")}
    done = subprocess.run(
        [sys.executable, "-m", "train", "fit", "autoencoder", *arguments],
        cwd=REPOSITORY,
        env={**os.environ, **without},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and "needs a C++ compiler" in done.stderr.splitlines()[-1], done.stderr
    assert len(done.stderr.splitlines()) == 1 and not (tmp_path / "run").exists()


@pytest.mark.slow
def test_several_processes_refuse_it_in_one_sentence(faces, tmp_path):
    done = launch(tmp_path, f"fit(CONFIGS['autoencoder'], Path({str(faces(5))!r}), Path('run'), 'cpu', compiled=True)")
    assert done.returncode != 0 and "--compile works in one process only" in done.stderr
    assert not (tmp_path / "run").exists()
