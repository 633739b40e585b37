"""The options of `merge`, each on real small models; ONNX Runtime and numpy are the judges."""
# labels: slow

from __future__ import annotations

import pathlib
import shutil
import sys

import numpy as np
import onnx
from onnx import helper, numpy_helper

import support
from test_cli import members_of, report
from test_errors import (
    accepted,
    agrees_with_members,
    collect,
    execute,
    pair,
    refused,
    run_cases,
    save,
    tiny,
)

SKLEARN = support.MODELS / "sklearn"


def merged_by(folder: pathlib.Path, paths: list[pathlib.Path], *flags: object) -> pathlib.Path:
    path = folder / "merged.onnx"
    accepted(folder, "merge", *paths, "-o", path, "--force", "--verify", *flags)
    return path


def node_count(path: pathlib.Path) -> int:
    return len(onnx.load(path).graph.node)


def groups_of(answer: dict) -> list[set[str]]:
    return [set(group["members"]) for group in answer["groups"]]


def outputs_of_all(
    paths: list[pathlib.Path], merged: pathlib.Path
) -> tuple[list[dict[str, np.ndarray]], dict[str, np.ndarray]]:
    """What each member makes of inputs of its own, and the merged file of all of them."""
    members = support.Members(paths, merged, {"batch": 3})
    expected = [members.expected(i, i) for i in range(len(paths))]
    feeds = {
        f"{name}/{key}": value
        for name, inputs in zip(members.names, members.inputs)
        for key, value in inputs.items()
    }
    return expected, support.run(members.merged, feeds)


# --- inputs and combinations ----------------------------------------------------------------


def case_one_input_for_all(folder: pathlib.Path) -> None:
    for name in ("bert-small-legacy", "resnet-small-dynamo"):
        paths = members_of(folder, name, 3, "--share", 0.5)
        separate = node_count(merged_by(folder, paths))
        path = merged_by(folder, paths, "--inputs", "shared")
        members = [support.session(p) for p in paths]
        merged = support.session(path)
        inputs = support.sample(members[0], 5, {"batch": 3})
        assert [port.name for port in merged.get_inputs()] == list(inputs)
        actual = support.run(merged, inputs)
        for i, (member, other) in enumerate(zip(members, [*members[1:], members[0]])):
            own = {k.split("/", 1)[1]: v for k, v in actual.items() if k.startswith(paths[i].stem)}
            assert support.all_agree(own, support.run(member, inputs)), f"{paths[i]} differs"
            assert not support.all_agree(own, support.run(other, inputs)), "the control agrees"
        once = report(folder, "merge", *paths, "-o", "n.onnx", "--force", "--inputs", "shared")
        assert once["groups"][0]["rules"]["once"] > 8, once["groups"][0]["rules"]
        assert node_count(path) <= separate, "the shared trunk does not run once"


def case_members_with_one_input_see_the_same_sample(folder: pathlib.Path) -> None:
    """An index of the larger vocabulary is none of the smaller one."""
    paths = []
    for rows in (50, 3):
        random = np.random.default_rng(rows)
        table = numpy_helper.from_array(random.standard_normal((rows, 4)).astype(np.float32), "t")
        graph = helper.make_graph(
            [helper.make_node("Gather", ["t", "i"], ["y"], "look")],
            "lookup",
            [helper.make_tensor_value_info("i", onnx.TensorProto.INT64, [20])],
            [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [20, 4])],
            [table],
        )
        model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", 17)])
        paths.append(save(model, folder / f"rows{rows}.onnx"))
    accepted(folder, "merge", *paths, "-o", "merged.onnx", "--inputs", "shared")
    for order in (paths, paths[::-1]):
        answer = report(folder, "verify", "merged.onnx", *order)
        assert answer["passed"] and len(answer["outputs"]) == 2


def voted(labels: np.ndarray) -> np.ndarray:
    """Of [members, ...], what most say; of several, what the first of their members says."""
    votes = (labels[:, None] == labels[None]).sum(axis=1)
    return np.take_along_axis(labels, votes.argmax(axis=0)[None], axis=0)[0]


def case_combinations(folder: pathlib.Path) -> None:
    weights = np.array([0.5, 0.3, 0.4])
    kinds = {
        "mean": lambda all: all.mean(axis=0),
        "weighted:0.5,0.3,0.4": lambda all: np.tensordot(weights / weights.sum(), all, 1),
        "vote": lambda all: voted(all.argmax(axis=-1)),
        "concat": lambda all: np.concatenate(list(all), axis=-1),
    }
    for name, output in (("bert-small-dynamo", "logits"), ("resnet-small-legacy", "output")):
        paths = members_of(folder, name, 3, "--share", 0.3)
        for kind, combine in kinds.items():
            merged = merged_by(folder, paths, "--combine", kind)
            expected, actual = outputs_of_all(paths, merged)
            everyone = np.stack([outputs[output] for outputs in expected])
            wanted = combine(everyone)
            wanted = wanted.astype(np.int64 if kind == "vote" else np.float32)
            assert support.agrees(actual[output], wanted), f"{name} {kind}"
            # Combining in another order gives something else, but for the mean.
            turned = combine(everyone[::-1]).astype(wanted.dtype)
            is_mean = kind == "mean"
            assert is_mean or kind == "vote" or not support.agrees(actual[output], turned), kind
            assert not is_mean or not support.agrees(actual[output], everyone[0]), kind
            for path, outputs in zip(paths, expected):
                own = actual[f"{path.stem}/{output}"]
                assert support.agrees(own, outputs[output]), f"{name} {kind} {path.stem}"


def case_vote_on_labels(folder: pathlib.Path) -> None:
    paths = [SKLEARN / f"logistic-{i}.onnx" for i in range(3)]
    merged = folder / "merged.onnx"  # with operators that `verify` does not run
    accepted(folder, "merge", *paths, "-o", merged, "--combine", "vote")
    members = support.Members(paths, merged, {})
    random = np.random.default_rng(3)
    inputs = [{"numbers": random.standard_normal((40, 6)).astype(np.float32)} for _ in paths]
    expected = [support.run(member, own) for member, own in zip(members.sessions, inputs)]
    feeds = {f"{n}/numbers": own["numbers"] for n, own in zip(members.names, inputs)}
    actual = support.run(members.merged, feeds)
    labels = np.stack([outputs["label"] for outputs in expected])
    assert len(np.unique(labels)) == 3 and (labels[0] != voted(labels)).any(), "proves nothing"
    assert np.array_equal(actual["label"], voted(labels))
    scores = np.stack([outputs["probabilities"] for outputs in expected])
    assert np.array_equal(actual["probabilities"], voted(scores.argmax(axis=-1)))


def case_verify_sees_a_wrong_combination(folder: pathlib.Path) -> None:
    paths = members_of(folder, "bert-small-dynamo", 2)
    model = onnx.load(merged_by(folder, paths, "--combine", "weighted:0.2,0.8"))
    [entry] = [e for e in model.metadata_props if e.key == "braid.combination"]
    entry.value = entry.value.replace("0.2,0.8", "0.8,0.2")
    save(model, folder / "swapped.onnx")
    answer = report(folder, "verify", "swapped.onnx", *paths, code=1)
    assert [entry["passed"] for entry in answer["outputs"]] == [True, True, False]
    assert [entry["member"] for entry in answer["outputs"]] == [*(p.stem for p in paths), ""]
    entry.value = "{"
    save(model, folder / "damaged.onnx")
    refused(folder, 3, ["damaged.onnx", "braid.combination"], "verify", "damaged.onnx", *paths)
    model.metadata_props.remove(entry)
    save(model, folder / "silent.onnx")
    refused(folder, 3, ["silent.onnx", "'logits' belongs to none"], "verify", "silent.onnx", *paths)


def case_weights_follow_the_members_into_their_files(folder: pathlib.Path) -> None:
    paths = [save(tiny(seed), folder / f"{seed}.onnx") for seed in range(4)]
    split = ["merge", *paths, "--split", "--max-group", 2, "-o", "parts.onnx"]
    accepted(folder, *split, "--verify", "--combine", "weighted:1,2,3,1")
    for number, own, weights in ((1, paths[:2], (1, 2)), (2, paths[2:], (3, 1))):
        expected, actual = outputs_of_all(own, folder / f"parts-{number}.onnx")
        wanted = np.average([outputs["y"] for outputs in expected], axis=0, weights=weights)
        assert support.agrees(actual["y"], wanted.astype(np.float32)), f"file {number}"
    words = ["'y'", "add up to 0"]
    refused(folder, 4, words, *split, "--force", "--combine", "weighted:0,0,1,1")


def case_what_cannot_be_combined(folder: pathlib.Path) -> None:
    logistic = [SKLEARN / f"logistic-{i}.onnx" for i in range(2)]
    a, b = pair(folder)
    wide = save(tiny(5, width=7), folder / "wide.onnx")
    other = members_of(folder, "resnet-small-dynamo", 1)[0]
    for words, paths, flags in (
        (["label", "int64", "vote"], logistic, ["--combine", "mean"]),
        (["wide.onnx", "a.onnx", "500", "7", "alike"], [a, wide], ["--combine", "mean"]),
        (["resnet-small-dynamo-0.onnx", "x"], [a, other], ["--inputs", "shared"]),
    ):
        refused(folder, 4, words, "merge", *paths, "-o", "merged.onnx", *flags)
    merged = merged_by(folder, [a, wide, b], "--combine", "concat")
    expected, actual = outputs_of_all([a, wide, b], merged)
    wanted = np.concatenate([outputs["y"] for outputs in expected], axis=-1)
    assert wanted.shape[-1] > 500 and support.agrees(actual["y"], wanted)


# --- groups ---------------------------------------------------------------------------------


def pairs_that_share(folder: pathlib.Path) -> dict[str, pathlib.Path]:
    """Five members: a and A share weights, b and B as well, c is alone; not side by side."""
    found = {}
    for seed, names in ((1, "aA"), (2, "bB"), (3, "c")):
        flags = ["--share", 0.9] if len(names) > 1 else []
        paths = members_of(folder, "bert-small-legacy", len(names), "--seed", seed, *flags)
        for name, path in zip(names, paths):
            found[name] = folder / f"{name}.onnx"
            shutil.copy(path, found[name])
    return {name: found[name] for name in "abcAB"}


def case_small_groups_keep_sharers_together(folder: pathlib.Path) -> None:
    paths = list(pairs_that_share(folder).values())
    answer = report(folder, "merge", *paths, "-o", "merged.onnx", "--max-group", 2, "--verify")
    assert groups_of(answer) == [{"a", "A"}, {"b", "B"}, {"c"}], groups_of(answer)
    assert answer["verify"]["passed"]
    assert all("at most 2" in group["reason"] for group in answer["groups"])
    agrees_with_members(folder / "merged.onnx", paths)


def case_groups_fit_into_memory(folder: pathlib.Path) -> None:
    paths = list(pairs_that_share(folder).values())
    plan = report(folder, "plan", *paths)
    one = plan["groups"][0]["before"]["weights"] // 5  # bytes of one member's weights
    words = ["a.onnx", "--gpu-mem", str(one)]
    refused(folder, 4, words, "merge", *paths, "-o", "merged.onnx", "--gpu-mem", one)
    refused(folder, 4, ["--gpu-mem"], "plan", *paths, "--gpu-mem", "100KB")
    few = report(folder, "merge", *paths, "-o", "few.onnx", "--gpu-mem", 3 * one)
    assert len(few["groups"]) > 1 and {"a", "A"} <= groups_of(few)[0], groups_of(few)
    agrees_with_members(folder / "few.onnx", paths)
    all_in_one = report(folder, "merge", *paths, "-o", "all.onnx", "--gpu-mem", "1GB")
    assert len(all_in_one["groups"]) == 1


def case_mixed_folder(folder: pathlib.Path) -> None:
    bert = members_of(folder, "bert-small-dynamo", 3, "--share", 0.5)
    resnet = members_of(folder, "resnet-small-dynamo", 3)
    paths = [path for both in zip(bert, resnet) for path in both]
    answer = report(folder, "merge", *paths, "-o", "merged.onnx")
    assert groups_of(answer) == [{p.stem for p in bert}, {p.stem for p in resnet}]
    agrees_with_members(folder / "merged.onnx", paths)
    for group in answer["groups"]:
        assert group["nodes_after"] < 2 * group["nodes_before"], "the members are not merged"
    split = report(folder, "merge", *paths, "-o", "parts.onnx", "--split", "--verify")
    assert [file["output"]["path"] for file in split["files"]] == ["parts-1.onnx", "parts-2.onnx"]
    for file, own in zip(split["files"], (bert, resnet)):
        assert file["verify"]["passed"] and len(file["verify"]["outputs"]) == 3
        agrees_with_members(folder / file["output"]["path"], own)
    assert not (folder / "parts.onnx").exists()
    said = accepted(folder, "merge", *paths, "-o", "again.onnx", "--split")
    assert "group A" in said and "group B" in said and "again-2.onnx" in said, said
    assert said.count("3 models, 1 architecture") == 2, said


def case_split_writes_all_or_nothing(folder: pathlib.Path) -> None:
    paths = [*members_of(folder, "bert-small-dynamo", 2), *pair(folder)]
    split = ["merge", *paths, "--split", "-o", "parts.onnx"]
    (folder / "parts-2.onnx").write_text("precious")
    refused(folder, 7, ["parts-2.onnx", "exists", "--force"], *split)
    accepted(folder, *split, "--force")
    agrees_with_members(folder / "parts-2.onnx", paths[2:])
    for path in folder.glob("parts-*"):
        path.unlink()
    (folder / "parts-2.onnx.data").write_text("precious")
    refused(folder, 7, ["parts-2.onnx.data", "exists"], *split, "--external-above", 0)


def case_same_names_in_other_folders(folder: pathlib.Path) -> None:
    """A member keeps its name in the file of its group."""
    paths = [save(tiny(1), folder / "one/m.onnx"), save(tiny(2), folder / "two/m.onnx")]
    bert = members_of(folder, "bert-small-dynamo", 1)
    shutil.copy(bert[0], folder / "m.onnx")
    paths = [folder / "m.onnx", *paths]
    answer = report(folder, "merge", *paths, "-o", "parts.onnx", "--split", "--verify")
    assert all(file["verify"]["passed"] for file in answer["files"])
    names = [port.name for port in onnx.load(folder / "parts-2.onnx").graph.output]
    assert names == ["m-2/y", "m-3/y"], names


# --- what members have in common ------------------------------------------------------------


def forget_types(graph: onnx.GraphProto, names: set[str]) -> None:
    kept = [value for value in graph.value_info if value.name not in names]
    del graph.value_info[:]
    graph.value_info.extend(kept)


def with_classes(path: pathlib.Path, count: int) -> pathlib.Path:
    """The same model with a classifier of other size, on the same trunk."""
    model = onnx.load(path)
    last = [node for node in model.graph.node if node.op_type == "Gemm"][-1]
    random = np.random.default_rng(count)
    for tensor in model.graph.initializer:
        if tensor.name in last.input:
            dims = [count, *tensor.dims[1:]]
            values = random.standard_normal(dims).astype(np.float32) * 0.1
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    [output] = model.graph.output
    output.type.tensor_type.shape.dim[1].dim_value = count
    forget_types(model.graph, {output.name, *last.input[1:]})
    return save(model, path.with_name(f"{path.stem}-of-{count}.onnx"))


def case_heads_of_different_size(folder: pathlib.Path) -> None:
    for name in ("resnet-small-dynamo", "bert-small-legacy"):
        for flags in (["--share", 0.8], []):
            first, second, third = members_of(folder, name, 3, *flags)
            paths = [with_classes(first, 5), second, with_classes(third, 1000)]
            merged = merged_by(folder, paths)
            agrees_with_members(merged, paths)
            answer = report(folder, "merge", *paths, "-o", "again.onnx", "--force")
            [group] = answer["groups"]
            assert group["architectures"] == [[path.stem] for path in paths]
            partial = [site for site in group["sites"] if "members" in site]
            assert partial and all(len(site["members"]) == 1 for site in partial)
            assert len(partial) <= 6, "only the heads differ"
            assert group["nodes_after"] < 1.6 * group["nodes_before"]
            said = accepted(folder, "merge", *paths, "-o", "again.onnx", "--force")
            common = len(group["sites"]) - len(partial)
            assert "3 models, 3 architectures in 1 group" in said, said
            assert f"{common} of {len(group['sites'])} positions are common" in said, said


def case_nothing_in_common(folder: pathlib.Path) -> None:
    paths = [members_of(folder, "bert-small-dynamo", 1)[0], pair(folder)[0]]
    said = accepted(folder, "merge", *paths, "-o", "merged.onnx")
    assert "2 architectures, nothing in common: they stand side by side" in said, said
    said = accepted(folder, "merge", *pair(folder), "-o", "two.onnx", "--max-group", 1)
    assert "nothing in common" not in said and "2 models, 2 groups" in said, said


def case_moved_weights_are_shared(folder: pathlib.Path) -> None:
    """A classifier stored transposed, and a kernel behind Identity and Reshape."""
    [path] = members_of(folder, "resnet-small-dynamo", 1)
    model = onnx.load(path)
    graph = model.graph
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    last = [node for node in graph.node if node.op_type == "Gemm"][-1]
    first = next(node for node in graph.node if node.op_type == "Conv")
    name = last.input[1]
    values = numpy_helper.to_array(tensors[name])
    tensors[name].CopyFrom(numpy_helper.from_array(np.ascontiguousarray(values.T), name))
    [flag] = [a for a in last.attribute if a.name == "transB"]
    flag.i = 0
    kernel = tensors[first.input[1]]
    dims = np.array(kernel.dims, np.int64)
    flat = numpy_helper.to_array(kernel).reshape(-1)
    kernel.CopyFrom(numpy_helper.from_array(flat, "flat"))
    graph.initializer.append(numpy_helper.from_array(dims, "dims"))
    moves = [("Identity", ["flat"], "same"), ("Reshape", ["same", "dims"], first.input[1])]
    for place, (op_type, inputs, output) in enumerate(moves):
        graph.node.insert(place, helper.make_node(op_type, inputs, [output], f"move{place}"))
    forget_types(graph, {name, first.input[1]})
    moved = save(model, folder / "moved.onnx")
    merged = merged_by(folder, [path, moved])
    agrees_with_members(merged, [path, moved])
    stored = sum(support.bytes_of(tensor) for tensor in support.weights(merged))
    assert stored < 1.01 * support.unique_weight_bytes([path]), "a weight is stored twice"
    answer = report(folder, "merge", path, moved, "-o", "again.onnx")
    [group] = answer["groups"]
    assert len(group["architectures"]) == 1
    assert group["sharing"]["shared_positions"] == group["sharing"]["positions"]


# --- predictions and usage ------------------------------------------------------------------


def case_target(folder: pathlib.Path) -> None:
    """Products of different weights stay apart on a CPU, whose runtimes prepack matrices."""
    paths = members_of(folder, "bert-small-dynamo", 3)
    products = {}
    for target in ("gpu", "cpu"):
        answer = report(folder, "merge", *paths, "-o", f"{target}.onnx", "--target", target)
        products[target] = {
            site["rule"]
            for site in answer["groups"][0]["sites"]
            if site["op_type"] in ("Gemm", "MatMul")
        }
        agrees_with_members(folder / f"{target}.onnx", paths)
    assert "fused" in products["gpu"] and "fused" not in products["cpu"], products


def case_sizes_for_predictions(folder: pathlib.Path) -> None:
    paths = members_of(folder, "bert-small-dynamo", 2)
    moved = []
    for flags in ([], ["--dim", "batch=64"]):
        [predicted] = report(folder, "plan", *paths, *flags)["predicted"]
        moved.append(predicted)
    for side in ("before", "after"):
        assert moved[1][side]["bytes_moved"] > 4 * moved[0][side]["bytes_moved"], side
        assert moved[1][side]["weights"] == moved[0][side]["weights"]
        assert moved[1][side]["activations"] > 30 * moved[0][side]["activations"], side
    refused(folder, 2, ["--dim", "nosuch", "batch"], "plan", *paths, "--dim", "nosuch=3")


def case_usage_of_options(folder: pathlib.Path) -> None:
    pair(folder)
    problems: list[str] = []
    for words, flags in (
        (["--target", "tpu", "gpu", "cpu"], "--target tpu"),
        (["--inputs", "both", "separate", "shared"], "--inputs both"),
        (["--combine", "max", "mean", "vote"], "--combine max"),
        (["--combine", "mean:1,2", "weighted"], "--combine mean:1,2"),
        (["--combine", "one weight per model"], "--combine weighted"),
        (["--combine", "one weight per model"], "--combine weighted:"),
        (["--combine", "one weight per model"], "--combine weighted:0.5,"),
        (["--combine", "one weight per model"], "--combine weighted:0.5;0.5"),
        (["--combine", "sum above 0"], "--combine weighted:0,0"),
        (["--combine", "0 or more"], "--combine weighted:1,-1"),
        (["--combine", "0 or more"], "--combine weighted:1,nan"),
        (["--combine", "3 weights", "2 models"], "--combine weighted:1,2,3"),
        (["--max-group"], "--max-group 0"),
        (["--max-group"], "--max-group -1"),
        (["--gpu-mem"], "--gpu-mem lots"),
        (["--gpu-mem"], "--gpu-mem 0"),
        (["--dim", "batch"], "--dim batch"),
        (["--dim", "nosuch", "batch"], "--dim nosuch=3"),
        (["--plan", "--max-group"], "--plan p.json --max-group 2"),
        (["--plan", "--combine"], "--plan p.json --combine mean"),
    ):
        for verb in ("merge -o merged.onnx", "plan"):
            command = [*verb.split(), "a.onnx", "b.onnx", *flags.split()]
            collect(problems, refused, folder, 2, words, *command)
    assert not problems, "\n".join(problems)
    assert execute(folder, "plan").returncode == 2, "no models"


if __name__ == "__main__":
    sys.exit(run_cases(globals()))
