"""One architecture in different clothes merges as one: exporters, opsets, IR versions, and where
the weights lie. ONNX Runtime runs the members and the merged file."""
# labels: slow

from __future__ import annotations

import json
import pathlib
import sys
import tempfile
from collections.abc import Callable

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

import support

LARGE = 200  # a square weight of this side is above what constant folding copies

# What the same two layers, relu(x @ w + b) @ v, may look like in a file.
ROWS = ["batch", LARGE]


def weights(seed: int) -> dict[str, np.ndarray]:
    random = np.random.default_rng(seed)
    shapes = {"w": (LARGE, LARGE), "b": (LARGE,), "v": (LARGE, LARGE)}
    return {k: random.standard_normal(s).astype(np.float32) * 0.1 for k, s in shapes.items()}


def model(nodes, tensors: dict[str, np.ndarray], opset: int, ir: int = 8) -> onnx.ModelProto:
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ROWS)]
    if ir < 4:  # initializers had to be inputs
        inputs += [
            helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(t.dtype), t.shape)
            for name, t in tensors.items()
        ]
    graph = helper.make_graph(
        nodes,
        "layers",
        inputs,
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ROWS)],
        [numpy_helper.from_array(np.ascontiguousarray(t), name) for name, t in tensors.items()],
    )
    return helper.make_model(graph, ir_version=ir, opset_imports=[helper.make_opsetid("", opset)])


def node(op: str, inputs: str, output: str, **attributes) -> onnx.NodeProto:
    return helper.make_node(op, inputs.split(), [output], **attributes)


TAIL = [node("Relu", "s", "r"), node("MatMul", "r v", "y")]


def plain(t, opset=17, ir=8):
    nodes = [node("MatMul", "x w", "p"), node("Add", "p b", "s"), *TAIL]
    return model(nodes, t, opset, ir)


def gemm(t, opset=17, ir=8):
    return model([node("Gemm", "x w b", "s"), *TAIL], t, opset, ir)


def gemm_transposed(t, opset=17, ir=8):
    return model([node("Gemm", "x w b", "s", transB=1), *TAIL], {**t, "w": t["w"].T}, opset, ir)


def transposed(t, opset=17, ir=8):
    nodes = [node("Transpose", "u", "w"), node("MatMul", "x w", "p"), node("Add", "b p", "s")]
    return model([*nodes, *TAIL], {"u": t["w"].T, "b": t["b"], "v": t["v"]}, opset, ir)


def reshaped(t, opset=17, ir=8):
    flat = {"u": t["w"].reshape(-1), "d": np.array([LARGE, -1]), "b": t["b"], "v": t["v"]}
    nodes = [node("Reshape", "u d", "k"), node("Identity", "k", "w"), node("Gemm", "x w b", "s")]
    return model([*nodes, *TAIL], flat, opset, ir)


def converted(t, opset=17, ir=8):
    nodes = [node("Cast", "u", "w", to=TensorProto.FLOAT), node("Gemm", "x w b", "s"), *TAIL]
    tensors = {"u": t["w"].astype(np.float64), "b": t["b"], "v": t["v"]}
    return model(nodes, tensors, opset, ir)


def in_a_node(t, opset=17, ir=8):
    constant = node("Constant", "", "w", value=numpy_helper.from_array(t["w"]))
    nodes = [constant, node("Gemm", "x w b", "s"), *TAIL]
    return model(nodes, {"b": t["b"], "v": t["v"]}, opset, ir)


CLOTHES = (plain, gemm, gemm_transposed, transposed, reshaped, converted, in_a_node)


def merge(models: list[onnx.ModelProto], folder: pathlib.Path) -> onnx.ModelProto:
    """Merges and compares every output; returns the merged model."""
    paths = []
    for i, one in enumerate(models):
        paths.append(folder / f"member-{i}.onnx")
        onnx.save(one, paths[-1])
    merged = folder / "merged.onnx"
    support.braid("merge", *paths, "-o", merged, "--force")
    members = support.Members(paths, merged, {"batch": 3})
    for i, actual in enumerate(members.actual()):
        assert support.all_agree(actual, members.expected(i, i)), f"member {i} differs"
    return onnx.load(merged)


def stored_bytes(merged: onnx.ModelProto) -> int:
    """Of weights, without the originals that the record keeps of those that a pass changed."""
    tensors = [t for t in merged.graph.initializer if t.name != "braid.kept"]
    return sum(len(t.raw_data) for t in tensors)


def same_weights_in_other_clothes(folder: pathlib.Path) -> None:
    """However a member holds them, equal weights are stored once."""
    shared = weights(1)
    merged = merge([clothes(shared) for clothes in CLOTHES], folder)
    unique = sum(t.nbytes for t in shared.values())
    assert stored_bytes(merged) < 1.01 * unique, "a weight is stored twice"
    products = [n.op_type for n in merged.graph.node if n.op_type in ("Gemm", "MatMul")]
    assert len(products) == 2, f"not one architecture: {products}"


def other_weights_in_other_clothes(folder: pathlib.Path) -> None:
    models = [clothes(weights(i)) for i, clothes in enumerate(CLOTHES)]
    merged = merge(models, folder)
    products = [n.op_type for n in merged.graph.node if n.op_type in ("Gemm", "MatMul")]
    assert len(products) == 2, f"not one architecture: {products}"


def tied_weight_stays_one(folder: pathlib.Path) -> None:
    """A weight read as it is and transposed is stored once."""
    nodes = [node("Transpose", "v", "u"), node("MatMul", "x u", "s"), *TAIL]
    tied = {"v": weights(3)["v"]}
    merged = merge([model(nodes, tied, 17), model(nodes, tied, 17)], folder)
    assert stored_bytes(merged) < 1.01 * tied["v"].nbytes, "the tied weight is stored twice"


def opsets_and_irs(folder: pathlib.Path) -> None:
    """Old and new, alone and mixed; the highest of each wins."""
    versions = [(7, 3), (9, 3), (10, 5), (13, 7), (17, 8), (22, 10), (24, 11)]
    for opset, ir in versions:
        merged = merge([gemm(weights(i), opset, ir) for i in range(2)], folder)
        assert merged.opset_import[0].version == opset
        assert merged.ir_version == max(ir, 4)
    merged = merge([gemm(weights(i), *v) for i, v in enumerate(versions)], folder)
    assert merged.opset_import[0].version == 24
    assert merged.ir_version == 11
    products = [n.op_type for n in merged.graph.node if n.op_type in ("Gemm", "MatMul")]
    assert len(products) == 2, f"not one architecture: {products}"


def newest_of_all(folder: pathlib.Path) -> None:
    """IR 13 and opset 27 load and merge, also with the oldest; newer than ONNX Runtime knows, so
    ONNX's reference evaluator judges."""
    given = {"member-0": gemm(weights(0), 27, 13), "member-1": gemm(weights(1), 7, 3)}
    for name, one in given.items():
        onnx.save(one, folder / f"{name}.onnx")
    paths = [folder / f"{name}.onnx" for name in given]
    support.braid("merge", *paths, "-o", folder / "merged.onnx")
    merged = onnx.load(folder / "merged.onnx")
    assert (merged.opset_import[0].version, merged.ir_version) == (27, 13)
    onnx.checker.check_model(merged, full_check=True)
    x = {n: np.random.default_rng(i).standard_normal((2, LARGE)).astype(np.float32)
         for i, n in enumerate(given)}
    feeds = {f"{name}/x": value for name, value in x.items()}
    actual = ReferenceEvaluator(merged).run([f"{name}/y" for name in given], feeds)
    for i, (name, one) in enumerate(given.items()):
        tensors = {t.name for t in one.graph.initializer}
        inputs = [port for port in one.graph.input if port.name not in tensors]
        del one.graph.input[:]
        one.graph.input.extend(inputs)
        expected = ReferenceEvaluator(one).run(["y"], {"x": x[name]})[0]
        assert support.agrees(actual[i], expected), f"{name} differs"
        assert not support.agrees(actual[1 - i], expected), "the check proves nothing"


def exporters_of_one_network(folder: pathlib.Path) -> None:
    """torch.onnx's two exporters, of different opsets, and BatchNormalization folded or not."""
    for network in ("resnet-small", "resnext-small"):
        names = [f"{network}-legacy", f"{network}-dynamo"]
        if network == "resnet-small":
            names.append(f"{network}-batchnorm")
        paths = []
        for i, name in enumerate(names):
            support.braid("synth", support.MODELS / f"{name}.onnx", "-n", 1, "--seed", i, "-o", folder)
            paths.append(folder / f"{name}-0.onnx")
        merged = folder / f"{network}.onnx"
        support.braid("merge", *paths, "-o", merged)
        members = support.Members(paths, merged, {"batch": 2})
        members.check(are_equal=False)
        convolutions = [n for n in onnx.load(merged).graph.node if n.op_type == "Conv"]
        assert len(convolutions) == 17, f"{network}: {len(convolutions)} convolutions, not 17"


# Of these, torch.onnx's two exporters write graphs with hardly a node in common: masks, shapes and
# attention are spelled differently.
TWICE_EXPORTED = (
    "bert-small", "zoo/albert", "zoo/convnext", "zoo/crnn", "zoo/deit", "zoo/distilbert",
    "zoo/electra", "zoo/gru", "zoo/lstm", "zoo/mixer", "zoo/mobilebert", "zoo/roberta",
    "zoo/shufflenet", "zoo/swin", "zoo/tcn", "zoo/unet-upsample", "zoo/vgg", "zoo/vit",
    "zoo/whisper-encoder",
)  # fmt: skip


def exporters_of_one_architecture(folder: pathlib.Path) -> None:
    for architecture in TWICE_EXPORTED:
        paths = []
        for seed, exporter in enumerate(("legacy", "dynamo")):
            model = support.MODELS / f"{architecture}-{exporter}.onnx"
            support.braid("synth", model, "-n", 1, "--seed", seed, "-o", folder)
            paths.append(folder / f"{model.stem}-0.onnx")
        merged, report = folder / "merged.onnx", folder / "report.json"
        support.braid("merge", *paths, "-o", merged, "--json", report, "--force")
        groups = json.loads(report.read_text())["groups"]
        assert [group["architectures"] for group in groups] == [[[p.stem for p in paths]]], (
            f"{architecture}: not one architecture"
        )
        members = support.Members(paths, merged, {"batch": 1})
        members.check(are_equal=False)
        members.draw({"batch": 3})
        members.check(are_equal=False)


CASES: tuple[Callable[[pathlib.Path], None], ...] = (
    same_weights_in_other_clothes,
    other_weights_in_other_clothes,
    tied_weight_stays_one,
    opsets_and_irs,
    newest_of_all,
    exporters_of_one_network,
    exporters_of_one_architecture,
)


def main() -> int:
    failed = 0
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            try:
                case(pathlib.Path(folder))
                print("ok    ", case.__name__)
            except AssertionError as problem:
                failed += 1
                print("FAILED", case.__name__, problem)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
