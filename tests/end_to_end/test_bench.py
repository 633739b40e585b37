"""`braid bench` and what `braid run` tells of a Program: reports, not times."""

from __future__ import annotations

import csv
import json
import pathlib
import sys

from support import MODELS, braid, synth
from test_errors import run_cases

ROW = {"members", "batch", "threads", "contender", "median_ms", "min_ms", "p90_ms", "p99_ms",
       "mean_ms", "mean_half_width_ms", "first_ms", "rounds", "speedup", "steps", "weight_bytes",
       "arena_bytes", "warnings"}


def merged(folder: pathlib.Path, pattern: str = "shared") -> tuple[pathlib.Path, list[pathlib.Path]]:
    members = synth(MODELS / "bert-small-dynamo.onnx", 3, pattern, folder)
    out = folder / "merged.onnx"
    braid("merge", *members, "-o", out)
    return out, members


def bench(out: pathlib.Path, members: list[pathlib.Path], *arguments: object) -> list[dict]:
    done = braid("bench", out, "--members", *members, "--min-time", 0.01, "--json", "-", *arguments)
    report = json.loads(done.stdout)
    assert report["schema"] == "braid-bench-1", report["schema"]
    for row in report["rows"]:
        assert set(row) == ROW, set(row) ^ ROW
        assert 0 < row["min_ms"] <= row["median_ms"] <= row["p90_ms"] <= row["p99_ms"], row
        assert row["rounds"] >= 10 and row["steps"] > 0, row
    return report["rows"]


def case_rows_of_all_contenders(folder: pathlib.Path) -> None:
    out, members = merged(folder)
    rows = bench(out, members, "--threads", "1,2", "--batch", 1)
    assert [(row["threads"], row["contender"]) for row in rows] == [
        (1, "members in sequence"), (1, "merged"), (2, "members in sequence"),
        (2, "members side by side"), (2, "merged")], rows
    # What the members share is there once in the merged model.
    sequence, together = rows[0], rows[1]
    assert together["weight_bytes"] < 0.7 * sequence["weight_bytes"], rows
    assert together["steps"] < sequence["steps"], rows


def case_sweep_of_members(folder: pathlib.Path) -> None:
    out, members = merged(folder)
    rows = bench(out, members, "-n", "1,3", "--threads", 1)
    assert [row["members"] for row in rows] == [1, 1, 3, 3], rows


def case_comma_separated_values(folder: pathlib.Path) -> None:
    out, members = merged(folder)
    path = folder / "rows.csv"
    rows = bench(out, members, "--threads", 1, "--csv", path)
    with path.open() as file:
        read = list(csv.DictReader(file))
    assert [row["contender"] for row in read] == [row["contender"] for row in rows]
    assert float(read[0]["median_ms"]) == rows[0]["median_ms"]


def case_wrong_members(folder: pathlib.Path) -> None:
    out, members = merged(folder)
    done = braid("bench", out, "--members", members[0], "--min-time", 0.01, code=3)
    assert "which is no input of the members" in done.stderr, done.stderr
    done = braid("bench", out, "--members", *members, "-n", 4, code=2)
    assert "-n 4: there are 3 members" in done.stderr, done.stderr


def case_program_of_a_model(folder: pathlib.Path) -> None:
    out, _ = merged(folder)
    done = braid("run", out, "--profile", "--repeat", 3, "--threads", 1, "--json", "-")
    report = json.loads(done.stdout)
    steps = report["program"]["steps"]
    assert report["min_ms"] <= report["median_ms"], report
    assert all(step["ms"] >= 0 and step["kernel"] for step in steps), steps
    assert report["program"]["arena_bytes"] > 0 and report["program"]["packed_bytes"] > 0
    again = json.loads(braid("run", out, "--dump-program", "--threads", 1, "--json", "-").stdout)
    for step in steps:
        del step["ms"]
    assert again["program"]["steps"] == steps, "programs are deterministic"


if __name__ == "__main__":
    sys.exit(run_cases(globals()))
