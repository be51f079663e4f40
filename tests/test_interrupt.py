"""Ctrl-C while a program imports its dependencies ends it with status 130 and without a word."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROGRAMS = {
    "train": (["-m", "train", "check", "--data", "."], ("torch", "typer", "accelerate")),
    "app": (["app.py"], ("torch", "gradio")),
    "facesketch": (["-m", "facesketch", "no.jpg", "--out", "no.png"], ("torch", "cv2", "tqdm")),
    "installed": (["facesketch", "no.jpg", "--out", "no.png"], ("torch", "cv2", "tqdm")),
}
# A shell starts background jobs with the signal ignored, which programs inherit; then there is no Ctrl-C to test.
INTERRUPT = """import signal
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
signal.raise_signal(signal.SIGINT)
"""
CASES = [(program, module) for program, (_, modules) in PROGRAMS.items() for module in modules]


def interrupt_at_import(program: str, module: str, folder: Path) -> subprocess.CompletedProcess:
    """Run a program, and interrupt it as soon as it begins to import a module."""
    (folder / "facesketch").write_text("import sys; from facesketch.__main__ import main; sys.exit(main())")  # as pip's
    hook = folder / "modules" / f"{module}.py"
    hook.parent.mkdir()
    hook.write_text(INTERRUPT)
    arguments = PROGRAMS[program][0]
    if program == "installed":
        arguments = [str(folder / arguments[0]), *arguments[1:]]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(hook.parent), str(ROOT)])}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(("program", "module"), CASES)
def test_ctrl_c_during_an_import_ends_a_program_quietly(program, module, tmp_path):
    done = interrupt_at_import(program, module, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_a_program_that_imports_the_library_gets_the_interrupt(tmp_path):
    (tmp_path / "torch.py").write_text(INTERRUPT)
    code = "try: from facesketch import Model\nexcept KeyboardInterrupt: print('mine')"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.stdout == "mine\n"
