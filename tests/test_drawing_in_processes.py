"""Drawing in threads and in other processes after this one has drawn."""

import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest
from torch.utils.data import DataLoader, Dataset

import facesketch

ROOT = Path(__file__).parent.parent
PHOTO = str(ROOT / "examples" / "eileen_collins.jpg")
OPTIONS = facesketch.DrawOptions(finish="none", size=256)
pytestmark = pytest.mark.slow


@cache
def pipeline() -> facesketch.Pipeline:
    return facesketch.load("autoencoder")


def draw(path: str) -> bytes:
    return pipeline()(facesketch.read_image(path), OPTIONS).image.tobytes()


class Drawings(Dataset):
    """A data set whose items are drawn when they are asked for."""

    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int) -> bytes:
        return draw(PHOTO)


def check() -> None:
    """Run in a process of its own, where PyTorch has several threads."""
    expected = draw(PHOTO)
    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(draw, [PHOTO] * 2)) == [expected] * 2
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.map(draw, [PHOTO]) == [expected]
    assert list(DataLoader(Drawings(), batch_size=None, num_workers=1)) == [expected] * 2


def test_threads_spawned_processes_and_data_loaders_draw_the_same():
    path = [str(ROOT), str(ROOT / "tests")]
    code = f"import sys; sys.path[:0] = {path}; import test_drawing_in_processes; test_drawing_in_processes.check()"
    environment = {**os.environ, "OMP_NUM_THREADS": "2"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr
