"""Braid and ONNX Runtime on the same members, inputs and threads: each contender runs in a process
of its own, all of the same priority, and they take turns in passes, so that what disturbs the
machine for a while disturbs no contender in all passes."""

from __future__ import annotations

import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
from typing import NamedTuple

import numpy as np
import onnxruntime as ort

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BRAID = os.environ.get("BRAID", str(ROOT / "build/release/braid"))
TYPES = {"float": np.float32, "double": np.float64, "float16": np.float16, "int64": np.int64,
         "int32": np.int32, "bool": np.bool_}
ALONE = ["alone"]
MERGED = "merged file"
PEERS = ["sequence", "calm", "shared_pool", "single_threads", "processes", "merged"]


class Effort(NamedTuple):
    """How long to measure: seconds and runs, at least, of each arrangement in each pass."""
    seconds: float = 1.0
    least: int = 5
    passes: int = 2


def call(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr}")
    return done.stdout


def sample(path: pathlib.Path, seed: int, dims: dict[str, int]) -> dict[str, np.ndarray]:
    """Inputs of a member under their names in the merged file; integers are 0 or 1."""
    random = np.random.default_rng(seed)
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    inputs = {}
    for port in ort.InferenceSession(str(path), options).get_inputs():
        shape = [d if isinstance(d, int) else dims.get(d, 1) for d in port.shape]
        dtype = TYPES[port.type.removeprefix("tensor(").removesuffix(")")]
        whole = np.issubdtype(dtype, np.integer) or dtype is np.bool_
        values = random.integers(0, 2, shape) if whole else random.standard_normal(shape)
        inputs[f"{path.stem}/{port.name}"] = values.astype(dtype)
    return inputs


class Contest:
    """All arrangements of one set of members. `merged` may be the one member itself."""

    def __init__(self, merged: pathlib.Path, members: list[pathlib.Path], threads: int,
                 dims: dict[str, int], effort: Effort, folder: pathlib.Path) -> None:
        self.merged, self.members, self.threads, self.effort = merged, members, threads, effort
        self.folder = folder
        self.inputs: dict[str, np.ndarray] = {}
        for seed, member in enumerate(members):
            self.inputs |= sample(member, seed, dims)
        self.rows: dict[tuple[str, str], dict] = {}

    def run(self, kinds: list[str]) -> list[dict]:
        """The rows: Braid's and those of the arrangements of these kinds."""
        is_alone = self.merged == self.members[0]
        prefix = self.merged.stem + "/"
        np.savez(self.folder / "inputs.npz", **self.inputs)
        np.savez(self.folder / "braid.npz", **{
            name.removeprefix(prefix) if is_alone else name: value
            for name, value in self.inputs.items()})
        for _ in range(self.effort.passes):
            self.run_braid("one member alone" if is_alone else "merged")
            for kind in kinds:
                self.run_peer(kind)
        return [self.summary(key, row) for key, row in self.rows.items()]

    def row(self, runtime: str, arrangement: str) -> dict:
        return self.rows.setdefault((runtime, arrangement), {
            "medians": [], "mins": [], "load_s": [], "first_s": [], "rss": []})

    def run_peer(self, kind: str) -> None:
        job = {"members": list(map(str, self.members)), "merged": str(self.merged),
               "inputs": str(self.folder / "inputs.npz"), "threads": self.threads,
               "seconds": self.effort.seconds, "least": self.effort.least}
        path = self.folder / "job.json"
        path.write_text(json.dumps(job))
        result = json.loads(call([sys.executable, str(HERE / "arrangements.py"), kind, str(path)]))
        for arrangement, times in result["times"].items():
            row = self.row("ONNX Runtime", arrangement)
            row["medians"].append(statistics.median(times))
            row["mins"].append(min(times))
            row["load_s"].append(result["load_s"])
            row["first_s"].append(result["first_s"])
            row["rss"].append(result["peak_rss_bytes"])

    def run_braid(self, arrangement: str) -> None:
        report = json.loads(call([
            BRAID, "run", str(self.merged), "--inputs", str(self.folder / "braid.npz"), "--threads",
            str(self.threads), "--repeat", str(self.effort.least + 1), "--min-time",
            str(1.25 * self.effort.seconds), "--dump-program", "--json", "-"]))
        row = self.row("Braid", arrangement)
        row["medians"].append(report["median_ms"] / 1e3)
        row["mins"].append(report["min_ms"] / 1e3)
        row["load_s"].append((report["load_ms"] + report["compile_ms"]) / 1e3)
        row["first_s"].append(report["first_ms"] / 1e3)
        row["rss"].append(report["memory"]["peak_bytes"])
        row["weights"] = report["program"]["constant_bytes"] + report["program"]["packed_bytes"]
        row["program"] = {key: value for key, value in report["program"].items() if key != "steps"}

    def summary(self, key: tuple[str, str], row: dict) -> dict:
        medians = row["medians"]
        result = {"runtime": key[0], "arrangement": key[1], "threads": self.threads,
                  "median_ms": statistics.median(medians) * 1e3, "min_ms": min(row["mins"]) * 1e3,
                  "spread": max(medians) / min(medians) - 1, "load_s": min(row["load_s"]),
                  "first_s": min(row["first_s"]), "passes": len(medians)}
        if row["rss"][0] is not None:
            result["peak_rss_bytes"] = max(row["rss"])
        return result | {name: row[name] for name in ("weights", "program") if name in row}


def own_row(rows: list[dict]) -> dict:
    return next(row for row in rows if row["runtime"] == "Braid")


def best_peer(rows: list[dict]) -> dict:
    """ONNX Runtime's fastest arrangement of the members as they are, or of the one member."""
    kind = "one" if own_row(rows)["arrangement"] == "one member alone" else "members"
    return min((row for row in rows if row["runtime"] != "Braid"
                and row["arrangement"].startswith(kind)), key=lambda row: row["median_ms"])


def speedup(rows: list[dict]) -> float:
    """How many times the best peer's median is of Braid's."""
    return best_peer(rows)["median_ms"] / own_row(rows)["median_ms"]


def merged_speedup(rows: list[dict]) -> float | None:
    """Likewise for the file that Braid merged, in ONNX Runtime."""
    merged = [row for row in rows if row["runtime"] != "Braid" and row["arrangement"] == MERGED]
    return merged[0]["median_ms"] / own_row(rows)["median_ms"] if merged else None


def print_rows(title: str, rows: list[dict]) -> None:
    best = best_peer(rows)["median_ms"]
    print(f"\n{title}\n  {'runtime':13} {'threads':>7}  {'arrangement':42} {'median ms':>10} "
          f"{'min':>10} {'spread':>7} {'load s':>7} {'first s':>8} {'best peer / this':>17}")
    for r in rows:
        print(f"  {r['runtime']:13} {r['threads']:7}  {r['arrangement']:42} {r['median_ms']:10.3f} "
              f"{r['min_ms']:10.3f} {r['spread']:7.1%} {r['load_s']:7.2f} {r['first_s']:8.3f} "
              f"{best / r['median_ms']:17.2f}", flush=True)


def machine() -> dict:
    """What the figures depend on, beside the command."""
    model = next((line.partition(":")[2].strip()
                  for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.processor())
    revision = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"],
                              capture_output=True, text=True).stdout.strip()
    return {"command": " ".join(sys.argv), "processor": model, "cores": os.cpu_count(),
            "load_average": os.getloadavg()[0], "onnxruntime": ort.__version__,
            "python": platform.python_version(),
            "braid": call([BRAID, "--version"]).strip(), "revision": revision}


def write(path: pathlib.Path | None, report: dict) -> None:
    if path:
        path.write_text(json.dumps(machine() | report, indent=1) + "\n")


def scratch() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix="braid-peers-")
