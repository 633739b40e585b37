"""Weights in int4 and float8, which ONNX can neither join nor pick from, behind DequantizeLinear.

Distinct ones are stored one after the other, and dequantised by one node. Others stay as the members
have them. No weight is stored twice. ONNX Runtime judges; the weights stand on the left of MatMul,
where it does not round the data to fuse the two.
"""

import pathlib
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper

import support

FLOAT = TensorProto.FLOAT


def packed(name: str, kind: int, shape: list[int], random: np.random.Generator) -> onnx.TensorProto:
    if kind == FLOAT:
        return helper.make_tensor(name, kind, shape, random.uniform(0.1, 1.0, shape).astype(np.float32).ravel())
    values = random.integers(-7, 8, shape)
    return helper.make_tensor(name, kind, shape, values.ravel())


def member(case: dict, seed: int) -> onnx.ModelProto:
    random = np.random.default_rng(seed)
    kind, rows = case["kind"], case["rows"]
    initializers = [packed("w", kind, [rows, 3], random), packed("s", FLOAT, case["scale"], random)]
    inputs = ["w", "s"]
    if "zero_point" in case:
        initializers.append(packed("z", kind, case["scale"], random))
        inputs.append("z")
    graph = helper.make_graph(
        [helper.make_node("DequantizeLinear", inputs, ["d"], **case["attributes"]),
         helper.make_node("MatMul", ["d", "x"], ["y"])],
        "g", [helper.make_tensor_value_info("x", FLOAT, [3, "N"])],
        [helper.make_tensor_value_info("y", FLOAT, [rows, "N"])], initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)


INT4, UINT4, FLOAT8 = TensorProto.INT4, TensorProto.UINT4, TensorProto.FLOAT8E4M3FN
CASES = {
    "int4 per tensor": {"kind": INT4, "rows": 4, "scale": [], "attributes": {}, "joined": True},
    "int4 per row": {"kind": INT4, "rows": 4, "scale": [4], "attributes": {"axis": 0}, "zero_point": True,
                     "joined": True},
    "int4 per column": {"kind": INT4, "rows": 4, "scale": [3], "attributes": {"axis": 1}, "joined": True},
    "int4 in blocks": {"kind": INT4, "rows": 4, "scale": [2, 3], "attributes": {"axis": 0, "block_size": 2},
                       "zero_point": True, "joined": True},
    "int4 of half bytes": {"kind": INT4, "rows": 3, "scale": [], "attributes": {}, "joined": False},
    "int4, a zero point of half a byte": {"kind": INT4, "rows": 4, "scale": [], "attributes": {},
                                          "zero_point": True, "joined": False},
    "float8 per column": {"kind": FLOAT8, "rows": 4, "scale": [3], "attributes": {"axis": 1}, "joined": True},
}


def check(case: dict, seeds: list[int], folder: pathlib.Path) -> None:
    paths = [folder / f"m{i}.onnx" for i in range(len(seeds))]
    for seed, path in zip(seeds, paths):
        onnx.save(member(case, seed), path)
    merged = folder / "merged.onnx"
    support.braid("merge", "--merge-always", *paths, "-o", merged)
    model = onnx.load(merged)
    onnx.checker.check_model(model, full_check=True)
    count = [node.op_type for node in model.graph.node].count("DequantizeLinear")
    is_joined = case["joined"] and len(set(seeds)) == len(seeds)
    assert count == (1 if is_joined else len(seeds)), f"{count} nodes dequantise"
    stored = [t for t in model.graph.initializer if t.data_type == case["kind"]]
    contents = [(tuple(t.dims), t.raw_data) for t in stored]
    assert len(contents) == len(set(contents)), "a weight is stored twice"
    members = support.Members(paths, merged, {"N": 5})
    actual = members.actual()
    for i in range(len(seeds)):
        assert support.all_agree(actual[i], members.expected(i, i)), f"member {i}"
    assert not support.all_agree(members.expected(0, 0), members.expected(1, 0)), "no control"


def main() -> int:
    failed = 0
    for name, case in CASES.items():
        for seeds in ([1, 2, 3], [1, 2, 1, 2]):
            with tempfile.TemporaryDirectory() as folder:
                try:
                    check(case, seeds, pathlib.Path(folder))
                    print("ok    ", name, seeds)
                except AssertionError as problem:
                    failed += 1
                    print("FAILED", name, seeds, problem)
    print(f"{2 * len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
