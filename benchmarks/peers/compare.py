#!/usr/bin/env python3
"""Times N members in ONNX Runtime, in every fair arrangement on the same cores, beside Braid.

    python benchmarks/peers/compare.py MERGED.onnx --members A.onnx B.onnx ... [--threads 1 2]
        [--dim batch=1] [--seconds 2] [--json FILE]

One run, one table: each arrangement is warmed up and then they take turns, so that what disturbs
the machine disturbs all; Braid's rows come from `braid bench` in the same run. Times are those of
all members' outputs once. The program is found through BRAID, or is build/release/braid.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
import onnxruntime as ort

ROOT = pathlib.Path(__file__).resolve().parents[2]
BRAID = os.environ.get("BRAID", str(ROOT / "build/release/braid"))
TYPES = {"float": np.float32, "double": np.float64, "float16": np.float16, "int64": np.int64,
         "int32": np.int32, "bool": np.bool_}


def session(path: str, threads: int, spins: bool = True) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", str(int(spins)))
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def sample(member: ort.InferenceSession, seed: int, dims: dict[str, int]) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    inputs = {}
    for port in member.get_inputs():
        shape = [d if isinstance(d, int) else dims.get(d, 2) for d in port.shape]
        dtype = TYPES[port.type.removeprefix("tensor(").removesuffix(")")]
        whole = np.issubdtype(dtype, np.integer) or dtype is np.bool_
        values = random.integers(0, 2, shape) if whole else random.standard_normal(shape)
        inputs[port.name] = values.astype(dtype)
    return inputs


def in_sequence(jobs: list) -> Callable[[], None]:
    def run() -> None:
        for member, inputs in jobs:
            member.run(None, inputs)
    return run


def side_by_side(jobs: list, workers: int) -> Callable[[], None]:
    pool = concurrent.futures.ThreadPoolExecutor(workers)
    return lambda: list(pool.map(lambda job: job[0].run(None, job[1]), jobs)) and None


def arrangements(merged: str, members: list[str], dims: dict[str, int], threads: int) -> dict:
    names = [pathlib.Path(path).stem for path in members]
    alone = [session(path, 1) for path in members]
    inputs = [sample(member, seed, dims) for seed, member in enumerate(alone)]
    together = {f"{name}/{key}": value for name, own in zip(names, inputs)
                for key, value in own.items()}
    whole = session(merged, threads)
    together = {port.name: together[port.name] for port in whole.get_inputs()}
    wide = [session(path, threads) for path in members]
    calm = [session(path, threads, spins=False) for path in members]
    result = {
        "one member alone": in_sequence([(wide[0], inputs[0])]),
        "members in sequence": in_sequence(list(zip(wide, inputs))),
        "merged file": in_sequence([(whole, together)]),
    }
    if threads > 1:
        result["members side by side, one thread each"] = side_by_side(
            list(zip(alone, inputs)), threads)
        result["members side by side, all threads, no spinning"] = side_by_side(
            list(zip(calm, inputs)), threads)
    return result


def measure(runs: dict[str, Callable[[], None]], seconds: float) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        until = time.perf_counter() + seconds / 4
        run()
        while time.perf_counter() < until:
            run()
    while min(sum(t) for t in times.values()) < seconds or min(map(len, times.values())) < 10:
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - start)
    return times


def braid_rows(options: argparse.Namespace, threads: int) -> list[dict]:
    command = [BRAID, "bench", options.merged, "--members", *options.members, "--threads",
               str(threads), "--min-time", str(options.seconds), "--json", "-"]
    for dim in options.dim:
        command += ["--dim", dim]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return json.loads(done.stdout)["rows"]


def row(runtime: str, threads: int, name: str, times: list[float]) -> dict:
    quantiles = statistics.quantiles(times, n=10)
    return {"runtime": runtime, "threads": threads, "arrangement": name,
            "median_ms": statistics.median(times) * 1e3, "min_ms": min(times) * 1e3,
            "p90_ms": quantiles[8] * 1e3, "rounds": len(times)}


def processor() -> str:
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("merged")
    parser.add_argument("--members", nargs="+", required=True)
    parser.add_argument("--threads", nargs="+", type=int, default=[1, os.cpu_count()])
    parser.add_argument("--dim", action="append", default=[], metavar="NAME=SIZE")
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    dims = {name: int(size) for name, size in (dim.split("=") for dim in options.dim)}
    rows = []
    for threads in options.threads:
        times = measure(arrangements(options.merged, options.members, dims, threads),
                        options.seconds)
        rows += [row("ONNX Runtime", threads, name, seconds) for name, seconds in times.items()]
        for entry in braid_rows(options, threads):
            keys = ("median_ms", "min_ms", "p90_ms", "rounds")
            rows.append({"runtime": "Braid", "threads": threads,
                         "arrangement": entry["contender"], **{k: entry[k] for k in keys}})
    for entry in rows:
        peers = [r["median_ms"] for r in rows if r["threads"] == entry["threads"]
                 and r["runtime"] != "Braid" and r["arrangement"].startswith("members")]
        entry["best_peer_over_this"] = min(peers) / entry["median_ms"]
    print(f"{'runtime':13} {'threads':>7}  {'arrangement':48} {'median ms':>10} {'min':>10} "
          f"{'p90':>10} {'best peer / this':>17}")
    for r in rows:
        print(f"{r['runtime']:13} {r['threads']:7}  {r['arrangement']:48} {r['median_ms']:10.3f} "
              f"{r['min_ms']:10.3f} {r['p90_ms']:10.3f} {r['best_peer_over_this']:17.2f}")
    if options.json:
        report = {"command": " ".join(sys.argv), "processor": processor(), "cores": os.cpu_count(),
                  "onnxruntime": ort.__version__, "rows": rows}
        options.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
