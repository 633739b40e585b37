"""Merges three members of the architectures of the zoo in four share patterns; ONNX Runtime judges.

Prints for each merge its nodes, relative to one member as it was given and brought into canonical
form, its weight bytes, relative to the distinct weights of the members, the largest error, and the seconds that
merging took. Then what ran per member, and the operators there are more of than in one member.
Takes one export of each architecture; all of them with --full.
"""
# labels: slow

from __future__ import annotations

import argparse
import collections
import concurrent.futures
import json
import math
import pathlib
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable

import onnx
import onnxruntime as ort

import support

COUNT = 3
SIZES = (
    {"batch": 1, "sequence": 16, "height": 48, "width": 64, "length": 40},
    {"batch": 3, "sequence": 11, "height": 64, "width": 48, "length": 33},
)
TRAINED = "trained"  # members with real weights, from models/sklearn

# The most nodes of a merged file, and the most on geometric average over the models.
MOST_NODES = {"different": 1.6, "shared": 1.6, "classes": 2.0, "equal": 1.6}
MOST_ON_AVERAGE = {"different": 1.2, "shared": 1.2}
MOST_WEIGHTS = 1.01

# What does not reach these limits: the most nodes, then those in two classes of unequal size
# ("classes"), then the reason.
EXCEPTIONS: dict[str, tuple[float, float, str]] = {
    "vgg": (1.6, 2.1, "18 nodes with weights of ten shapes: a Concat for each that is repeated"),
    "tcn-dynsize": (1.7, 2.0, "15 nodes, and four sizes of its input known at run time only"),
}

FOLDED = "a constant computed from weights is larger than they are: position biases"
WEIGHT_EXCEPTIONS: dict[str, tuple[float, str]] = {"swin": (1.015, FOLDED)}

FLOATS = {"float16", "bfloat16", "float32", "float64"}


def weight_tensors(path: pathlib.Path) -> list[tuple]:
    """Bytes of each float tensor and of other ones above 4 KiB; the rest is shapes, positions.

    What the record keeps of the members' files, where their weights cannot be had from the merged
    ones (ADR 10), is read by no node, and no weight.
    """
    tensors = []
    for graph in support.graphs(onnx.load(path).graph):
        constants = [a.t for n in graph.node if n.op_type == "Constant" for a in n.attribute]
        for tensor in [*graph.initializer, *constants]:
            if tensor.name == "braid.kept":
                continue
            values = onnx.numpy_helper.to_array(tensor)
            if values.dtype.name in FLOATS or values.nbytes > 4096:
                tensors.append((values.dtype.name, values.shape, values.tobytes()))
    return tensors


def weight_ratio(merged: pathlib.Path, paths: list[pathlib.Path]) -> float:
    stored = sum(len(content) for *_, content in weight_tensors(merged))
    unique = {tensor for path in paths for tensor in weight_tensors(path)}
    return stored / max(1, sum(len(content) for *_, content in unique))


def operators(path: pathlib.Path) -> collections.Counter:
    graphs = support.graphs(onnx.load(path).graph)
    return collections.Counter(node.op_type for graph in graphs for node in graph.node)


def most_common(counts: collections.Counter) -> str:
    return ", ".join(f"{count} {op_type}" for op_type, count in counts.most_common(5))


def per_member(report: pathlib.Path) -> str:
    """The operators that were not merged, and how often."""
    groups = json.loads(report.read_text())["groups"]
    counts = collections.Counter(
        site["op_type"]
        for group in groups
        for site in group["sites"]
        if site["rule"] == "per member"
    )
    return f"{len(groups)} groups " * (len(groups) > 1) + most_common(counts)


def merge(model: pathlib.Path, pattern: str, folder: pathlib.Path) -> dict:
    """Merges and compares; returns a row of the table."""
    if pattern == TRAINED:
        stem = model.stem.rsplit("-", 1)[0]
        paths = [model.parent / f"{stem}-{i}.onnx" for i in range(COUNT)]
    else:
        paths = support.synth(model, COUNT, pattern, folder)
    one, merged, report = folder / "one.onnx", folder / "merged.onnx", folder / "report.json"
    support.braid("merge", paths[0], "-o", one)
    start = time.perf_counter()
    support.braid("merge", *paths, "-o", merged, "--json", report)
    seconds = time.perf_counter() - start
    members = support.Members(paths, merged, SIZES[0])
    error = members.check(are_equal=pattern == "equal")
    members.draw(SIZES[1])
    given, before, after = operators(paths[0]), operators(one), operators(merged)
    return {
        "nodes_of_member": given.total(),
        "nodes_canonical": before.total(),
        "nodes_merged": after.total(),
        "node_ratio": after.total() / given.total(),
        "canonical_ratio": after.total() / before.total(),
        "weight_ratio": weight_ratio(merged, paths),
        "error": max(error, members.check(are_equal=pattern == "equal")),
        "seconds": seconds,
        "per_member": per_member(report),
        "added": most_common(after - before),
    }


def judge(case: tuple[pathlib.Path, str]) -> dict:
    model, pattern = case
    name = model.stem if pattern != TRAINED else model.stem.rsplit("-", 1)[0]
    row = {"model": name, "pattern": pattern}
    with tempfile.TemporaryDirectory() as folder:
        try:
            row |= merge(model, pattern, pathlib.Path(folder))
        except Exception as problem:  # of ONNX Runtime too; the other cases go on
            where = traceback.extract_tb(problem.__traceback__)[-1]
            return row | {"failure": f"{where.name}: {problem}"}
    if pattern != TRAINED:  # weights in attributes are not counted
        problems = beyond_limits(row)
        if problems:
            row["failure"] = "; ".join(problems)
    return row


def beyond_limits(row: dict) -> list[str]:
    architecture = row["model"].removesuffix("-legacy").removesuffix("-dynamo")
    is_classes = row["pattern"] == "classes"
    nodes = MOST_NODES[row["pattern"]]
    nodes = EXCEPTIONS.get(architecture, (nodes, nodes, ""))[is_classes]
    weights = max(
        WEIGHT_EXCEPTIONS.get(key, (MOST_WEIGHTS, ""))[0] for key in (architecture, row["pattern"])
    )
    problems = []
    if row["node_ratio"] > nodes:
        problems.append(f"{row['node_ratio']:.2f} times the nodes, at most {nodes}")
    if row["weight_ratio"] > weights:
        problems.append(f"{row['weight_ratio']:.3f} times the weight bytes, at most {weights}")
    return problems


def line(row: dict) -> str:
    text = f"{row['model']:24} {row['pattern']:9} "
    if "node_ratio" in row:
        text += (
            f"{row['nodes_of_member']:4} ({row['nodes_canonical']:4}) -> {row['nodes_merged']:4} nodes"
            f" {row['node_ratio']:5.2f} ({row['canonical_ratio']:.2f})"
            f"  weights {row['weight_ratio']:.3f}  error {row['error']:.0e}"
            f"  {row['seconds']:.2f} s"
            f"  per member: {row['per_member'] or '-'}  added: {row['added'] or '-'}"
        )
    return text + (f"  FAILED {row['failure']}" if "failure" in row else "")


def geometric_mean(values: Iterable[float]) -> float:
    logarithms = [math.log(value) for value in values]
    return math.exp(sum(logarithms) / len(logarithms))


def averages(rows: list[dict]) -> list[str]:
    """Prints the geometric mean of the node ratio for each pattern; returns what is too much."""
    failures = []
    for pattern in (*support.PATTERNS, TRAINED):
        own = [row for row in rows if row["pattern"] == pattern and "node_ratio" in row]
        if not own:
            continue
        mean = geometric_mean(row["node_ratio"] for row in own)
        most = max(row["node_ratio"] for row in own)
        canonical = geometric_mean(row["canonical_ratio"] for row in own)
        print(
            f"{pattern:9} {len(own)} merges, nodes {mean:.2f} on average, {most:.2f} at most;"
            f" {canonical:.2f} on average of canonical members"
        )
        if mean > MOST_ON_AVERAGE.get(pattern, math.inf):
            failures.append(f"{pattern}: {mean:.2f} times the nodes on average")
    return failures


def write(path: pathlib.Path, rows: list[dict]) -> None:
    report = {
        "what": f"{COUNT} members of each model of the zoo merged; judged by ONNX Runtime",
        "command": "python tests/end_to_end/test_zoo.py --full --json FILE",
        "machine": {"onnxruntime": ort.__version__},
        "rows": rows,
    }
    path.write_text(json.dumps(report, indent=1) + "\n")


def one_of_each(models: list[pathlib.Path]) -> list[pathlib.Path]:
    """One model of each architecture, from one exporter and the other in turn."""
    exports = collections.defaultdict(list)
    for model in models:
        exports[model.stem.rsplit("-", 1)[0]].append(model)
    return [files[i % len(files)] for i, files in enumerate(exports.values())]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="each model, not one per architecture")
    parser.add_argument("--only", metavar="PREFIX", default="", help="models with such names only")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the table there")
    options = parser.parse_args(arguments)
    models = sorted((support.MODELS / "zoo").glob("*.onnx"))
    assert models, "models/zoo holds no models"
    if not options.full and not options.only:
        models = one_of_each(models)
    cases = [(model, pattern) for model in models for pattern in support.PATTERNS]
    cases += [(model, TRAINED) for model in sorted((support.MODELS / "sklearn").glob("*-0.onnx"))]
    cases = [case for case in cases if case[0].stem.startswith(options.only)]
    rows = []
    with concurrent.futures.ProcessPoolExecutor(max_workers=2) as pool:
        for row in pool.map(judge, cases):
            rows.append(row)
            print(line(row), flush=True)
    if options.json:
        write(options.json, rows)
    failures = [row for row in rows if "failure" in row]
    too_many = averages(rows)
    for architecture, (nodes, in_classes, reason) in EXCEPTIONS.items():
        print(f"exception {architecture}: nodes {nodes}, in classes {in_classes}: {reason}")
    for key, (weights, reason) in WEIGHT_EXCEPTIONS.items():
        print(f"exception {key}: weights {weights}: {reason}")
    print(*too_many, f"{len(rows) - len(failures)} passed, {len(failures)} failed", sep="\n")
    return 1 if failures or too_many else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
