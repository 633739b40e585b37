"""Merges every small model of models/ in every share pattern and lets ONNX Runtime judge."""
# labels: slow

import pathlib
import sys
import tempfile

import onnx

import support


def check(model: pathlib.Path, count: int, pattern: str, folder: pathlib.Path) -> str:
    paths = support.synth(model, count, pattern, folder)
    merged = folder / "merged.onnx"
    support.braid("merge", *paths, "-o", merged)
    error = 0.0
    for sizes in ({"batch": 1, "sequence": 16}, {"batch": 3, "sequence": 11}):
        members = support.Members(paths, merged, sizes)
        error = max(error, members.check(are_equal=pattern == "equal"))
    nodes = len(onnx.load(merged).graph.node) / len(onnx.load(paths[0]).graph.node)
    stored = sum(support.bytes_of(t) for t in support.weights(merged))
    weights = stored / support.unique_weight_bytes(paths)
    # Two classes of unequal size: each parameter is repeated by a Gather on a constant.
    limit = 1.6 if pattern != "classes" else 3.0 if count % 2 else 2.0
    assert nodes <= limit, f"{nodes:.2f} times the nodes of one member"
    assert weights <= 1.03, f"{weights:.3f} times the unique weight bytes"
    return f"error {error:.1e}  nodes {nodes:.2f}  weights {weights:.3f}"


def main() -> int:
    failed = 0
    models = sorted(support.MODELS.glob("*-small-*.onnx"))
    assert models, "models/ holds no small models"
    for model in models:
        for count in (2, 3, 8):
            for pattern in support.PATTERNS:
                case = f"{model.stem} N={count} {pattern}"
                with tempfile.TemporaryDirectory() as folder:
                    try:
                        print("ok    ", case, check(model, count, pattern, pathlib.Path(folder)))
                    except AssertionError as problem:
                        failed += 1
                        print("FAILED", case, problem)
    print(f"{len(models) * 12 - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
