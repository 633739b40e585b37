"""A short run of every fuzz target: run_short.py PROGRAM...

Each PROGRAM (braid-fuzz-NAME, built to replay) tries the inputs that fuzzing starts from, those that
once crashed (crashers/NAME), and some seeded mutations of all of them.
"""

from __future__ import annotations

import pathlib
import subprocess
import sys
import tempfile

import make_corpus

CRASHERS = pathlib.Path(__file__).resolve().parent / "crashers"

# Mutations of each input: what a few seconds allow.
MUTATIONS = {"inputs": 200, "merge": 1, "plan": 200, "record": 2, "run": 1}


def main() -> int:
    failed = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        make_corpus.make_all(folder)
        for program in map(pathlib.Path, sys.argv[1:]):
            name = program.name.removeprefix("braid-fuzz-")
            paths = [folder / name, *CRASHERS.glob(name)]
            command = [program, "--mutations", str(MUTATIONS[name]), *paths]
            result = subprocess.run(command, capture_output=True, text=True, timeout=300)
            failed += result.returncode != 0
            outcome = "ok    " if result.returncode == 0 else "FAILED"
            print(outcome, name, result.stdout.strip(), result.stderr[-3000:], flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
