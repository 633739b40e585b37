"""`braid bench` and what `braid run` tells of a Program: reports, not times."""

from __future__ import annotations

import csv
import json
import pathlib
import sys
from xml.etree import ElementTree

from support import MODELS, braid, synth
from test_errors import run_cases

TIMES = {"median_ms", "min_ms", "p90_ms", "p99_ms", "mean_ms", "mean_half_width_ms", "first_ms",
         "rounds", "speedup", "warnings"}
COUNTERS = {"model", "members", "batch", "threads", "device", "contender", "steps", "bytes_moved",
            "flops", "constant_bytes", "packed_bytes", "weight_bytes", "arena_bytes",
            "activation_bytes", "workspace_bytes", "operators"}
ON_GPU = {"gpu_median_ms", "gpu_min_ms", "gpu_p90_ms", "host_median_ms", "launches"}
ON_DEVICE = ["members in sequence", "members on streams", "members, a graph each",
             "members in one graph", "merged, fused", "merged, stitched"]


def merged(folder: pathlib.Path, pattern: str = "shared") -> tuple[pathlib.Path, list[pathlib.Path]]:
    members = synth(MODELS / "bert-small-dynamo.onnx", 3, pattern, folder)
    out = folder / "merged.onnx"
    braid("merge", *members, "-o", out)
    return out, members


def check_operators(row: dict) -> None:
    for counter in ("steps", "bytes_moved", "flops"):
        assert sum(operator[counter] for operator in row["operators"]) == row[counter], row


def bench(out: pathlib.Path, members: list[pathlib.Path], *arguments: object) -> list[dict]:
    done = braid("bench", out, "--members", *members, "--min-time", 0.01, "--json", "-", *arguments)
    report = json.loads(done.stdout)
    assert report["schema"] == "braid-bench-2", report["schema"]
    for row in report["rows"]:
        fields = COUNTERS | TIMES | (ON_GPU if row["device"] != "cpu" else set())
        assert set(row) == fields, set(row) ^ fields
        assert row["activation_bytes"] + row["workspace_bytes"] == row["arena_bytes"], row
        check_operators(row)
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


def check_on_device(rows: list[dict]) -> None:
    for row in rows:
        assert row["device"] == "cuda-emulated" and row["launches"] > 0, row
        assert 0 < row["gpu_min_ms"] <= row["gpu_median_ms"] <= row["gpu_p90_ms"], row
        assert 0 < row["host_median_ms"] <= row["median_ms"], row


def merged_for_gpu(folder: pathlib.Path, pattern: str) -> tuple[pathlib.Path, list[pathlib.Path]]:
    """Small ones: the emulated device is slow."""
    members = synth(MODELS / "zoo/tcn-dynamo.onnx", 2, pattern, folder)
    out = folder / "merged.onnx"
    braid("merge", *members, "-o", out)
    return out, members


def case_arrangements_on_a_gpu(folder: pathlib.Path) -> None:
    out, members = merged_for_gpu(folder, "shared")
    path = folder / "charts.svg"
    rows = bench(out, members, "--device", "cuda-emulated", "--svg", path, "--csv", folder / "rows.csv")
    assert [row["contender"] for row in rows] == ON_DEVICE, rows
    check_on_device(rows)
    by_name = {row["contender"]: row for row in rows}
    fused, stitched = by_name["merged, fused"], by_name["merged, stitched"]
    assert stitched["weight_bytes"] < 0.7 * fused["weight_bytes"], rows
    assert fused["launches"] < by_name["members in sequence"]["launches"], rows
    svg = path.read_text()
    assert "GPU time, ms" in svg and all(name in svg for name in ON_DEVICE), svg
    with (folder / "rows.csv").open() as file:
        assert float(next(csv.DictReader(file))["gpu_median_ms"]) == rows[0]["gpu_median_ms"]


def case_members_that_share_nothing_on_a_gpu(folder: pathlib.Path) -> None:
    out, members = merged_for_gpu(folder, "different")
    rows = bench(out, members, "--device", "cuda-emulated", "-n", "1,2", "--batch", "1,2")
    assert [row["contender"] for row in rows] == 4 * ON_DEVICE[:-1], rows
    assert [row["members"] for row in rows] == 10 * [1] + 10 * [2], rows
    assert [row["batch"] for row in rows] == 2 * (5 * [1] + 5 * [2]), rows
    check_on_device(rows)


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


def case_counters_alone(folder: pathlib.Path) -> None:
    out, members = merged(folder)
    rows = json.loads(braid("bench", out, "--members", *members, "--threads", 1, "--counters-only",
                            "--json", "-").stdout)["rows"]
    for row in rows:
        assert set(row) == COUNTERS, set(row) ^ COUNTERS
        check_operators(row)
    # Products are the same however they are arranged.
    assert rows[0]["flops"] == rows[1]["flops"] > 0, rows
    assert rows[1]["bytes_moved"] < rows[0]["bytes_moved"], rows


def flops_of_perceptron(batch: int) -> int:
    return 2 * batch * (12 * 768 * 3072 + 768 * 32)


def case_flops_by_hand(folder: pathlib.Path) -> None:
    model = synth(MODELS / "bench/mlp-6.onnx", 1, "different", folder)[0]
    report = json.loads(braid("run", model, "--dim", "batch=3", "--dump-program", "--json",
                              "-").stdout)
    assert report["program"]["flops"] == flops_of_perceptron(3), report["program"]["flops"]


def case_charts(folder: pathlib.Path) -> None:
    out, members = merged(folder)
    path = folder / "charts.svg"
    rows = bench(out, members, "-n", "1,3", "--threads", "1,2", "--svg", path)
    svg = ElementTree.parse(path)
    texts = [element.text or "" for element in svg.iter("{http://www.w3.org/2000/svg}text")]
    for contender in {row["contender"] for row in rows}:
        assert contender in texts, texts
    for operator in rows[-1]["operators"][:3]:
        assert any(operator["op"].startswith(text.rstrip("…")) for text in texts if text), texts
    assert "prefers-color-scheme: dark" in path.read_text()
    done = braid("bench", out, "--members", *members, "--counters-only", "--svg", path, code=2)
    assert "draws times" in done.stderr, done.stderr


def report_of(folder: pathlib.Path, name: str, **changes: object) -> pathlib.Path:
    """A report of one timed row, with some of its figures changed."""
    row = {"model": "m", "members": 2, "batch": None, "threads": 1, "contender": "merged",
           "median_ms": 10.0, "steps": 10, "bytes_moved": 1000, "flops": 500, "weight_bytes": 100,
           "arena_bytes": 0, "warnings": []} | changes
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"schema": "braid-bench-2", "rows": [row]}))
    return path


def case_compare(folder: pathlib.Path) -> None:
    old = report_of(folder, "old")
    assert "passed" in braid("bench", "compare", old, old).stdout
    braid("bench", "compare", old, report_of(folder, "within", flops=525))
    done = braid("bench", "compare", old, report_of(folder, "more", flops=526), code=1)
    assert "WORSE" in done.stdout and "+5.2%" in done.stdout, done.stdout
    braid("bench", "compare", old, folder / "more.json", "--max-regress", "6%")
    braid("bench", "compare", old, report_of(folder, "arena", arena_bytes=1), code=1)
    fewer = braid("bench", "compare", old, report_of(folder, "less", steps=5)).stdout
    assert "-50.0%" in fewer and "WORSE" not in fewer, fewer
    other = braid("bench", "compare", old, report_of(folder, "other", members=3), code=1).stdout
    assert "MISSING in the new report: m, merged, 2 members, 1 threads" in other, other


def case_compare_times(folder: pathlib.Path) -> None:
    old = report_of(folder, "old")
    slow = report_of(folder, "slow", median_ms=11.0)
    assert "median_ms" in braid("bench", "compare", old, slow, code=1).stdout
    braid("bench", "compare", old, slow, "--counters-only")
    doubtful = report_of(folder, "doubtful", median_ms=11.0, warnings=["unstable: so"])
    done = braid("bench", "compare", old, doubtful)
    assert "times not compared: m, merged, 2 members, 1 threads: unstable: so" in done.stdout


def case_compare_what_is_no_report(folder: pathlib.Path) -> None:
    old = report_of(folder, "old")
    bad = folder / "bad.json"
    for text, said in [("{", "is no report of braid"),
                       ('{"schema": "braid-bench-9", "rows": []}', "has schema 'braid-bench-9'"),
                       ('{"schema": "braid-bench-2"}', "lacks what its schema has"),
                       ('{"schema": "braid-bench-2", "rows": [{"model": "m"}]}', "lacks what")]:
        bad.write_text(text)
        done = braid("bench", "compare", old, bad, code=3)
        assert f"bad.json: {said}" in done.stderr, done.stderr
    assert "cannot be read" in braid("bench", "compare", old, folder / "none", code=3).stderr
    done = braid("bench", "compare", old, old, "--max-regress", "much", code=2)
    assert "give percent" in done.stderr, done.stderr
    assert "give the merged model" in braid("bench", code=2).stderr


def case_trace(folder: pathlib.Path) -> None:
    out, _ = merged(folder)
    path = folder / "trace.json"
    done = braid("run", out, "--trace", path, "--repeat", 3, "--threads", 1, "--json", "-")
    steps = json.loads(done.stdout)["program"]["steps"]
    events = json.loads(path.read_text())["traceEvents"]
    named = [event for event in events if event["ph"] == "M"]
    assert {event["name"] for event in named} == {"process_name", "thread_name"}, named
    timed = [event for event in events if event["ph"] == "X"]
    assert [event["name"] for event in timed] == [step["place"] for step in steps]
    end = 0.0
    for event, step in zip(timed, steps):
        assert {"ph", "ts", "dur", "name", "pid", "tid"} <= set(event), event
        assert abs(event["ts"] - end) < 1e-3 and abs(event["dur"] - 1e3 * step["ms"]) < 1e-3, event
        assert (event["pid"], event["tid"]) == (1, 1), event
        end = event["ts"] + event["dur"]


def case_program_of_a_model(folder: pathlib.Path) -> None:
    out, _ = merged(folder)
    done = braid("run", out, "--profile", "--repeat", 3, "--threads", 1, "--json", "-")
    report = json.loads(done.stdout)
    steps = report["program"]["steps"]
    assert report["min_ms"] <= report["median_ms"], report
    assert report["load_ms"] > 0 and report["compile_ms"] > 0 and report["first_ms"] > 0, report
    assert all(step["ms"] >= 0 and step["kernel"] for step in steps), steps
    assert report["program"]["arena_bytes"] > 0 and report["program"]["packed_bytes"] > 0
    again = json.loads(braid("run", out, "--dump-program", "--threads", 1, "--json", "-").stdout)
    for step in steps:
        del step["ms"]
    assert again["program"]["steps"] == steps, "programs are deterministic"


if __name__ == "__main__":
    sys.exit(run_cases(globals()))
