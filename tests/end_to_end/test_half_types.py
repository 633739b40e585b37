"""Models in float16 and bfloat16: weights keep their 16 bits, and no operator is left to plain loops.

ONNX Runtime has few kernels for these types, so it judges by the same model in float, with the same
rounded weights and inputs.
"""

import json
import pathlib
import tempfile

import ml_dtypes
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import support

TYPES = {TensorProto.FLOAT16: np.float16, TensorProto.BFLOAT16: ml_dtypes.bfloat16}
SHAPE = [1, 12, 10, 10]
CHANNELS, WIDTH = 24, 384


def weights(random: np.random.Generator) -> dict[str, np.ndarray]:
    shapes = {
        "w_conv": (CHANNELS, SHAPE[1], 3, 3), "b_conv": (CHANNELS,), "scale": (100,), "bias": (100,),
        "w1": (100, WIDTH), "b1": (WIDTH,), "w2": (WIDTH, 100), "table": (1000, 100),
    }  # fmt: skip
    return {name: random.uniform(-0.2, 0.2, shape) for name, shape in shapes.items()}


def model(kind: int, values: dict[str, np.ndarray]) -> onnx.ModelProto:
    nodes = [
        helper.make_node("Conv", ["x", "w_conv", "b_conv"], ["c"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("MaxPool", ["r"], ["m"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
        helper.make_node("Reshape", ["m", "rows"], ["f"]),
        helper.make_node("LayerNormalization", ["f", "scale", "bias"], ["n"]),
        helper.make_node("MatMul", ["n", "w1"], ["p1"]),
        helper.make_node("Add", ["p1", "b1"], ["s1"]),
        helper.make_node("Sigmoid", ["s1"], ["g"]),
        helper.make_node("Mul", ["s1", "g"], ["a"]),
        helper.make_node("MatMul", ["a", "w2"], ["p2"]),
        helper.make_node("Gather", ["table", "ids"], ["e"]),
        helper.make_node("Add", ["p2", "e"], ["s2"]),
        helper.make_node("Softmax", ["s2"], ["y"]),
        helper.make_node("Transpose", ["s2"], ["z"], perm=[1, 0]),
    ]  # fmt: skip
    dtype = TYPES.get(kind, np.float32)
    tensors = [numpy_helper.from_array(value.astype(dtype), name) for name, value in values.items()]
    tensors.append(numpy_helper.from_array(np.array([-1, 100], np.int64), "rows"))
    graph = helper.make_graph(
        nodes, "g",
        [helper.make_tensor_value_info("x", kind, SHAPE),
         helper.make_tensor_value_info("ids", TensorProto.INT64, [CHANNELS])],
        [helper.make_tensor_value_info("y", kind, [CHANNELS, 100]),
         helper.make_tensor_value_info("z", kind, [100, CHANNELS])], tensors)  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)


def check(kind: int, folder: pathlib.Path) -> None:
    random = np.random.default_rng(3)
    dtype = TYPES[kind]
    values = {name: value.astype(dtype) for name, value in weights(random).items()}
    onnx.save(model(kind, values), folder / "narrow.onnx")
    wide = {name: value.astype(np.float32) for name, value in values.items()}
    onnx.save(model(TensorProto.FLOAT, wide), folder / "wide.onnx")
    x = random.standard_normal(SHAPE).astype(dtype)
    ids = random.integers(0, 1000, CHANNELS)
    for i, array in enumerate((x, ids)):
        (folder / f"input_{i}.pb").write_bytes(numpy_helper.from_array(array).SerializeToString())
    report = folder / "report.json"
    support.braid("run", folder / "narrow.onnx", "--inputs", folder, "--outputs", folder / "out.npz",
                  "--force", "--dump-program", "--json", report)  # fmt: skip
    judge = support.session(folder / "wide.onnx")
    expected = judge.run(None, {"x": x.astype(np.float32), "ids": ids})
    epsilon = float(ml_dtypes.finfo(dtype).eps)
    with np.load(folder / "out.npz") as outputs:
        for name, want in zip(("y", "z"), expected):
            got = outputs[name].astype(np.float32)
            error = np.abs(got - want).max() / np.abs(want).max()
            assert error < 4 * epsilon, f"{dtype.__name__}: {name} differs by {error:.3g}"
            assert error > 0, "the judge computed in 16 bits too"
            assert np.abs(np.roll(got, 1, 0) - want).max() / np.abs(want).max() > 4 * epsilon
    answer = json.loads(report.read_text())
    kernels = {step["kernel"] for step in answer["program"]["steps"]}
    assert "reference" not in kernels, f"{dtype.__name__}: {answer['program']['steps']}"
    unique = sum(value.nbytes for value in values.values())
    assert answer["memory"]["packed_bytes"] <= 1.1 * unique, (answer["memory"], unique)
    print(f"{dtype.__name__}: agrees; kernels: {', '.join(sorted(kernels))}")


with tempfile.TemporaryDirectory() as name:
    for each in TYPES:
        check(each, pathlib.Path(name))
