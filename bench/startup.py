"""Start of the command line: milliseconds of `drafter --help` beside an interpreter that does nothing."""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

RUNS = 15


def main() -> None:
    nothing, helped = [], []
    for _ in range(RUNS):
        nothing.append(_run("-c", "pass"))
        helped.append(_run("-m", "drafter", "--help"))
    print(f"python -c pass: median {median(nothing):.0f} ms; drafter --help: median {median(helped):.0f} ms")
    print(
        f"difference of the medians {median(helped) - median(nothing):.0f} ms; "
        f"of the fastest {min(helped) - min(nothing):.0f} ms"
    )


def _run(*words: str) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, *words], check=True, capture_output=True)
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    main()
