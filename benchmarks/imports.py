"""The import time of the library on top of PyTorch's: the fastest of several processes.

`python -m benchmarks.imports` prints seconds.
"""

import subprocess
import sys

RUNS = 9
CODE = "from time import perf_counter as now; import torch; start = now(); import facesketch; print(now() - start)"


def main() -> None:
    """Print the time."""
    done = [
        subprocess.run([sys.executable, "-c", CODE], check=True, capture_output=True, text=True) for _ in range(RUNS)
    ]
    print(f"import facesketch, after torch: {min(float(run.stdout) for run in done):.2f} s")


main()
