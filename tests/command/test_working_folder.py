"""The folder that the command is started in is never imported from, by the command or by a process that it starts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import draw_face
from hub_models import NAME, put, tiny

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow
# Python 3.14, macOS and Windows do not fork. There a lock between processes starts a process of its own.
NO_FORK = "import multiprocessing; multiprocessing.set_start_method('spawn')"
RECORD = "import sys; open({imported!r}, 'a').write(f'{{__name__}} in {{sys.argv}}\\n')\n"


def test_modules_of_the_working_folder_are_not_run(hub, tmp_path):
    commit = put(hub, tiny(tmp_path / "mine"))
    folder, imported = tmp_path / "folder", tmp_path / "imported"
    folder.mkdir()
    for name in {*sys.stdlib_module_names, "torch", "numpy", "PIL", "cv2", "tqdm", "huggingface_hub"}:
        (folder / f"{name}.py").write_text(RECORD.format(imported=str(imported)))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "sitecustomize.py").write_text(NO_FORK)
    (tmp_path / "bin" / "facesketch").write_text("import sys; from facesketch.__main__ import main; sys.exit(main())")
    draw_face(0)[0].save(folder / "me.png")
    options = ["--align", "never", "--finish", "none", "--background", "keep", "--model", NAME, "--out", "sketch.png"]
    command = [sys.executable, str(tmp_path / "bin" / "facesketch"), "me.png", *options]
    path = os.pathsep.join([str(tmp_path / "bin"), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0 and commit in done.stderr, done.stderr
    assert not imported.exists(), imported.read_text()
