"""Merges every small model and every one of the zoo and takes it apart again."""

from __future__ import annotations

import concurrent.futures
import os
import pathlib
import sys
import tempfile

import support
import taking_apart


def case(arguments: tuple[pathlib.Path, int, str]) -> tuple[bool, str]:
    model, count, pattern = arguments
    name = f"{model.stem} N={count} {pattern}"
    with tempfile.TemporaryDirectory() as folder:
        try:
            return True, f"ok     {name:44} " + taking_apart.check(
                model, count, pattern, pathlib.Path(folder)
            )
        except Exception as problem:  # the others are still worth knowing
            return False, f"FAILED {name}: {problem}"


def main() -> int:
    models = [*sorted(support.MODELS.glob("*-small-*.onnx")), *sorted(support.MODELS.glob("zoo/*"))]
    cases = [(m, count, pattern) for m in models for count in (2, 3) for pattern in support.PATTERNS]
    failed = 0
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count()) as pool:
        for passed, line in pool.map(case, cases):
            failed += not passed
            print(line, flush=True)
    print(f"{len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
