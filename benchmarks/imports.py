"""How long the library takes to import beyond PyTorch: the quickest of several processes.

`python -m benchmarks.imports` prints seconds.
"""

import subprocess
import sys

TURNS = 9
CODE = "from time import perf_counter as now; import torch; began = now(); import facesketch; print(now() - began)"


def main() -> None:
    done = [
        subprocess.run([sys.executable, "-c", CODE], check=True, capture_output=True, text=True) for _ in range(TURNS)
    ]
    print(f"import facesketch, beyond torch: {min(float(one.stdout) for one in done):.2f} s")


main()
