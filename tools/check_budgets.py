#!/usr/bin/env python3
"""Checks the length of source files: at most 600 lines each. Prints median, 90th percentile and longest."""
import statistics
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAX_LINES = 600
SUFFIXES = {".cpp", ".hpp", ".cu", ".cuh", ".py", ".cmake"}


def main() -> int:
    lengths = {}
    for top in ("include", "src", "kernels", "tools", "tests", "benchmarks", "models", "cmake"):
        for path in (ROOT / top).rglob("*"):
            if path.suffix in SUFFIXES and "__pycache__" not in path.parts:
                lengths[path.relative_to(ROOT)] = len(path.read_text().splitlines())
    ordered = sorted(lengths.items(), key=lambda item: item[1])
    too_long = [item for item in ordered if item[1] > MAX_LINES]
    for path, lines in too_long:
        print(f"{path}: {lines} lines; split it, {MAX_LINES} is the limit")
    counts = [lines for _, lines in ordered]
    p90 = counts[min(len(counts) - 1, int(0.9 * len(counts)))]
    print(f"budgets: {len(counts)} files, {sum(counts)} lines; median {statistics.median(counts):.0f}, "
          f"p90 {p90}, longest {ordered[-1][1]} ({ordered[-1][0]})")
    return 1 if too_long else 0


sys.exit(main())
