"""The time of `import facesketch` and `facesketch --help` on top of NumPy's import: the fastest of several processes.

`python -m benchmarks.imports` prints seconds of CPU time.
"""

import subprocess
import sys

RUNS = 9
CODE = """
import sys, time, numpy
start = time.process_time()
import facesketch
if sys.argv[1:]:
    from facesketch.__main__ import main
    try:
        main(["--help"])
    except SystemExit:
        pass
print(time.process_time() - start)
"""


def main() -> None:
    """Print the times."""
    for name, arguments in {"import facesketch": (), "facesketch --help": ("--help",)}.items():
        command = [sys.executable, "-c", CODE, *arguments]
        done = [subprocess.run(command, check=True, capture_output=True, text=True) for _ in range(RUNS)]
        print(f"{name}, after numpy: {min(float(run.stdout.splitlines()[-1]) for run in done):.2f} s")


main()
