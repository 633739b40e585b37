#!/usr/bin/env python3
"""Every form of a kernel on layers of real models, beside the shortest time that a GPU can take.

    python benchmarks/kernels/ladder.py [--device cuda] [-n 1,8,32] [--precisions fp32,tf32,fp16] [--json FILE]
    python benchmarks/kernels/ladder.py --quick --device cuda-emulated      does it work?

A layer is one operator of N merged members; `braid run --tune` measures the forms that its product or
convolution has (docs/kernels.md, "How a kernel is chosen") and writes their times to a file, from
which they are read. That is the ladder of a kernel: what each attempt gives, and how far the
best is from the floor, the larger of the bytes and of the operations over what the device can do.
The program is build/cuda/braid, or what BRAID names. Exit code 1, if a layer cannot be measured.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks/gpu"))
import ceilings  # noqa: E402

BRAID = os.environ.get("BRAID", str(ROOT / "build/cuda/braid"))

# Name: kind and sizes; of convolutions [channels, filters, window, stride, groups, image], of
# products [rows, depth, columns].
LAYERS = {
    "ResNet-50, first": ("conv", (3, 64, 7, 2, 1, 224)),
    "ResNet-50, 3x3, 64 channels": ("conv", (64, 64, 3, 1, 1, 56)),
    "ResNet-50, 1x1, 64 to 256": ("conv", (64, 256, 1, 1, 1, 56)),
    "ResNet-50, 3x3, 256 channels": ("conv", (256, 256, 3, 1, 1, 14)),
    "ResNet-50, 1x1, 2048 to 512": ("conv", (2048, 512, 1, 1, 1, 7)),
    "ResNet-50, 3x3, 512 channels": ("conv", (512, 512, 3, 1, 1, 7)),
    "ResNeXt-50, 3x3, 32 groups": ("conv", (256, 256, 3, 1, 32, 28)),
    "MobileNet, 3x3, depthwise": ("conv", (96, 96, 3, 1, 96, 56)),
    "BERT-base, projection": ("product", (128, 768, 768)),
    "BERT-base, feed-forward": ("product", (128, 768, 3072)),
    "BERT-base, feed-forward back": ("product", (128, 3072, 768)),
    "classifier": ("product", (1, 2048, 1000)),
}
QUICK = {
    "3x3": ("conv", (4, 8, 3, 1, 1, 6)),
    "product": ("product", (16, 160, 33)),
}


def model_of(kind: str, sizes: tuple[int, ...], count: int) -> onnx.ModelProto:
    """The operator of all members as `braid merge` writes it, between what stacks and what splits."""
    if kind == "product":
        rows, depth, columns = sizes
        x, y, w, axis = [1, rows, depth], [1, rows, columns], (count, depth, columns), 0
        node = helper.make_node("MatMul", ["stacked", "w"], ["result"])
    else:
        channels, filters, window, stride, groups, image = sizes
        side = (image + 2 * (window // 2) - window) // stride + 1
        x, y, axis = [1, channels, image, image], [1, filters, side, side], 1
        w = (count * filters, channels // groups, window, window)
        node = helper.make_node("Conv", ["stacked", "w"], ["result"], strides=[stride] * 2, group=count * groups,
                                pads=[window // 2] * 4)
    weight = numpy.random.default_rng(count).standard_normal(w).astype(numpy.float32)
    xs, ys = [f"x{i}" for i in range(count)], [f"y{i}" for i in range(count)]
    split = numpy.full(count, y[axis], numpy.int64)
    graph = helper.make_graph(
        [helper.make_node("Concat", xs, ["stacked"], axis=axis), node,
         helper.make_node("Split", ["result", "split"], ys, axis=axis)],
        "layer",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, x) for name in xs],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, y) for name in ys],
        [numpy_helper.from_array(weight, "w"), numpy_helper.from_array(split, "split")])
    return helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])


def call(*arguments: object) -> str:
    return subprocess.run([BRAID, "-q", *map(str, arguments)], check=True, capture_output=True,
                          text=True).stdout


def measure(layer: str, kind: str, sizes: tuple[int, ...], count: int, precision: str, device: str) -> dict:
    """Times of all forms, in microseconds, and the floor where the device is known."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        tuned = folder / "tuned.json"
        onnx.save(model_of(kind, sizes, count), folder / "layer.onnx")
        report = json.loads(call("run", folder / "layer.onnx", "--device", device, "--precision", precision,
                                 "--tune", "--tune-cache", tuned, "--dump-program", "--json", "-"))
        devices = json.loads(tuned.read_text())["devices"]
    (found, layers), = devices.items()
    entry, = layers.values()
    step, = [step for step in report["program"]["steps"] if "measured" in step["choice"]]
    row = {"layer": layer, "members": count, "precision": precision, "device": found,
           "bytes": step["bytes_moved"], "flops": step["flops"], "best": entry["kernel"], "us": entry["us"]}
    if limits := ceilings.of_sheet(found):
        row["floor_us"] = limits.bound_us(step["bytes_moved"], step["flops"], precision)
    return row


def show(row: dict) -> None:
    floor = row.get("floor_us")
    print(f"{row['layer']}, {row['members']} members, {row['precision']}"
          + (f": floor {floor:.1f} us" if floor else ""))
    for form, us in sorted(row["us"].items(), key=lambda item: -item[1]):
        print(f"    {form:32} {us:10.1f} us" + (f"  {us / floor:6.2f} of the floor" if floor else ""))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda")
    parser.add_argument("-n", default="1,8,32", help="numbers of members")
    parser.add_argument("--precisions", default="fp32,tf32,fp16")
    parser.add_argument("--quick", action="store_true", help="small layers, two members, fp32")
    parser.add_argument("--json", type=pathlib.Path)
    arguments = parser.parse_args()
    counts = [2] if arguments.quick else [int(n) for n in arguments.n.split(",")]
    precisions = ["fp32"] if arguments.quick else arguments.precisions.split(",")
    rows, failed = [], 0
    for layer, (kind, sizes) in (QUICK if arguments.quick else LAYERS).items():
        for count in counts:
            for precision in precisions:
                try:
                    rows.append(measure(layer, kind, sizes, count, precision, arguments.device))
                    show(rows[-1])
                except subprocess.CalledProcessError as problem:
                    failed += 1
                    print(f"FAILED {layer}, {count} members, {precision}: {problem.stderr.strip()[-500:]}")
    if arguments.json:
        arguments.json.write_text(json.dumps({"command": sys.argv, "rows": rows}, indent=1) + "\n")
    return 1 if failed or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
