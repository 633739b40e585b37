#!/usr/bin/env python3
"""Compares what Programs cost on any machine with what they cost when it was last looked at.

    python benchmarks/counters.py            # exit code 1 if a counter grew by more than 1 %
    python benchmarks/counters.py --renew    # after a change that is meant: writes the baseline
    python benchmarks/counters.py --device cuda-emulated    # the same of Programs for a GPU

Counters are steps, bytes moved, FLOPs, bytes of weights and of the arena, on a GPU also launches of
kernels and the same in fp16, of a few merged models and of their members; no time is measured. The program is found through BRAID, or is
build/dev/braid. oneDNN is held to one instruction set, as its layouts depend on it.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
BASELINES = {"cpu": ROOT / "benchmarks/baseline/counters.json",
             "cuda-emulated": ROOT / "benchmarks/baseline/cuda_counters.json"}
BRAID = os.environ.get("BRAID", str(ROOT / "build/dev/braid"))
COUNT = 4
SHARES = {"fused": [], "stitched": ["--share", "0.8"]}
MODELS = ["bert-small-dynamo", "resnet-small-dynamo", "resnext-small-legacy", "xlnet-small-dynamo",
          "bench/transformer-4", "zoo/lstm-dynamo", "zoo/mobilenet-v3-dynamo"]
MAX_REGRESS = "1%"


def braid(*arguments: object) -> str:
    command = [BRAID, "-q", *map(str, arguments)]
    environment = os.environ | {"DNNL_MAX_CPU_ISA": "AVX2"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr}")
    return done.stdout


def counters(merged: pathlib.Path, members: list[pathlib.Path], device: str, *options: str) -> list[dict]:
    report = json.loads(braid("bench", merged, "--members", *members, "--threads", 1, "--dim", "batch=2",
                              "--device", device, *options, "--counters-only", "--json", "-"))
    return report["rows"]


def rows_of(model: str, share: str, device: str, folder: pathlib.Path) -> list[dict]:
    source = ROOT / f"models/{model}.onnx"
    braid("synth", source, "-n", COUNT, "--seed", 1, *SHARES[share], "-o", folder)
    members = [folder / f"{source.stem}-{i}.onnx" for i in range(COUNT)]
    merged = folder / f"{share}-{source.stem}.onnx"
    braid("merge", *members, "-o", merged, "--target", "cpu" if device == "cpu" else "gpu")
    rows = counters(merged, members, device)
    if device != "cpu" and share == "fused":
        half = merged.rename(folder / f"fp16-{merged.name}")  # rows are told apart by that name
        rows += counters(half, members, device, "--precision", "fp16")
    return rows


def measure(device: str) -> dict:
    rows = []
    for model in MODELS:
        for share in SHARES:
            with tempfile.TemporaryDirectory() as folder:
                rows += rows_of(model, share, device, pathlib.Path(folder))
    return {"schema": "braid-bench-2", "argv": ["benchmarks/counters.py"], "rows": rows}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--renew", action="store_true", help="write the baseline")
    parser.add_argument("--device", choices=BASELINES, default="cpu")
    options = parser.parse_args()
    baseline = BASELINES[options.device]
    report = json.dumps(measure(options.device), indent=1) + "\n"
    if options.renew:
        baseline.write_text(report)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "counters.json"
        path.write_text(report)
        return subprocess.run([BRAID, "bench", "compare", baseline, path, "--counters-only",
                               "--max-regress", MAX_REGRESS]).returncode


if __name__ == "__main__":
    sys.exit(main())
