"""braid inspect: what a model is, which models are of one architecture, and which of one family."""

from __future__ import annotations

import pathlib
import sys

import numpy as np
import onnx
import onnx.parser
from onnx import helper, numpy_helper

import support
from test_cli import ARCHITECTURES, distinct, is_weightless, members_of, report
from test_errors import accepted, refused, run_cases, save, tiny


def shape_of(port: onnx.ValueInfoProto) -> list[int | str]:
    dims = port.type.tensor_type.shape.dim
    return [dim.dim_param or dim.dim_value for dim in dims]


def case_inspect_one(folder: pathlib.Path) -> None:
    for name in ARCHITECTURES:
        path = support.MODELS / f"{name}.onnx"
        model = onnx.load(path)
        facts = report(folder, "inspect", path)["models"][0]
        operators: dict[str, int] = {}
        for node in model.graph.node:
            operators[node.op_type] = operators.get(node.op_type, 0) + 1
        assert facts["operators"] == operators
        assert facts["nodes"] == len(model.graph.node)
        assert facts["ir_version"] == model.ir_version
        assert facts["opsets"] == [f"ai.onnx {model.opset_import[0].version}"]
        for ports, known in (("inputs", model.graph.input), ("outputs", model.graph.output)):
            assert [(p["name"], p["dims"]) for p in facts[ports]] == [
                (p.name, shape_of(p)) for p in known
            ]
        weightless = [t for t in model.graph.initializer if is_weightless(t)]
        assert facts["weightless"] == len(weightless)
        said = accepted(folder, "inspect", path)
        for word in (str(path), f"ai.onnx {model.opset_import[0].version}", "batch", "synth"):
            assert word in said, f"does not say {word}:\n{said}"
        for operator, count in operators.items():
            assert f"{operator} {count}" in said, f"does not count {operator}:\n{said}"


def case_inspect_counts_parameters(folder: pathlib.Path) -> None:
    [path] = members_of(folder, "resnet-small-legacy", 1)
    facts = report(folder, "inspect", path)["models"][0]
    values = [numpy_helper.to_array(t) for t in support.weights(path)]
    assert facts["parameters"] == sum(v.size for v in values)
    assert facts["bytes"] == {"float": sum(v.nbytes for v in values)}
    assert facts["weightless"] == 0


def case_inspect_groups(folder: pathlib.Path) -> None:
    resnets = members_of(folder, "resnet-small-legacy", 3, "--share", 0.5)
    berts = members_of(folder, "bert-small-legacy", 2)
    mixed = [resnets[0], berts[0], resnets[1], berts[1], resnets[2]]
    groups = report(folder, "inspect", *mixed)["groups"]
    assert [group["members"] for group in groups] == [
        [path.stem for path in resnets],
        [path.stem for path in berts],
    ]
    sharing = groups[0]["sharing"]
    tensors = [support.weights(path) for path in resnets]
    assert sharing["positions"] == len(tensors[0])
    assert sharing["shared_positions"] == list(distinct(resnets).values()).count(1)
    assert sharing["mixed_positions"] == 0
    total = sum(numpy_helper.to_array(t).nbytes for member in tensors for t in member)
    assert sharing["total_bytes"] == total
    assert sharing["unique_bytes"] == support.unique_weight_bytes(resnets)
    said = accepted(folder, "inspect", *mixed)
    assert "5 models, 2 architectures" in said, said
    shared = f"{sharing['shared_positions']} of {sharing['positions']} weight tensors the same"
    assert shared in said, said


def case_inspect_share_classes(folder: pathlib.Path) -> None:
    paths = members_of(folder, "resnet-small-legacy", 4, "--share-classes", 2)
    sharing = report(folder, "inspect", *paths)["groups"][0]["sharing"]
    counts = list(distinct(paths).values())
    assert sharing["shared_positions"] == counts.count(1), sharing
    assert sharing["mixed_positions"] == counts.count(2) > 30, sharing
    assert sharing["unique_bytes"] == support.unique_weight_bytes(paths), sharing


def case_inspect_first_difference(folder: pathlib.Path) -> None:
    a = save(tiny(1), folder / "a.onnx")
    leaky = [tiny(2, "LeakyRelu") for _ in range(2)]
    for model, alpha in zip(leaky, (0.25, 0.5)):
        model.graph.node[2].attribute.append(helper.make_attribute("alpha", alpha))
    narrow = tiny(3)
    for tensor, dims in zip(narrow.graph.initializer, ((4, 2), (2,))):
        tensor.CopyFrom(numpy_helper.from_array(np.ones(dims, np.float32), tensor.name))
    save(leaky[0], folder / "quarter.onnx")
    save(leaky[1], folder / "half.onnx")
    sigmoid = save(tiny(4, "Sigmoid"), folder / "sigmoid.onnx")
    save(narrow, folder / "narrow.onnx")
    for first, second, words in (
        (a, sigmoid, ["a:", "sigmoid:", "'last'", "Relu", "Sigmoid"]),
        ("quarter.onnx", "half.onnx", ["quarter:", "half:", "'last'", "alpha", "0.25", "0.5"]),
        (a, "narrow.onnx", ["a:", "narrow:", "weight 'b'", "float[3]", "float[2]"]),
    ):
        said = accepted(folder, "inspect", first, second)
        for word in ("2 architectures", *words):
            assert word in said, f"does not say {word}:\n{said}"
        groups = report(folder, "inspect", first, second)["groups"]
        assert "difference" not in groups[0]
        assert groups[1]["difference"].keys() == {"first", "second", "cause"}
        assert all(groups[1]["difference"].values()), groups[1]["difference"]


def case_inspect_first_difference_of_strangers(folder: pathlib.Path) -> None:
    names = ("bert-small-legacy", "resnet-small-legacy")
    paths = [members_of(folder, name, 1)[0] for name in names]
    said = accepted(folder, "inspect", *paths)
    assert all(f"{path.stem}:" in said for path in paths), said
    difference = report(folder, "inspect", *paths)["groups"][1]["difference"]
    for path, side in zip(paths, (difference["first"], difference["second"])):
        graph = onnx.load(path).graph
        nodes = [node for node in graph.node if f"'{node.name}'" in side]
        ports = [port for port in (*graph.input, *graph.output) if f"'{port.name}'" in side]
        assert nodes or ports, f"names no node, input or output of {path.stem}: {difference}"


def case_inspect_families(folder: pathlib.Path) -> None:
    trunk = [("MatMul", ["x", "w"], "a"), ("Add", ["a", "b"], "c"), ("Tanh", ["c"], "d")]
    heads = {
        "one": [("Relu", ["d"], "y")],
        "two": [("Neg", ["d"], "e"), ("Abs", ["e"], "y")],
        "also": [("Relu", ["d"], "y")],
    }
    for seed, (name, head) in enumerate(heads.items()):
        model = tiny(seed)
        del model.graph.node[:]
        for op, inputs, output in trunk + head:
            model.graph.node.append(helper.make_node(op, inputs, [output], name=output))
        save(model, folder / f"{name}.onnx")
    strange = members_of(folder, "resnet-small-legacy", 1)[0]
    paths = ["one.onnx", "two.onnx", strange, "also.onnx"]
    said = accepted(folder, "inspect", *paths)
    assert "4 models, 3 architectures" in said, said
    found = report(folder, "inspect", *paths)
    groups = [group["members"] for group in found["groups"]]
    assert groups == [["one", "also"], ["two"], [strange.stem]], groups
    family, alone = found["families"]
    assert family["members"] == ["one", "also", "two"] and family["groups"] == [0, 1], family
    assert alone["members"] == [strange.stem] and alone["groups"] == [2], alone
    # Canonical models may have fewer nodes, but the heads stay as they are.
    assert [nodes - family["common_nodes"] for nodes in family["nodes"]] == [1, 2], family
    trunk_text = f"common trunk of {family['common_nodes']} node"
    assert trunk_text in said and f"group B has {family['nodes'][1]}" in said, said
    planned = report(folder, "plan", *paths)["groups"]
    assert [group["members"] for group in planned] == [f["members"] for f in found["families"]]
    assert "common trunk" not in accepted(folder, "inspect", "one.onnx", strange)


def case_inspect_mixed_opsets(folder: pathlib.Path) -> None:
    paths = []
    for opset, text in (
        (11, "g (float[N,1] x) => (float[N] y) { y = Squeeze<axes = [1]>(x) }"),
        (17, "g (float[N,1] x) => (float[N] y) <int64[1] axes = {1}> { y = Squeeze(x, axes) }"),
    ):
        head = f'<ir_version: 8, opset_import: ["" : {opset}]>\n'
        paths.append(save(onnx.parser.parse_model(head + text), folder / f"opset{opset}.onnx"))
    groups = report(folder, "inspect", *paths)["groups"]
    assert [group["members"] for group in groups] == [["opset11", "opset17"]]
    assert report(folder, "plan", *paths)["groups"][0]["members"] == ["opset11", "opset17"]


def case_inspect_what_merge_refuses(folder: pathlib.Path) -> None:
    paths = []
    for version in (1, 2):
        model = tiny(version, "Own", "own")
        model.opset_import[1].version = version
        paths.append(save(model, folder / f"own{version}.onnx"))
    refused(folder, 4, ["own1.onnx", "own2.onnx"], "merge", *paths, "-o", "merged.onnx")
    said = accepted(folder, "inspect", *paths)
    assert "cannot be compared" in said and said.count("'own'") > 0, said
    answer = report(folder, "inspect", *paths)
    assert len(answer["models"]) == 2 and "groups" not in answer, answer
    assert "'own'" in answer["not_compared"], answer


if __name__ == "__main__":
    sys.exit(run_cases(globals()))
