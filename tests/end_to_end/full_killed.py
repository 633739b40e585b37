"""Kills `braid merge` at 200 random times, and interrupts it at 100."""

from __future__ import annotations

import pathlib
import sys
import tempfile

import killing


def main() -> int:
    for run, times in ((killing.kill, 200), (killing.interrupt, 100)):
        with tempfile.TemporaryDirectory() as folder:
            print(run.__name__ + ":", run(times, pathlib.Path(folder), seed=7), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
