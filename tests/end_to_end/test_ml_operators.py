"""Runs operators of ai.onnx.ml with seeded random attributes and inputs; ONNX Runtime judges."""

from __future__ import annotations

import pathlib
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

import test_backend

ROWS, FEATURES = 7, 4
TRANSFORMS = ("NONE", "LOGISTIC", "SOFTMAX", "SOFTMAX_ZERO")
RNG = np.random.default_rng(5)


def tree_attributes(trees: int, depth: int, kind: str, targets: list[int]) -> dict:
    """Full binary trees; every leaf has a weight for each of the targets."""
    rows = {name: [] for name in ("treeids", "nodeids", "featureids", "values", "modes",
                                  "truenodeids", "falsenodeids", "missing_value_tracks_true")}  # fmt: skip
    leaves = {name: [] for name in ("treeids", "nodeids", "ids", "weights")}
    inner = 2**depth - 1
    mode = RNG.choice(["BRANCH_LEQ", "BRANCH_LT", "BRANCH_GT", "BRANCH_GTE"])
    for tree in range(trees):
        for node in range(2 * inner + 1):
            is_leaf = node >= inner
            rows["treeids"].append(tree)
            rows["nodeids"].append(node)
            rows["featureids"].append(0 if is_leaf else int(RNG.integers(FEATURES)))
            rows["values"].append(float(np.float32(RNG.normal())))
            rows["modes"].append("LEAF" if is_leaf else str(mode))
            rows["truenodeids"].append(0 if is_leaf else 2 * node + 1)
            rows["falsenodeids"].append(0 if is_leaf else 2 * node + 2)
            rows["missing_value_tracks_true"].append(int(RNG.integers(2)))
            for target in targets if is_leaf else []:
                leaves["treeids"].append(tree)
                leaves["nodeids"].append(node)
                leaves["ids"].append(target)
                leaves["weights"].append(float(np.float32(RNG.normal())))
    nodes = {f"nodes_{name}": values for name, values in rows.items()}
    return nodes | {f"{kind}_{name}": values for name, values in leaves.items()}


def numbers(dtype: type = np.float32) -> np.ndarray:
    return RNG.normal(size=(ROWS, FEATURES)).astype(dtype)


def floats(count: int) -> list[float]:
    return RNG.normal(size=count).astype(np.float32).tolist()


def cases() -> list[tuple[str, list[np.ndarray], dict]]:
    with_nan = numbers()
    with_nan[2, 1] = np.nan
    words = np.array([["a", "b"], ["c", "zebra"]], object)
    found = []
    for function in ("SUM", "AVERAGE", "MIN", "MAX"):
        for targets, base in ((1, []), (3, floats(3))):
            attributes = tree_attributes(5, 3, "target", list(range(targets)))
            attributes |= {"n_targets": targets, "aggregate_function": function}
            attributes |= {"base_values": base} if base else {}
            found.append(("TreeEnsembleRegressor", [with_nan], attributes))
    for transform in TRANSFORMS:
        attributes = tree_attributes(4, 2, "class", [0, 1, 2])
        attributes |= {"classlabels_int64s": [7, 3, 5], "post_transform": transform}
        found.append(("TreeEnsembleClassifier", [numbers()], attributes))
        for count in (2, 3):
            attributes = {
                "coefficients": floats(count * FEATURES), "intercepts": floats(count),
                "classlabels_strings": ["x", "y", "z"][:count], "post_transform": transform,
                "multi_class": 1,
            }  # fmt: skip
            found.append(("LinearClassifier", [numbers()], attributes))
    for transform in TRANSFORMS:
        attributes = {"coefficients": floats(FEATURES), "intercepts": floats(1),
                      "classlabels_ints": [4, 9], "post_transform": transform}  # fmt: skip
        found.append(("LinearClassifier", [numbers()], attributes))
        for sign in (1, -1):  # weights that are probabilities, and others
            attributes = tree_attributes(4, 2, "class", [0])
            weights = [abs(weight) / 4 for weight in attributes["class_weights"]]
            weights[0] *= sign
            attributes |= {"class_weights": weights, "post_transform": transform}
            found.append(
                ("TreeEnsembleClassifier", [numbers()], attributes | {"classlabels_int64s": [4, 9]}))
    found.append(("LinearRegressor", [numbers()], {"coefficients": floats(8), "targets": 2, "intercepts": floats(2)}))
    for kernel in ("LINEAR", "POLY", "RBF", "SIGMOID"):
        attributes = {"kernel_type": kernel, "kernel_params": [0.3, 0.2, 2.0], "n_supports": 3,
                      "coefficients": floats(3), "support_vectors": floats(12), "rho": floats(1)}  # fmt: skip
        found.append(("SVMRegressor", [numbers()], attributes))
    for classes, probabilities in ((3, False), (3, True), (4, True), (2, True)):
        pairs = classes * (classes - 1) // 2
        attributes = {"kernel_type": "RBF", "kernel_params": [0.3, 0.0, 0.0], "rho": floats(pairs),
                      "coefficients": floats((classes - 1) * 2 * classes),
                      "support_vectors": floats(2 * classes * FEATURES),
                      "vectors_per_class": [2] * classes,
                      "classlabels_ints": list(range(10, 10 + classes))}  # fmt: skip
        if probabilities:
            attributes |= {"prob_a": [-abs(a) for a in floats(pairs)], "prob_b": floats(pairs)}
        found.append(("SVMClassifier", [numbers()], attributes))
    found.append(("SVMRegressor", [numbers()], {"coefficients": floats(4), "rho": floats(1), "one_class": 1,
                                                "kernel_type": "LINEAR",
                                                "kernel_params": [0.0, 0.0, 0.0]}))  # fmt: skip
    found.append(("Scaler", [numbers()], {"scale": floats(4), "offset": floats(4)}))
    found.append(("Scaler", [numbers(np.int64)], {"scale": floats(1), "offset": floats(1)}))
    found += [("Normalizer", [numbers()], {"norm": norm}) for norm in ("MAX", "L1", "L2")]
    found.append(("Imputer", [with_nan], {"imputed_value_floats": floats(4), "replaced_value_float": float("nan")}))
    found.append(("Imputer", [np.arange(8, dtype=np.int64).reshape(2, 4)],
                  {"imputed_value_int64s": [9], "replaced_value_int64": 3}))  # fmt: skip
    found.append(("Binarizer", [numbers()], {"threshold": 0.1}))
    found.append(("ArrayFeatureExtractor", [numbers(), np.array([3, 0], np.int64)], {}))
    found.append(("ArrayFeatureExtractor", [np.arange(5, dtype=np.float32), np.array([4, 1], np.int64)], {}))
    found.append(("ArrayFeatureExtractor", [words, np.array([1], np.int64)], {}))
    found.append(("FeatureVectorizer", [numbers(), numbers()], {"inputdimensions": [4, 4]}))
    found.append(("LabelEncoder", [words], {"keys_strings": ["a", "c"], "values_int64s": [1, 2], "default_int64": 5}))
    found.append(("LabelEncoder", [with_nan], {"keys_floats": [float("nan"), 1.0], "values_strings": ["n", "one"]}))
    found.append(("LabelEncoder", [np.array([1, 2, 3], np.int64)], {"keys_int64s": [1, 3], "values_floats": [0.5, 2.5]}))
    found.append(("OneHotEncoder", [words], {"cats_strings": ["a", "b", "c"]}))
    found.append(("OneHotEncoder", [np.array([1.5, 2, 8], np.float32)], {"cats_int64s": [1, 2]}))
    categories = {"cats_strings": ["a", "b"], "cats_int64s": [3, 4]}
    found.append(("CategoryMapper", [words], categories | {"default_int64": 9}))
    found.append(("CategoryMapper", [np.array([4, 5], np.int64)], categories | {"default_string": "?"}))
    return found


def make_model(op: str, inputs: list[np.ndarray], attributes: dict) -> onnx.ModelProto:
    names = [f"x{i}" for i in range(len(inputs))]
    outputs = ["y", "z"] if op.endswith("Classifier") else ["y"]
    node = helper.make_node(op, names, outputs, domain="ai.onnx.ml", **attributes)
    ports = [
        helper.make_tensor_value_info(
            name,
            TensorProto.STRING if values.dtype == object
            else helper.np_dtype_to_tensor_dtype(values.dtype),
            values.shape,
        )
        for name, values in zip(names, inputs)
    ]  # fmt: skip
    results = [helper.make_empty_tensor_value_info(name) for name in outputs]
    graph = helper.make_graph([node], "g", ports, results)
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 4)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    return onnx.shape_inference.infer_shapes(model)


def check(case: tuple, runner: test_backend.Runner, folder: pathlib.Path) -> str:
    """What is wrong; nothing if all is right."""
    op, inputs, attributes = case
    model = make_model(op, inputs, attributes)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    expected = session.run(None, {f"x{i}": values for i, values in enumerate(inputs)})
    for output, values in zip(model.graph.output, expected):
        kind = (TensorProto.STRING if values.dtype == object
                else helper.np_dtype_to_tensor_dtype(values.dtype))  # fmt: skip
        output.CopyFrom(helper.make_tensor_value_info(output.name, kind, values.shape))
    path = folder / "model.onnx"
    onnx.save(model, path)
    files = []
    for kind, tensors in (("input", inputs), ("output", expected)):
        for i, values in enumerate(tensors):
            file = folder / f"{kind}_{i}.pb"
            file.write_bytes(numpy_helper.from_array(np.asarray(values)).SerializeToString())
            files += [file] if kind == "output" else []
    wanted = test_backend.Case(op, path, folder, files, 1e-4, 1e-5)
    verdict = test_backend.judge(wanted, runner, folder)
    return "" if verdict.result == "passed" else f"{verdict.result} {verdict.reason}"


def main() -> int:
    runner = test_backend.Runner("cpu")
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for case in cases():
            wrong = check(case, runner, pathlib.Path(folder))
            if wrong:
                failures += 1
                shown = {key: value for key, value in case[2].items()
                         if not key.startswith(("nodes_", "class_", "target_"))}  # fmt: skip
                print(f"FAILED {case[0]} {shown}: {wrong}")
        print(f"{len(cases())} cases, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
