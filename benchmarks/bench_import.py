"""Claim: ``import speechlabel`` and ``speechlabel --help`` are quick: what is heavy waits for its use.

Prints the median seconds of a fresh process, beside the bare interpreter and the library that reads the
command line, which set the floor.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time

RUNS = 15
WAYS = {
    "python -c pass": ["-c", "pass"],
    "python -c 'import typer'": ["-c", "import typer"],
    "import speechlabel": ["-c", "import speechlabel"],
    "speechlabel --help": ["-m", "speechlabel.cli", "--help"],
    "speechlabel --version": ["-m", "speechlabel.cli", "--version"],
}


def main() -> None:
    seconds: dict[str, list[float]] = {name: [] for name in WAYS}
    for number in range(RUNS + 1):  # in turn, so that a busy moment hits all alike
        for name, words in WAYS.items():
            start = time.perf_counter()
            done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=True)
            if number:  # the first fills the disk's cache
                seconds[name].append(time.perf_counter() - start)
            if name.startswith("speechlabel"):
                assert "speechlabel" in done.stdout
    print(json.dumps({name: round(statistics.median(times), 3) for name, times in seconds.items()}, indent=2))


if __name__ == "__main__":
    main()
