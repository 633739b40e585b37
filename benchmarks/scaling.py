#!/usr/bin/env python3
"""How time and memory of the verbs grow: with the number of members, and with the size of a graph.

    python benchmarks/scaling.py [--largest N] [--json FILE]

  members   10, 100 and 1000 small members (resnet-small-dynamo, weights of their own)
  nodes     two members of 1,000, 10,000 and 100,000 nodes (residual blocks of six nodes)

The exponent is that of the last step: 1 is linear growth, 2 quadratic. Times are the shortest of
three runs; memory is the peak of anonymous pages (VmHWM would count the members' mapped files, too).
The program is build/release/braid, or what BRAID names.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import pathlib
import platform
import shutil
import subprocess
import tempfile
import threading
import time

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[1]
BRAID = os.environ.get("BRAID", str(ROOT / "build/release/braid"))
SIZES = {"members": (10, 100, 1000), "nodes": (1_000, 10_000, 100_000)}
RUNS = 3


def anonymous_bytes(pid: int) -> int:
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) << 10
    except OSError:
        pass  # it has ended
    return 0


def measure(arguments: list[object]) -> tuple[float, int]:
    """Seconds, and the peak of anonymous memory, looked at every millisecond."""
    start = time.perf_counter()
    process = subprocess.Popen([BRAID, "-q", *map(str, arguments)], stdout=subprocess.DEVNULL)
    peak = 0

    def watch() -> None:
        nonlocal peak
        while process.poll() is None:
            peak = max(peak, anonymous_bytes(process.pid))
            time.sleep(0.001)

    watcher = threading.Thread(target=watch)
    watcher.start()
    code = process.wait()
    seconds = time.perf_counter() - start
    watcher.join()
    if code != 0:
        raise RuntimeError(f"{arguments}: exit code {code}")
    return seconds, peak


def make_members(count: int, folder: pathlib.Path) -> list[pathlib.Path]:
    model = ROOT / "models/resnet-small-dynamo.onnx"
    subprocess.run([BRAID, "-q", "synth", model, "-n", str(count), "-o", folder], check=True)
    return [folder / f"{model.stem}-{i}.onnx" for i in range(count)]


def make_graph(nodes: int, seed: int, path: pathlib.Path) -> pathlib.Path:
    """Blocks x + MatMul(Relu(MatMul(x) + b)), and what normalises them."""
    draw = np.random.default_rng(seed)
    graph = onnx.GraphProto(name="blocks")
    width, value = 4, "x"

    def weight(name: str, *dims: int) -> str:
        array = draw.standard_normal(dims).astype(np.float32)
        graph.initializer.append(numpy_helper.from_array(array, name))
        return name

    for block in range(nodes // 6):
        steps = [("MatMul", [value, weight(f"w{block}", width, width)]), ("Add", [weight(f"b{block}", width)]),
                 ("Relu", []), ("MatMul", [weight(f"v{block}", width, width)]), ("Add", [value]), ("Tanh", [])]  # fmt: skip
        for step, (operator, others) in enumerate(steps):
            out = f"n{block}_{step}"
            inputs = others if step == 0 else [value, *others]
            graph.node.append(helper.make_node(operator, inputs, [out], name=out))
            value = out
    graph.input.append(helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", width]))
    graph.output.append(helper.make_tensor_value_info(value, TensorProto.FLOAT, ["N", width]))
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def make(kind: str, size: int, folder: pathlib.Path) -> list[pathlib.Path]:
    if kind == "members":
        return make_members(size, folder)
    folder.mkdir()
    return [make_graph(size, seed, folder / f"{seed}.onnx") for seed in (0, 1)]


def commands(paths: list[pathlib.Path], folder: pathlib.Path) -> dict[str, list[object]]:
    merged = folder / "merged.onnx"
    return {
        "merge": ["merge", *paths, "-o", merged, "--force"],
        "plan": ["plan", *paths],
        "inspect": ["inspect", *paths],
        "inspect merged": ["inspect", merged],
        "verify merged": ["verify", merged],
        "extract": ["extract", merged, paths[0].stem, "-o", folder / "back.onnx", "--force"],
        "split": ["split", merged, "-o", folder / "parts", "--force"],
        "run": ["run", merged],
        "verify": ["verify", merged, *paths],
    }


def exponent(rows: list[dict], key: str) -> float:
    before, last = rows[-2:]
    return math.log(last[key] / before[key]) / math.log(last["size"] / before["size"])


def scale(kind: str, largest: int) -> list[dict]:
    rows: dict[str, list[dict]] = {}
    for size in (size for size in SIZES[kind] if size <= largest):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            paths = make(kind, size, folder / "members")
            for verb, arguments in commands(paths, folder).items():
                measured = [measure(arguments) for _ in range(RUNS)]
                row = {"kind": kind, "verb": verb, "size": size,
                       "seconds": min(seconds for seconds, _ in measured),
                       "peak_anonymous_mb": max(peak for _, peak in measured) / 1e6}  # fmt: skip
                rows.setdefault(verb, []).append(row)
                print(f"{kind:8} {size:7} {verb:15} {row['seconds']:9.3f} s {row['peak_anonymous_mb']:8.1f} MB", flush=True)
            shutil.rmtree(folder / "parts", ignore_errors=True)
    for verb, own in rows.items():
        if len(own) > 1:
            print(f"{kind:8} {verb:15} exponent {exponent(own, 'seconds'):.2f} in time, "
                  f"{exponent(own, 'peak_anonymous_mb'):.2f} in memory")  # fmt: skip
    return [row for own in rows.values() for row in own]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=SIZES)
    parser.add_argument("--largest", type=int, default=100_000, help="leave larger sizes out")
    parser.add_argument("--json", type=pathlib.Path)
    arguments = parser.parse_args()
    kinds = [arguments.only] if arguments.only else list(SIZES)
    rows = [row for kind in kinds for row in scale(kind, arguments.largest)]
    if arguments.json:
        machine = {"cpu": platform.processor() or platform.machine(), "cores": os.cpu_count()}
        report = {"what": "time and memory of the verbs by members and nodes",
                  "command": "python benchmarks/scaling.py --json FILE", "machine": machine, "rows": rows}  # fmt: skip
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
