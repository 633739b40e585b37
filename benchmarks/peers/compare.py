#!/usr/bin/env python3
"""Times N members in ONNX Runtime, in every fair arrangement on the same cores, beside Braid.

    python benchmarks/peers/compare.py MERGED.onnx --members A.onnx B.onnx ... [--threads 1 2]
        [--dim batch=1] [--seconds 1] [--passes 2] [--json FILE]

One run, one table. Times are those of all members' outputs once; loading is told apart. `spread` is
how far the medians of the passes lie apart. The program is found through BRAID, or is
build/release/braid. suite.py runs this on the models whose figures are published.
"""

from __future__ import annotations

import argparse
import os
import pathlib

import contest


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("merged", type=pathlib.Path)
    parser.add_argument("--members", nargs="+", required=True, type=pathlib.Path)
    parser.add_argument("--threads", nargs="+", type=int, default=[1, os.cpu_count()])
    parser.add_argument("--dim", action="append", default=[], metavar="NAME=SIZE")
    parser.add_argument("--seconds", type=float, default=1, help="of each arrangement and pass")
    parser.add_argument("--passes", type=int, default=2)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    dims = {name: int(size) for name, size in (dim.split("=") for dim in options.dim)}
    effort = contest.Effort(options.seconds, passes=options.passes)
    rows = []
    for threads in options.threads:
        with contest.scratch() as folder:
            own = contest.Contest(options.merged, options.members, threads, dims, effort,
                                  pathlib.Path(folder)).run(contest.ALONE + contest.PEERS)
        contest.print_rows(f"{options.merged.name}, {len(options.members)} members", own)
        rows += own
    contest.write(options.json, {"rows": rows})


if __name__ == "__main__":
    main()
