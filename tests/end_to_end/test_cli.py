"""The verbs: what they print, their JSON reports, what they accept and refuse."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import support
from test_errors import (
    Skipped,
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

ARCHITECTURES = ("bert-small-legacy", "resnet-small-legacy", "xlnet-small-dynamo")


def report(folder: pathlib.Path, verb: str, *arguments: object, code: int = 0) -> dict:
    """The report that goes to stdout with `--json -`; there must be nothing else."""
    result = execute(folder, verb, *arguments, "--json", "-")
    assert result.returncode == code, f"{verb}: exit code {result.returncode}\n{result.stderr}"
    answer = json.loads(result.stdout)
    assert answer["schema"] == f"braid-{verb}-1" and answer["tool"] == "braid", answer["schema"]
    assert answer["version"] and verb in answer["argv"]
    return answer


def members_of(folder: pathlib.Path, name: str, count: int, *flags: object) -> list[pathlib.Path]:
    """Variants of an architecture of models/, in a folder of their own."""
    out = folder / "-".join(map(str, (name, count, *flags)))
    accepted(folder, "synth", support.MODELS / f"{name}.onnx", "-n", count, *flags, "-o", out)
    return [out / f"{name}-{i}.onnx" for i in range(count)]


def distinct(paths: list[pathlib.Path]) -> dict[str, int]:
    """By name of a weight, how many different contents the models have there."""
    contents: dict[str, set[bytes]] = {}
    for path in paths:
        for tensor in support.weights(path):
            contents.setdefault(tensor.name, set()).add(numpy_helper.to_array(tensor).tobytes())
    return {name: len(found) for name, found in contents.items()}


def is_weightless(tensor: onnx.TensorProto) -> bool:
    values = (tensor.raw_data, tensor.float_data, tensor.int32_data, tensor.int64_data)
    return not any(values) and all(tensor.dims)


# --- usage and help -------------------------------------------------------------------------


def case_help_and_version(folder: pathlib.Path) -> None:
    said = accepted(folder, "--help")
    for verb in ("inspect", "merge", "verify", "run", "synth"):
        assert verb in said, f"--help does not name {verb}"
        text = accepted(folder, verb, "--help")
        assert "Exit codes" in text and verb in text, text
    assert accepted(folder, "--version").startswith("braid "), "--version"


def case_usage(folder: pathlib.Path) -> None:
    pair(folder)
    problems: list[str] = []
    for words, command in (
        (["frobnicate"], "frobnicate a.onnx"),
        (["--frobnicate"], "merge a.onnx b.onnx -o merged.onnx --frobnicate"),
        (["--output|-o"], "merge a.onnx b.onnx"),
        (["--output|-o"], "merge a.onnx b.onnx -o"),
        (["files"], "merge -o merged.onnx"),
        (["files"], "inspect"),
        (["model"], "run"),
        (["--count|-n"], "synth a.onnx -o out"),
        (["--count|-n"], "synth a.onnx -n 0 -o out"),
        (["--count|-n"], "synth a.onnx -n two -o out"),
        (["--share"], "synth a.onnx -n 2 --share 2 -o out"),
        (["--share"], "synth a.onnx -n 2 --share 0.5 --share-classes 2 -o out"),
        (["--seed"], "synth a.onnx -n 2 --seed -1 -o out"),
        (["--external-above"], "merge a.onnx b.onnx -o merged.onnx --external-above lots"),
        (["--device", "tpu", "cpu"], "run a.onnx --device tpu"),
        (["--dim", "batch"], "run a.onnx --dim batch"),
        (["--dim", "batch=0"], "run a.onnx --dim batch=0"),
        (["--dim", "nosuch", "batch"], "run a.onnx --dim nosuch=3"),
        (["--atol"], "verify a.onnx a.onnx --atol -1"),
        (["--dim", "--inputs"], "run a.onnx --inputs in.npz --dim batch=2"),
    ):
        collect(problems, refused, folder, 2, words, *command.split())
    assert not problems, "\n".join(problems)
    assert execute(folder).returncode == 2, "no arguments at all"


def case_no_such_device(folder: pathlib.Path) -> None:
    a, _ = pair(folder)
    result = execute(folder, "run", a, "--device", "cuda", "--outputs", "outputs.npz")
    if result.returncode == 0:
        raise Skipped("this build and machine have CUDA")
    (folder / "outputs.npz").unlink(missing_ok=True)
    refused(folder, 6, ["cuda"], "run", a, "--device", "cuda", "--outputs", "outputs.npz")


# --- operators that Braid does not know -----------------------------------------------------


def case_unknown_operators(folder: pathlib.Path) -> None:
    for domain, place in (("my.domain", "my.domain"), ("", "Frobnicate")):
        path = save(tiny(last="Frobnicate", domain=domain), folder / "model.onnx")
        words = ["model.onnx", "Frobnicate", place]
        refused(folder, 5, words, "run", path, "--outputs", "outputs.npz")


def case_custom_operators_are_merged(folder: pathlib.Path) -> None:
    paths = [
        save(tiny(seed, "Frobnicate", "my.domain"), folder / f"{seed}.onnx") for seed in (1, 2, 3)
    ]
    accepted(folder, "merge", *paths, "-o", "merged.onnx")
    refused(folder, 5, ["Frobnicate", "my.domain"], "verify", "merged.onnx", *paths)
    accepted(folder, "inspect", "merged.onnx")
    merged = onnx.load(folder / "merged.onnx")
    custom = [node for node in merged.graph.node if node.op_type == "Frobnicate"]
    assert len(custom) == len(paths), f"{len(custom)} nodes for {len(paths)} members"
    assert {opset.domain for opset in merged.opset_import} == {"", "my.domain"}
    # A known operator in its place shows that each member's node got that member's values.
    for path in [*paths, folder / "merged.onnx"]:
        model = onnx.load(path)
        for node in model.graph.node:
            if node.domain == "my.domain":
                node.op_type, node.domain = "Sigmoid", ""
        save(model, path)
    agrees_with_members(folder / "merged.onnx", paths)


# --- inputs of run --------------------------------------------------------------------------


def two_inputs() -> onnx.ModelProto:
    """Gather of a table of 5 rows, plus x."""
    graph = helper.make_graph(
        [
            helper.make_node("Gather", ["table", "ids"], ["rows"], "look_up"),
            helper.make_node("Add", ["rows", "x"], ["y"], "plus"),
        ],
        "two_inputs",
        [
            helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch"]),
            helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 4]),
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 4])],
        [numpy_helper.from_array(np.ones((5, 4), np.float32), "table")],
    )
    opsets = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, ir_version=8, opset_imports=opsets)


def case_wrong_inputs(folder: pathlib.Path) -> None:
    path = save(two_inputs(), folder / "model.onnx")
    ids, x = np.array([0, 4]), np.ones((2, 4), np.float32)
    command = ["run", path, "--outputs", "outputs.npz", "--inputs"]
    np.savez(folder / "in.npz", ids=ids, x=x)
    accepted(folder, *command, "in.npz")
    (folder / "outputs.npz").unlink()
    signature = [r"ids int64\[batch\]", r"x float\[batch,4\]"]
    problems: list[str] = []
    for words, arrays in (
        (["'x'", *signature], {"ids": ids}),
        (["'extra'", *signature], {"ids": ids, "x": x, "extra": x}),
        (["'z'", "'x'", *signature], {"ids": ids, "z": x}),
        (["'x'", "double", r"float\[batch,4\]"], {"ids": ids, "x": x.astype(np.float64)}),
        (["'ids'", "int32", r"int64\[batch\]"], {"ids": ids.astype(np.int32), "x": x}),
        (["'ids'", "rank 2", r"int64\[batch\]"], {"ids": ids[None], "x": x}),
        (["'x'", "5", r"float\[batch,4\]"], {"ids": ids, "x": np.ones((2, 5), np.float32)}),
        (["'x'", "'batch'", "3", "2", "'ids'"], {"ids": ids, "x": np.ones((3, 4), np.float32)}),
        (["model.onnx", "look_up", "5", "range|bounds"], {"ids": np.array([0, 5]), "x": x}),
        (["in.npz"], {"ids": np.array([{}, {}], object), "x": x}),
    ):
        np.savez(folder / "in.npz", **arrays)
        collect(problems, refused, folder, 3, words, *command, "in.npz")
    np.save(folder / "one.npy", x)
    collect(problems, refused, folder, 3, ["one.npy", *signature], *command, "one.npy")
    assert not problems, "\n".join(problems)


def case_broken_input_files(folder: pathlib.Path) -> None:
    path = save(two_inputs(), folder / "model.onnx")
    np.savez(folder / "in.npz", ids=np.array([0, 4]), x=np.ones((2, 4), np.float32))
    whole = (folder / "in.npz").read_bytes()
    (folder / "empty.npz").touch()
    (folder / "text.npz").write_text("no arrays here")
    (folder / "cut.npz").write_bytes(whole[: len(whole) // 2])
    (folder / "folder.npz").mkdir()
    os.mkfifo(folder / "pipe.npz")
    problems: list[str] = []
    for name in ("missing", "empty", "text", "cut", "folder", "pipe"):
        command = ["run", path, "--outputs", "outputs.npz", "--inputs", f"{name}.npz"]
        collect(problems, refused, folder, 3, [f"{name}.npz"], *command)
    assert not problems, "\n".join(problems)


# --- verify ---------------------------------------------------------------------------------


def case_verify_swapped_members(folder: pathlib.Path) -> None:
    a, b = pair(folder)
    accepted(folder, "merge", a, b, "-o", "merged.onnx")
    accepted(folder, "verify", "merged.onnx", a, b)
    swapped = folder / "swapped"
    swapped.mkdir()
    shutil.copy(a, swapped / "b.onnx")
    shutil.copy(b, swapped / "a.onnx")
    said = accepted(folder, "verify", "merged.onnx", swapped / "a.onnx", swapped / "b.onnx", code=1)
    assert "FAILED" in said and "PASSED" not in said, said


def case_verify_changed_weight(folder: pathlib.Path) -> None:
    paths = pair(folder)
    accepted(folder, "merge", *paths, "-o", "merged.onnx")
    merged = onnx.load(folder / "merged.onnx")
    for weight in merged.graph.initializer:
        values = numpy_helper.to_array(weight)
        if values.dtype == np.float32 and values.size > 1:
            values = values.copy()
            values.flat[-1] += 1.0
            weight.CopyFrom(numpy_helper.from_array(values, weight.name))
    save(merged, folder / "changed.onnx")
    said = accepted(folder, "verify", "changed.onnx", *paths, code=1)
    assert "FAILED" in said, said


def case_verify_other_members(folder: pathlib.Path) -> None:
    a, b = pair(folder)
    c = save(tiny(3, width=500), folder / "c.onnx")
    accepted(folder, "merge", a, b, "-o", "merged.onnx")
    verify = ["verify", "merged.onnx"]
    refused(folder, 3, ["merged.onnx", "'c/x'", "'c'"], *verify, a, c)
    refused(folder, 3, ["merged.onnx", "'b/x'"], *verify, a)
    refused(folder, 3, ["merged.onnx", "'c/x'"], *verify, a, b, c)


def case_verify_twins(folder: pathlib.Path) -> None:
    a = save(tiny(1), folder / "a.onnx")
    b = shutil.copy(a, folder / "b.onnx")
    accepted(folder, "merge", a, b, "-o", "merged.onnx")
    agrees_with_members(folder / "merged.onnx", [a, pathlib.Path(b)])
    said = accepted(folder, "verify", "merged.onnx", a, b)
    assert "PASSED" in said, said


# --- synth ----------------------------------------------------------------------------------


def case_synth_fills_weights_only(folder: pathlib.Path) -> None:
    for name in ARCHITECTURES:
        architecture = support.MODELS / f"{name}.onnx"
        paths = members_of(folder, name, 2)
        filled = onnx.load(paths[0])
        onnx.checker.check_model(filled)
        assert len(filled.graph.node) == len(onnx.load(architecture).graph.node)
        kept = {t.name: t for t in filled.graph.initializer}
        counts = distinct(paths)
        assert len(counts) == len(kept) == len(support.weights(architecture))
        for tensor in support.weights(architecture):
            place = f"{name}: '{tensor.name}'"
            assert tensor.dims == kept[tensor.name].dims, f"{place}: other dims"
            if is_weightless(tensor):
                assert counts[tensor.name] == 2, f"{place} is the same in both members"
                continue
            before, after = (numpy_helper.to_array(t) for t in (tensor, kept[tensor.name]))
            assert counts[tensor.name] == 1 and np.array_equal(before, after), f"{place} changed"


def case_synth_share(folder: pathlib.Path) -> None:
    """The first part of the weights, in the order of their use, is common to all."""
    for name in ARCHITECTURES:
        architecture = onnx.load(support.MODELS / f"{name}.onnx").graph
        weightless = {t.name for t in architecture.initializer if is_weightless(t)}
        used = dict.fromkeys(value for node in architecture.node for value in node.input)
        order = [value for value in used if value in weightless]
        assert len(order) == len(weightless)
        for share in (0, 0.5, 1):
            counts = distinct(members_of(folder, name, 3, "--share", share))
            found = [counts[weight] for weight in order]
            common = found.index(3) if 3 in found else len(found)
            place = f"{name}, {share} shared: {found}"
            assert abs(common - share * len(order)) <= 1, place
            assert found == [1] * common + [3] * (len(order) - common), place


def case_synth_share_classes(folder: pathlib.Path) -> None:
    architecture = support.MODELS / "resnet-small-legacy.onnx"
    weightless = [t.name for t in support.weights(architecture) if is_weightless(t)]
    for count, classes in ((4, 2), (5, 3), (3, 1), (3, 3)):
        counts = distinct(members_of(folder, architecture.stem, count, "--share-classes", classes))
        found = {counts[name] for name in weightless}
        assert found == {classes}, f"{count} members, {classes} classes: {found}"
    command = ["synth", architecture, "-n", 2, "--share-classes", 3, "-o", "out"]
    refused(folder, 2, ["classes", "count|members|-n"], *command)


def case_synth_of_a_complete_model(folder: pathlib.Path) -> None:
    [path] = members_of(folder, "resnet-small-legacy", 1)
    accepted(folder, "synth", path, "-n", 2, "--seed", 9, "-o", "again")
    counts = distinct([path, *(folder / "again").iterdir()])
    for tensor in support.weights(path):
        is_structure = np.prod(tensor.dims) <= 16
        assert counts[tensor.name] == (1 if is_structure else 3), f"'{tensor.name}'"


# --- run ------------------------------------------------------------------------------------


def case_run_agrees(folder: pathlib.Path) -> None:
    for name in ARCHITECTURES:
        [path] = members_of(folder, name, 1)
        judge = support.session(path)
        for seed, sizes in ((1, {"batch": 1}), (2, {"batch": 3})):
            inputs = support.sample(judge, seed, sizes)
            np.savez(folder / "in.npz", **inputs)
            answer = report(
                folder, "run", path, "--inputs", "in.npz", "--outputs", "out.npz", "--force"
            )
            expected = support.run(judge, inputs)
            with np.load(folder / "out.npz") as outputs:
                assert list(outputs) == list(expected), f"{name}: keys {list(outputs)}"
                assert support.all_agree(dict(outputs), expected), f"{name}: outputs differ"
            for entry in answer["outputs"]:
                values = expected[entry["name"]]
                assert entry["dims"] == list(values.shape) and entry["nan"] == 0
                for key, value in (("min", values.min()), ("max", values.max())):
                    assert abs(entry[key] - value) < 1e-3, f"{name}: {key} {entry[key]}"


def case_run_of_a_merged_file(folder: pathlib.Path) -> None:
    paths = members_of(folder, "xlnet-small-dynamo", 2)
    accepted(folder, "merge", *paths, "-o", "merged.onnx")
    judge = support.session(folder / "merged.onnx")
    inputs = support.sample(judge, 3, {"batch": 2})
    np.savez_compressed(folder / "in.npz", **inputs)
    accepted(folder, "run", "merged.onnx", "--inputs", "in.npz", "--outputs", "out.npz")
    with np.load(folder / "out.npz") as outputs:
        assert all(key.split("/")[0] in (paths[0].stem, paths[1].stem) for key in outputs)
        assert support.all_agree(dict(outputs), support.run(judge, inputs))


def case_run_of_arrays_as_numpy_writes_them(folder: pathlib.Path) -> None:
    path = save(tiny(), folder / "model.onnx")
    x = np.random.default_rng(0).standard_normal((5, 4)).astype(np.float32)
    expected = support.run(support.session(path), {"x": x})
    command = ["run", path, "--outputs", "out.npz", "--force", "--inputs"]
    for form in (x, np.asfortranarray(x), np.repeat(x, 2, axis=0)[::2]):
        np.save(folder / "in.npy", form)
        np.savez(folder / "in.npz", x=form)
        np.savez_compressed(folder / "small.npz", x=form)
        for name in ("in.npy", "in.npz", "small.npz"):
            accepted(folder, *command, name)
            with np.load(folder / "out.npz") as outputs:
                assert support.all_agree(dict(outputs), expected), f"{name} {form.flags}"
    np.save(folder / "in.npy", x.astype(">f4"))
    refused(folder, 3, ["in.npy", "big-endian", "astype"], *command, "in.npy")


def case_run_of_messages(folder: pathlib.Path) -> None:
    """Inputs as ONNX's test data has them, and a sequence that is yielded."""
    port = helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 2])
    parts = helper.make_tensor_sequence_value_info("s", TensorProto.FLOAT, None)
    graph = helper.make_graph(
        [
            helper.make_node("SequenceInsert", ["s", "x"], ["t"]),
            helper.make_node("SequenceLength", ["t"], ["n"]),
        ],
        "g",
        [port, parts],
        [
            helper.make_tensor_sequence_value_info("t", TensorProto.FLOAT, None),
            helper.make_tensor_value_info("n", TensorProto.INT64, []),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path = save(model, folder / "model.onnx")
    x = np.arange(4, dtype=np.float32).reshape(2, 2)
    (folder / "data").mkdir()
    first = folder / "data/input_0.pb"
    first.write_bytes(numpy_helper.from_array(x).SerializeToString())
    command = ["run", path, "--outputs", "out.npz", "--inputs", "data"]
    refused(folder, 3, ["input_1.pb", "no such file"], *command)
    (folder / "data/input_1.pb").write_bytes(
        numpy_helper.from_list([x + 1], dtype=onnx.SequenceProto.TENSOR).SerializeToString()
    )
    accepted(folder, *command)
    with np.load(folder / "out.npz") as outputs:
        assert list(outputs) == ["t/0", "t/1", "n"], list(outputs)
        assert np.array_equal(outputs["t/0"], x + 1) and np.array_equal(outputs["t/1"], x)
        assert outputs["n"] == 2
    refused(folder, 5, ["'s'", "no values can be made up"], "run", path, "--outputs", "random.npz")
    path = save(tiny(), folder / "tiny.onnx")
    first.write_bytes(numpy_helper.from_array(np.ones((1, 4), np.float32)).SerializeToString())
    accepted(folder, "run", path, "--inputs", first, "--outputs", "tiny.npz")
    first.write_bytes(b"no message")
    refused(folder, 3, ["input_0.pb", "TensorProto"], "run", path, "--inputs", first)


# --- reports --------------------------------------------------------------------------------


def case_merge_report(folder: pathlib.Path) -> None:
    paths = members_of(folder, "bert-small-legacy", 3, "--share", 0.5)
    for flags in ([], ["--external-above", 0]):
        merged = folder / f"merged{len(flags)}.onnx"
        answer = report(folder, "merge", *paths, "-o", merged, *flags)
        model = onnx.load(merged, load_external_data=False)
        output = answer["output"]
        assert output["path"] == str(merged) and output["nodes"] == len(model.graph.node)
        assert output["model_bytes"] == merged.stat().st_size
        data = merged.with_name(merged.name + ".data")
        assert output["data_bytes"] == (data.stat().st_size if flags else 0)
        assert data.exists() == bool(flags)
        for ports, known in (("inputs", model.graph.input), ("outputs", model.graph.output)):
            assert [port["name"] for port in output[ports]] == [port.name for port in known]
        assert output["ir_version"] == model.ir_version
        assert output["opset"] == model.opset_import[0].version
        [group] = answer["groups"]
        assert group["members"] == [path.stem for path in paths]
        assert group["nodes_after"] == len(model.graph.node)
        assert group["nodes_before"] == len(onnx.load(paths[0]).graph.node)
        assert sum(group["rules"].values()) == len(group["sites"])
        assert group["sharing"]["unique_bytes"] < group["sharing"]["total_bytes"]


def case_merge_and_verify_in_one(folder: pathlib.Path) -> None:
    paths = pair(folder)
    answer = report(folder, "merge", *paths, "-o", "merged.onnx", "--verify")
    assert answer["verify"]["passed"] and len(answer["verify"]["outputs"]) == 2
    said = accepted(folder, "merge", *paths, "-o", "again.onnx", "--verify", "--report")
    assert "PASSED" in said and "plus" in said and "Gemm" in said, said


def case_report_in_a_file(folder: pathlib.Path) -> None:
    paths = pair(folder)
    said = accepted(folder, "merge", *paths, "-o", "merged.onnx", "--json", "report.json")
    assert "wrote" in said, said
    answer = json.loads((folder / "report.json").read_text())
    assert answer["schema"] == "braid-merge-1"


def case_verify_report(folder: pathlib.Path) -> None:
    paths = members_of(folder, "bert-small-legacy", 3)
    accepted(folder, "merge", *paths, "-o", "merged.onnx")
    answer = report(folder, "verify", "merged.onnx", *paths, "--dim", "batch=3", "--seed", 4)
    assert answer["passed"] and answer["conclusive"]
    assert answer["options"]["seed"] == 4 and answer["options"]["dims"] == {"batch": 3}
    assert [entry["member"] for entry in answer["outputs"]] == [path.stem for path in paths]
    for entry in answer["outputs"]:
        assert entry["name"] == "logits" and entry["dims"] == [3, 2] and entry["elements"] == 6
        assert entry["passed"] and entry["max_absolute_error"] < 1e-4
        assert entry["nan_member"] == entry["nan_merged"] == entry["nan_mismatches"] == 0
    assert all(control["differs"] and not control["twin"] for control in answer["controls"])


def case_verify_smallest_tolerance(folder: pathlib.Path) -> None:
    """What is said to be needed passes, and a little less does not."""
    paths = pair(folder)
    accepted(folder, "merge", *paths, "-o", "merged.onnx")
    changed = [tiny(3, width=500), tiny(2, width=500)]
    other = [save(model, folder / f"other/{p.name}") for model, p in zip(changed, paths)]
    verify = ["verify", "merged.onnx", *other]
    answer = report(folder, *verify, code=1)
    assert not answer["passed"]
    first, second = answer["outputs"]
    assert not first["passed"] and second["passed"] and first["first_bad_index"] >= 0
    needed = first["needed_absolute"]
    assert needed > 0.01, needed
    accepted(folder, *verify, "--atol", needed * 1.001, "--rtol", 0)
    accepted(folder, *verify, "--atol", needed * 0.999, "--rtol", 0, code=1)


def case_verify_counts_nans(folder: pathlib.Path) -> None:
    paths = [save(tiny(seed, "Sqrt"), folder / f"{seed}.onnx") for seed in (1, 2)]
    accepted(folder, "merge", *paths, "-o", "merged.onnx")
    answer = report(folder, "verify", "merged.onnx", *paths, "--dim", "batch=20")
    assert answer["passed"], answer["outputs"]
    for entry in answer["outputs"]:
        assert 0 < entry["nan_member"] == entry["nan_merged"] < 60, entry
        assert entry["nan_mismatches"] == 0


def case_verify_says_what_it_cannot_prove(folder: pathlib.Path) -> None:
    """A member whose outputs are always zero: nothing can tell it from another such member."""
    paths = []
    for seed in (1, 2):
        model = tiny(seed)
        weight = numpy_helper.from_array(np.full(3, -1e6 - seed, np.float32), "b")
        model.graph.initializer[1].CopyFrom(weight)
        paths.append(save(model, folder / f"{seed}.onnx"))
    accepted(folder, "merge", *paths, "-o", "merged.onnx")
    answer = report(folder, "verify", "merged.onnx", *paths)
    assert answer["passed"] and not answer["conclusive"]
    said = accepted(folder, "verify", "merged.onnx", *paths)
    assert "proves nothing" in said, said
    accepted(folder, "verify", "merged.onnx", *paths, "--strict", code=1)


# --- main -----------------------------------------------------------------------------------


if __name__ == "__main__":
    sys.exit(run_cases(globals()))
