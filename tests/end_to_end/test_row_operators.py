"""Operators of ai.onnx.ml behind weights that differ: one node serves the rows of all members.

Their parameters are attributes, so they must be equal for members to align. ONNX Runtime judges.
"""

import pathlib
import sys
import tempfile

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import support

FLOAT, INT64 = TensorProto.FLOAT, TensorProto.INT64
TREES = {
    "nodes_treeids": [0, 0, 0],
    "nodes_nodeids": [0, 1, 2],
    "nodes_featureids": [1, 0, 0],
    "nodes_modes": ["BRANCH_LEQ", "LEAF", "LEAF"],
    "nodes_values": [0.1, 0.0, 0.0],
    "nodes_truenodeids": [1, 0, 0],
    "nodes_falsenodeids": [2, 0, 0],
}

# Operator, attributes, outputs (type, shape).
CASES = [
    ("Binarizer", {"threshold": 0.3}, [(FLOAT, ["N", 3])]),
    ("Normalizer", {"norm": "L2"}, [(FLOAT, ["N", 3])]),
    ("Scaler", {"offset": [0.1, 0.2, 0.3], "scale": [1.0, 2.0, 3.0]}, [(FLOAT, ["N", 3])]),
    ("Imputer", {"imputed_value_floats": [0.5], "replaced_value_float": 0.0}, [(FLOAT, ["N", 3])]),
    ("LinearRegressor", {"coefficients": [1.0, -2.0, 0.5, 0.3, 0.2, 0.1], "intercepts": [0.1, 0.2],
                         "targets": 2}, [(FLOAT, ["N", 2])]),
    ("LinearClassifier", {"coefficients": [1.0, -2.0, 0.5, -1.0, 2.0, -0.5], "intercepts": [0.1, 0.2],
                          "classlabels_ints": [3, 7], "post_transform": "SOFTMAX"},
     [(INT64, ["N"]), (FLOAT, ["N", 2])]),
    ("SVMRegressor", {"coefficients": [1.0, -1.0], "kernel_params": [0.5, 0.0, 3.0], "kernel_type": "RBF",
                      "n_supports": 2, "rho": [0.2], "support_vectors": [0.1, 0.2, 0.3, -0.1, 0.5, 1.0]},
     [(FLOAT, ["N", 1])]),
    ("TreeEnsembleRegressor", {**TREES, "target_treeids": [0, 0], "target_nodeids": [1, 2],
                               "target_ids": [0, 0], "target_weights": [1.0, -2.0], "n_targets": 1},
     [(FLOAT, ["N", 1])]),
    ("TreeEnsembleClassifier", {**TREES, "class_treeids": [0, 0], "class_nodeids": [1, 2],
                                "class_ids": [0, 1], "class_weights": [1.0, 1.0],
                                "classlabels_int64s": [5, 6]}, [(INT64, ["N"]), (FLOAT, ["N", 2])]),
]


def save_member(path: pathlib.Path, seed: int, case: tuple) -> None:
    operator, attributes, outputs = case
    weight = np.random.default_rng(seed).standard_normal((4, 3)).astype(np.float32)
    names = [f"y{i}" for i in range(len(outputs))]
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["h"]),
         helper.make_node(operator, ["h"], names, domain="ai.onnx.ml", **attributes)],
        "g", [helper.make_tensor_value_info("x", FLOAT, ["N", 4])],
        [helper.make_tensor_value_info(n, t, s) for n, (t, s) in zip(names, outputs)],
        [numpy_helper.from_array(weight, "w")])
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)


def check(case: tuple, folder: pathlib.Path) -> None:
    paths = [folder / f"m{i}.onnx" for i in range(3)]
    for seed, path in enumerate(paths):
        save_member(path, seed, case)
    merged = folder / "merged.onnx"
    support.braid("merge", "--merge-always", *paths, "-o", merged)
    count = [node.op_type for node in onnx.load(merged).graph.node].count(case[0])
    assert count == 1, f"{count} nodes of {case[0]}"
    for batch in (1, 5):
        members = support.Members(paths, merged, {"N": batch})
        actual = members.actual()
        for i in range(3):
            assert support.all_agree(actual[i], members.expected(i, i)), f"member {i}, batch {batch}"
        if batch > 1:
            others = [members.expected(1, 0), members.expected(2, 0)]
            assert not all(support.all_agree(o, members.expected(0, 0)) for o in others), "no control"


def main() -> int:
    failed = 0
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            try:
                check(case, pathlib.Path(folder))
                print("ok    ", case[0])
            except AssertionError as problem:
                failed += 1
                print("FAILED", case[0], problem)
    print(f"{len(CASES) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
