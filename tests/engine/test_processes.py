"""Training in several processes is the same as in one; only the first of them writes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from train.config import override
from train.engine import checkpoint
from train.engine.fit import fit  # noqa: F401 (for the scripts)
from train.engine.trainer import Trainer
from train.methods import METHODS
from train.presets import PRESETS

FACES = (100, 125)

REPOSITORY = Path(__file__).parents[2]
LAUNCH = [sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu", "--num_processes", "2"]
LAUNCH += ["--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no"]
LAUNCH += ["--num_cpu_threads_per_process", "1"]
TINY = {
    "init_preset": "",
    "model.width": 4,
    "model.discriminator_width": 4,
    "batch_size": 2,
    "data.validation_fraction": 0.2,
    "steps": 3,
}
SMALL = {"model.size": 64, "data.crop_size": 64}
CONFIGS = {
    name: override(PRESETS[name], TINY if name.startswith("pix2pix") else {**TINY, **SMALL})
    for name in (*METHODS, "pix2pix-grain")  # whose network has a buffer
}


def launch(folder: Path, code: str, launcher: list[str] = LAUNCH) -> subprocess.CompletedProcess:
    """Run code, which sees CONFIGS and fit, in two processes, in float32: bf16 would round each half of a batch."""
    folder.mkdir(exist_ok=True)
    script = folder / "script.py"
    paths = [str(path) for path in (REPOSITORY, REPOSITORY / "tests", Path(__file__).parent)]
    script.write_text(
        f"import sys; sys.path[:0] = {paths}\n"
        "from pathlib import Path\nfrom test_processes import *\nfrom train import hardware\n"
        f"hardware.half_dtype = lambda device: None\n{code}\n"
    )
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run([*launcher, script], cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


@pytest.mark.slow
def test_two_processes_train_like_one(faces, tmp_path):
    data = faces(5)  # 3 or 4 to train on: an epoch is a step, and each has its line
    code = f"for name, c in CONFIGS.items(): fit(c, Path({str(data)!r}), Path(name), 'cpu')"
    for folder, launcher, counted in (("alone", LAUNCH[:1], "3 steps on 1 CPU"), ("shared", LAUNCH, "3 steps on 2 x ")):
        done = launch(tmp_path / folder, code, launcher)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count(counted) == len(CONFIGS) and "from step" not in done.stdout
    for name in CONFIGS:
        folders = [tmp_path / folder / name for folder in ("alone", "shared")]
        one, two = (
            [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()] for folder in folders
        )
        assert len(one) == len(two) >= 4
        for alone, shared in zip(one, two, strict=True):
            assert alone.keys() == shared.keys()
            for key, value in alone.items():  # val_ is after the update, and Adam's first updates are signs
                rel, absolute = (1e-2, 1e-3) if key.startswith("val_") else (2e-3, 2e-4)
                assert value == pytest.approx(shared[key], rel, 0.01 if "accuracy" in key else absolute), key
        states = [checkpoint.load(folder / "state", torch.device("cpu")) for folder in folders]
        for net, values in states[0]["nets"].items():
            for key, value in values.items():
                assert torch.allclose(value, states[1]["nets"][net][key], atol=2e-3), (name, net, key)


def test_validation_does_not_use_the_networks_that_wait_for_other_processes(faces, tmp_path, monkeypatch):
    """It runs in the first process alone, and accelerate's networks may send something to all."""
    calls = []

    class Shared(torch.nn.Module):
        def __init__(self, module: torch.nn.Module):
            super().__init__()
            self.module = module

        def forward(self, *args, **kwargs):
            calls.append(self)
            return self.module(*args, **kwargs)

    monkeypatch.setattr("accelerate.Accelerator.prepare_model", lambda self, net: Shared(net))
    trainer = Trainer(CONFIGS["autoencoder"], faces(5), tmp_path / "run", "cpu")
    trainer.validate()
    assert not calls
    trainer.train_step()
    assert calls


@pytest.mark.slow
def test_an_error_in_one_process_ends_both(faces, tmp_path):
    """A loss that is not finite, and a folder that cannot be used, which only the first process sees."""
    data, config = faces(5), "override(CONFIGS['autoencoder'], {'losses.l1': float('inf')})"
    done = launch(tmp_path, f"fit({config}, Path({str(data)!r}), Path('bad'), 'cpu')")
    assert done.returncode != 0 and "The loss G is not finite at step 1" in done.stderr
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.txt").write_text("words")
    done = launch(tmp_path, f"fit(CONFIGS['autoencoder'], Path({str(data)!r}), Path('taken'), 'cpu')")
    assert done.returncode != 0 and "is not empty" in done.stderr


@pytest.mark.slow
def test_a_batch_that_cannot_be_divided_is_one_sentence(faces, tmp_path):
    config = "override(CONFIGS['cyclegan'], {'batch_size': 1})"
    done = launch(tmp_path, f"fit({config}, Path({str(faces(5))!r}), Path('run'), 'cpu')")
    assert done.returncode != 0 and "set --batch-size to a multiple" in done.stderr
