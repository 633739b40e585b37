"""Bad inputs and refused outputs: the exit code, the message, and that nothing is left behind."""

from __future__ import annotations

import hashlib
import os
import pathlib
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import support

# Never in a message for a user's mistake.
FORBIDDEN = r"terminate called|libprotobuf|what\(\)|std::|\.cpp|\bat 0x|internal error|Aborted"
LONGEST_MESSAGE = 6  # lines

# Found before the cases change the working folder.
PROGRAM = os.path.abspath(shutil.which(support.BRAID) or support.BRAID)


class Skipped(Exception):
    """The machine cannot run this case."""


# --- running the program and judging its answer ---------------------------------------------


def listing(folder: pathlib.Path) -> dict[str, str]:
    """Every path below the folder, hidden ones too, with a hash of what it holds."""
    return {
        str(path.relative_to(folder)): (
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "not a file"
        )
        for path in folder.rglob("*")
    }


def execute(folder: pathlib.Path, *arguments: object, **options) -> subprocess.CompletedProcess:
    command = [PROGRAM, "-q", *map(str, arguments)]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    try:
        return subprocess.run(command, cwd=folder, text=True, timeout=60, **options)
    except subprocess.TimeoutExpired as late:
        raise AssertionError(f"{' '.join(command)}: hangs") from late


def refused(
    folder: pathlib.Path, code: int, words: list[str], *arguments: object, **options
) -> str:
    """The program ends with the code and a message with these words (patterns), and changes
    nothing in the folder."""
    before = listing(folder)
    result = execute(folder, *arguments, **options)
    said = f"{' '.join(map(str, arguments))}: exit code {result.returncode}\n{result.stderr}"
    assert result.returncode == code, f"{said}expected exit code {code}"
    lines = result.stderr.splitlines()
    assert lines and lines[0].startswith("braid: "), f"{said}no line starts with 'braid: '"
    assert len(lines) <= LONGEST_MESSAGE, f"{said}too long a message"
    found = re.search(FORBIDDEN, result.stderr)
    assert not found, f"{said}'{found[0]}' is no text for users"
    for word in words:
        assert re.search(word, result.stderr, re.I), f"{said}does not say '{word}'"
    assert not result.stdout, f"{said}an answer all the same:\n{result.stdout}"
    left = {path for path, content in listing(folder).items() if before.get(path) != content}
    assert not left, f"{said}left behind or changed: {sorted(left)}"
    assert not before.keys() - listing(folder).keys(), f"{said}files were removed"
    return result.stderr


def accepted(folder: pathlib.Path, *arguments: object, code: int = 0) -> str:
    result = execute(folder, *arguments)
    said = f"{' '.join(map(str, arguments))}: exit code {result.returncode}\n{result.stderr}"
    assert result.returncode == code, f"{said}{result.stdout}expected exit code {code}"
    return result.stdout + result.stderr


def collect(problems: list[str], check: Callable, *arguments: object, title: str = "") -> None:
    """Notes a failure and goes on."""
    try:
        check(*arguments)
    except AssertionError as problem:
        problems.append(f"{title}{problem}")


def refused_by_all(path: pathlib.Path, words: list[str], verbs: str = ".*") -> None:
    """Every verb that reads a model refuses this one, with exit code 3 and the file's name."""
    folder = path.parent
    save(tiny(), folder / "good.onnx")
    (folder / "out").mkdir(exist_ok=True)
    words = [re.escape(str(path)), *words]
    problems: list[str] = []
    for command in (
        ("merge", "good.onnx", path, "-o", "out/merged.onnx"),
        ("inspect", path),
        ("run", path, "--outputs", "out/outputs.npz"),
        ("verify", "good.onnx", path),
        ("verify", path, "good.onnx"),
        ("synth", path, "-n", 2, "-o", "out"),
    ):
        if re.fullmatch(verbs, command[0]):
            collect(problems, refused, folder, 3, words, *command)
    assert not problems, "\n".join(problems)


def agrees_with_members(merged: pathlib.Path, paths: list[pathlib.Path]) -> None:
    members = support.Members(paths, merged, {})
    for i, actual in enumerate(members.actual()):
        assert support.all_agree(actual, members.expected(i, i)), f"{paths[i]} differs"


# --- models ---------------------------------------------------------------------------------


def tiny(
    seed: int = 0, last: str = "Relu", domain: str = "", opset: int = 17, width: int = 3
) -> onnx.ModelProto:
    """last(x * w + b): a model of three nodes."""
    random = np.random.default_rng(seed)
    weights = {
        "w": random.standard_normal((4, width)).astype(np.float32),
        "b": random.standard_normal(width).astype(np.float32),
    }
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["x", "w"], ["product"], "times"),
            helper.make_node("Add", ["product", "b"], ["sum"], "plus"),
            helper.make_node(last, ["sum"], ["y"], "last", domain=domain),
        ],
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", width])],
        [numpy_helper.from_array(values, name) for name, values in weights.items()],
    )
    opsets = [helper.make_opsetid("", opset)]
    if domain:
        opsets.append(helper.make_opsetid(domain, 1))
    return helper.make_model(graph, ir_version=8, opset_imports=opsets)


def save(model: onnx.ModelProto, path: pathlib.Path) -> pathlib.Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString())
    return path


def pair(folder: pathlib.Path) -> list[pathlib.Path]:
    """Two models whose weights are large enough for external data."""
    models = {"a": tiny(1, width=500), "b": tiny(2, width=500)}
    return [save(model, folder / f"{name}.onnx") for name, model in models.items()]


def external(folder: pathlib.Path, **entries: object) -> pathlib.Path:
    """A model whose weight 'w' lies in w.bin beside it, but for the entries given."""
    model = tiny()
    weight = model.graph.initializer[0]
    (folder / "w.bin").write_bytes(weight.raw_data)
    values = {"location": "w.bin", "offset": 0, "length": len(weight.raw_data), **entries}
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    for key, value in values.items():
        weight.external_data.add(key=key, value=str(value))
    return save(model, folder / "model.onnx")


def repeated(field: str) -> onnx.ModelProto:
    model = tiny()
    entries = getattr(model.graph, field)
    entries.append(entries[0])
    return model


def changed(tensor: str = "w", **fields: object) -> onnx.ModelProto:
    """The tiny model with other fields in one of its tensors; None clears a field."""
    model = tiny()
    weight = next(t for t in model.graph.initializer if t.name == tensor)
    for name, value in fields.items():
        weight.ClearField(name)
        if isinstance(value, list):
            getattr(weight, name).extend(value)
        elif value is not None:
            setattr(weight, name, value)
    return model


def rewired(node: int, reads: str) -> onnx.ModelProto:
    model = tiny()
    model.graph.node[node].input[0] = reads
    return model


def of_ir(version: int) -> onnx.ModelProto:
    model = tiny()
    model.ir_version = version
    return model


def without_opset() -> onnx.ModelProto:
    model = tiny()
    model.ClearField("opset_import")
    return model


def output_from_nowhere() -> onnx.ModelProto:
    model = tiny()
    model.graph.output[0].name = "nowhere"
    return model


def subgraph_from_nowhere() -> onnx.ModelProto:
    result = helper.make_tensor_value_info("inner", TensorProto.FLOAT, None)
    inner = helper.make_graph(
        [helper.make_node("Relu", ["nowhere"], ["inner"])], "branch", [], [result]
    )
    model = tiny()
    model.graph.initializer.append(numpy_helper.from_array(np.array(True), "yes"))
    branches = {"then_branch": inner, "else_branch": inner}
    model.graph.node[2].CopyFrom(helper.make_node("If", ["yes"], ["y"], "choose", **branches))
    return model


def two_writers(name: str) -> onnx.ModelProto:
    """The first two nodes, or the last node and the graph's input, write the same name."""
    model = tiny()
    if name == "x":
        model.graph.node[2].output[0] = model.graph.output[0].name = "x"
    else:
        model.graph.node[1].output[0] = model.graph.node[2].input[0] = name
    return model


def attribute_without_a_type() -> onnx.ModelProto:
    model = tiny(last="LeakyRelu")
    model.graph.node[2].attribute.add(name="alpha")
    return model


def segmented() -> onnx.ModelProto:
    model = tiny()
    model.graph.initializer[0].segment.end = 4
    return model


TWICE = "twice|two"
OVERFLOW = "overflow|too large|too many"
FLOATS = [0.5] * 12

# What every verb must refuse, and what the message must say.
BAD_MODELS: dict[str, tuple[onnx.ModelProto, list[str]]] = {
    "IR too old": (of_ir(2), ["IR version 2", "export"]),
    "IR too new": (of_ir(99), ["IR version 99", "export"]),
    "opset too new": (tiny(opset=999), ["opset 999", "ai.onnx", "export"]),
    "opset zero": (tiny(opset=0), ["opset 0", "ai.onnx"]),
    "no opset": (without_opset(), ["operator set|opset"]),
    "cycle": (rewired(0, "y"), ["cycl", "plus|last|times"]),
    "cycle of one node": (rewired(1, "sum"), ["cycl", "plus"]),
    "node from nowhere": (rewired(1, "nowhere"), ["'nowhere'", "plus", "nothing produces"]),
    "output from nowhere": (output_from_nowhere(), ["'nowhere'", "output", "nothing produces"]),
    "subgraph from nowhere": (subgraph_from_nowhere(), ["'nowhere'", "'choose'"]),
    "two nodes, one output": (two_writers("product"), ["'product'", TWICE]),
    "node writes an input": (two_writers("x"), ["'x'", TWICE]),
    "two inputs, one name": (repeated("input"), ["'x'", TWICE]),
    "two weights, one name": (repeated("initializer"), ["'w'", TWICE]),
    "data too short": (changed(raw_data=bytes(44)), ["'w'", "44 bytes", "48"]),
    "data too long": (changed(raw_data=bytes(52)), ["'w'", "52 bytes", "48"]),
    "data of no bytes": (changed(raw_data=b""), ["'w'", r"\b0 bytes", "48"]),
    "long data too short": (
        changed(dims=[100, 300], raw_data=bytes(119_996)), ["'w'", "119996 bytes", "120000"],
    ),
    "too few values": (changed(raw_data=None, float_data=FLOATS[1:]), ["'w'", "11", "12"]),
    "values of another type": (changed(raw_data=None, int64_data=[1] * 6), ["'w'"]),
    "too few strings": (
        changed("b", data_type=TensorProto.STRING, raw_data=None, string_data=[b"one"]),
        ["'b'", "1 string"],
    ),
    "negative dims": (changed(dims=[-4, -3]), ["'w'", "-4", "negative"]),
    "dims overflow": (changed(dims=[1 << 40, 1 << 40]), ["'w'", OVERFLOW]),
    "dims overflow to 48": (changed(dims=[1 << 62, 4, 12]), ["'w'", OVERFLOW]),
    "dims of a petabyte": (changed(dims=[1 << 48]), ["'w'", "48 bytes", "dims"]),
    "dims of a petabyte, 12 values": (
        changed(dims=[1 << 48], raw_data=None, float_data=FLOATS), ["'w'", "12 values", "dims"],
    ),
    "no element type": (changed(data_type=0), ["'w'", "type"]),
    "unknown element type": (changed(data_type=99), ["'w'", "type 99"]),
    "segmented": (segmented(), ["'w'", "segment"]),
    "weight without a name": (changed(name=None), ["name"]),
    "attribute without a type": (attribute_without_a_type(), ["'alpha'", "type"]),
}  # fmt: skip


# --- files that are no models ---------------------------------------------------------------


def case_missing_file(folder: pathlib.Path) -> None:
    refused_by_all(folder / "missing.onnx", ["No such file"])


def case_several_bad_files_are_all_named(folder: pathlib.Path) -> None:
    save(tiny(), folder / "good.onnx")
    (folder / "empty.onnx").touch()
    refused(
        folder, 3, ["missing.onnx", "empty.onnx"],
        "merge", "missing.onnx", "good.onnx", "empty.onnx", "-o", "merged.onnx",
    )  # fmt: skip


def case_empty_file(folder: pathlib.Path) -> None:
    path = folder / "empty.onnx"
    path.touch()
    refused_by_all(path, ["is empty"])


def case_text_and_random_files(folder: pathlib.Path) -> None:
    contents = {
        "text": b"These are words and not a model.\n" * 20,
        "html": b"<!DOCTYPE html>\n<html><body>404</body></html>\n",
        "pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
        "zeros": bytes(1000),
        "ones": b"\xff" * 1000,
        "random": np.random.default_rng(0).bytes(1000),
        "tensor": tiny().graph.initializer[0].SerializeToString(),
        "graph": tiny().graph.SerializeToString(),
    }
    for name, content in contents.items():
        path = folder / f"{name}.onnx"
        path.write_bytes(content)
        refused_by_all(path, ["not an ONNX model|malformed|damaged|truncated|no valid"])


def case_truncated_anywhere(folder: pathlib.Path) -> None:
    whole = tiny().SerializeToString()
    path = folder / "cut.onnx"
    for length in range(1, len(whole)):
        path.write_bytes(whole[:length])
        refused(folder, 3, ["cut.onnx"], "inspect", path)


def case_truncated_in_the_weights(folder: pathlib.Path) -> None:
    weightless = support.MODELS / "bert-small-legacy.onnx"
    accepted(folder, "synth", weightless, "-n", 1, "-o", "whole")
    whole = (folder / "whole/bert-small-legacy-0.onnx").read_bytes()
    path = folder / "cut.onnx"
    for length in (len(whole) // 3, len(whole) // 2, len(whole) - 10_000, len(whole) - 1):
        path.write_bytes(whole[:length])
        refused_by_all(path, ["truncated|cut off|incomplete|ends|past the end|not an ONNX model"])


def case_directory_as_model(folder: pathlib.Path) -> None:
    path = folder / "model.onnx"
    path.mkdir()
    refused_by_all(path, ["folder|directory|regular file"])


def case_fifo_as_model(folder: pathlib.Path) -> None:
    path = folder / "model.onnx"
    os.mkfifo(path)
    refused_by_all(path, ["regular file|pipe|fifo"])


def case_link_to_nothing_as_model(folder: pathlib.Path) -> None:
    path = folder / "model.onnx"
    path.symlink_to("nowhere")
    refused_by_all(path, ["No such file"])


def case_bad_models(folder: pathlib.Path) -> None:
    problems: list[str] = []
    for number, (title, (model, words)) in enumerate(BAD_MODELS.items()):
        path = save(model, folder / str(number) / "model.onnx")
        collect(problems, refused_by_all, path, words, title=f"[{title}] ")
    assert not problems, "\n".join(problems)


# --- external data --------------------------------------------------------------------------


def case_external_data_is_read(folder: pathlib.Path) -> None:
    paths = [external(folder), save(tiny(1), folder / "other.onnx")]
    accepted(folder, "merge", *paths, "-o", "merged.onnx")
    agrees_with_members(folder / "merged.onnx", paths)


def case_external_data_missing(folder: pathlib.Path) -> None:
    path = external(folder)
    (folder / "w.bin").unlink()
    refused_by_all(path, ["'w'", "w.bin", "No such file"])


def case_external_data_outside_the_folder(folder: pathlib.Path) -> None:
    inside = folder / "inside"
    inside.mkdir()
    external(folder)
    (inside / "sub").mkdir()
    for location in ("../w.bin", folder / "w.bin", "sub/../../w.bin", "/etc/passwd"):
        path = external(inside, location=location)
        refused_by_all(path, ["'w'", re.escape(f"'{location}'")])
    refused_by_all(external(inside, location="../w.bin"), ["outside", "beside the model"])
    refused_by_all(external(inside, location=""), ["'w'", "no file is named"])


def case_external_data_through_a_link(folder: pathlib.Path) -> None:
    path = external(folder)
    shutil.move(folder / "w.bin", folder / "real.bin")
    (folder / "w.bin").symlink_to("real.bin")
    refused_by_all(path, ["'w'", "w.bin", "symbolic link|symlink"])


def case_external_data_through_a_linked_folder(folder: pathlib.Path) -> None:
    (folder / "real").mkdir()
    (folder / "link").symlink_to("real")
    path = external(folder, location="link/w.bin")
    shutil.move(folder / "w.bin", folder / "real/w.bin")
    refused_by_all(path, ["'w'", "link/w.bin", "symbolic link|symlink"])


def case_external_data_past_the_end(folder: pathlib.Path) -> None:
    for offset in (4, 48, 1 << 40, (1 << 64) - 48):
        path = external(folder, offset=offset)
        refused_by_all(path, ["'w'", str(offset), "past the end", "w.bin"], "merge|inspect|run")
    path = external(folder)
    (folder / "w.bin").write_bytes(bytes(47))
    refused_by_all(path, ["'w'", "past the end", "w.bin"])


def case_external_data_of_wrong_length(folder: pathlib.Path) -> None:
    refused_by_all(external(folder, length=44), ["'w'", "44", "48"])
    for key in ("offset", "length"):
        for value in ("-1", "four", "", 1 << 64):
            path = external(folder, **{key: value})
            refused_by_all(path, ["'w'", re.escape(str(value))], "inspect|run")


def case_external_data_in_a_directory_or_fifo(folder: pathlib.Path) -> None:
    path = external(folder)
    (folder / "w.bin").unlink()
    os.mkfifo(folder / "w.bin")
    refused_by_all(path, ["'w'", "w.bin", "regular file|pipe|fifo"])
    (folder / "w.bin").unlink()
    (folder / "w.bin").mkdir()
    refused_by_all(path, ["'w'", "w.bin", "folder|directory|regular file"])


# --- outputs --------------------------------------------------------------------------------


def writers(folder: pathlib.Path) -> dict[str, tuple[list[object], str]]:
    """The commands that write a file: the words before its name, and a good name."""
    a, b = pair(folder)
    return {
        "merge": (["merge", a, b, "-o"], "merged.onnx"),
        "run": (["run", a, "--outputs"], "outputs.npz"),
        "merge --json": (["merge", a, b, "-o", "other.onnx", "--json"], "report.json"),
        "inspect --json": (["inspect", a, "--json"], "report.json"),
        "verify --json": (["verify", a, a, "--json"], "report.json"),
        "run --json": (["run", a, "--outputs", "other.npz", "--json"], "report.json"),
    }


def case_output_folder_absent(folder: pathlib.Path) -> None:
    problems: list[str] = []
    for command, name in writers(folder).values():
        if command[0] == "verify":
            continue  # `a` is no merge of itself
        words = [f"absent/{name}", "exist"]
        collect(problems, refused, folder, 7, words, *command, f"absent/{name}")
    assert not problems, "\n".join(problems)


def case_output_is_a_folder(folder: pathlib.Path) -> None:
    problems: list[str] = []
    (folder / "out").mkdir()
    for verb in ("merge", "run"):
        command, _ = writers(folder)[verb]
        for flags in ([], ["--force"]):
            words = ["out", "folder|directory"]
            collect(problems, refused, folder, 7, words, *command, "out", *flags)
    a = folder / "a.onnx"
    collect(problems, refused, folder, 7, ["a.onnx"], "synth", a, "-n", 1, "-o", a)
    assert not problems, "\n".join(problems)


def case_output_exists(folder: pathlib.Path) -> None:
    commands = writers(folder)
    for verb in ("merge", "run"):
        command, name = commands[verb]
        (folder / name).write_text("precious")
        refused(folder, 7, [name, "exists", "--force"], *command, name)
        accepted(folder, *command, name, "--force")
        assert (folder / name).read_bytes() != b"precious", f"{name} was not replaced"
    agrees_with_members(folder / "merged.onnx", [folder / "a.onnx", folder / "b.onnx"])


def case_output_data_exists(folder: pathlib.Path) -> None:
    command, name = writers(folder)["merge"]
    (folder / f"{name}.data").write_text("precious")
    words = [f"{name}.data", "exists", "--force"]
    refused(folder, 7, words, *command, name, "--external-above", 0)
    accepted(folder, *command, name, "--external-above", 0, "--force")
    agrees_with_members(folder / name, [folder / "a.onnx", folder / "b.onnx"])


def case_synth_output_exists(folder: pathlib.Path) -> None:
    pair(folder)
    (folder / "out").mkdir()
    (folder / "out/a-1.onnx").write_text("precious")
    command = ["synth", "a.onnx", "-n", 2, "-o", "out"]
    refused(folder, 7, ["out/a-1.onnx", "exists", "--force"], *command)
    accepted(folder, *command, "--force")
    support.session(folder / "out/a-1.onnx")


def case_output_replaces_its_input(folder: pathlib.Path) -> None:
    """The weights are read from the files that are replaced."""
    outside = ["--external-above", 0]
    for number, flags in enumerate(([], outside)):
        kept = pair(folder / f"kept{number}")
        a, b = pair(folder / f"in{number}")
        accepted(folder, "merge", a, b, "-o", a, "--force", *flags)
        assert a.with_name("a.onnx.data").exists() == bool(flags)
        agrees_with_members(a, kept)
    b, a = pair(folder / "in")
    # Without its record, a merged file is a member like any other.
    accepted(folder, "merge", a, "-o", "one.onnx", *outside, "--no-record")
    accepted(folder, "merge", "one.onnx", b, "-o", "one.onnx", *outside, "--force")
    (folder / "kept").mkdir()
    accepted(folder, "merge", a, "-o", "kept/one.onnx", *outside)
    agrees_with_members(folder / "one.onnx", [folder / "kept/one.onnx", b])


def case_output_folder_not_writable(folder: pathlib.Path) -> None:
    if os.geteuid() == 0:
        raise Skipped("root may write everywhere")
    pair(folder)
    (folder / "out").mkdir(mode=0o500)
    refused(
        folder, 7, ["out/merged.onnx", "Permission denied"],
        "merge", "a.onnx", "b.onnx", "-o", "out/merged.onnx",
    )  # fmt: skip


def case_disk_full(folder: pathlib.Path) -> None:
    """A file-size limit stands in for the full disk: writing fails half-way."""
    accepted(folder, "synth", support.MODELS / "bert-small-legacy.onnx", "-n", 2, "-o", "in")
    a, b = sorted((folder / "in").iterdir())
    options = {
        "preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
        "restore_signals": False,  # Python ignores SIGXFSZ, and so does the program then
    }
    (folder / "out").mkdir()
    merge = ["merge", a, b, "-o", "out/merged.onnx"]
    refused(folder, 7, ["out/merged.onnx"], *merge, **options)
    refused(folder, 7, ["out/merged.onnx"], *merge, "--external-above", 0, **options)
    refused(folder, 7, ["out/bert"], "synth", a, "-n", 2, "-o", "out", **options)
    with open("/dev/full", "w") as full:
        result = execute(folder, "inspect", a, stdout=full)
    assert result.returncode == 7, f"a full stdout: exit code {result.returncode}, expected 7"


# --- main -----------------------------------------------------------------------------------


def run_cases(module: dict[str, object]) -> int:
    """Runs the module's functions case_*, each in a folder of its own; the exit code."""
    passed = failed = 0
    for name, case in list(module.items()):
        if not name.startswith("case_"):
            continue
        title = name.removeprefix("case_").replace("_", " ")
        with tempfile.TemporaryDirectory() as folder:
            try:
                case(pathlib.Path(folder).resolve())
            except Skipped as why:
                print("skipped", title + ":", why)
            except Exception as problem:
                failed += 1
                print("FAILED", title + ":", problem)
            else:
                passed += 1
                print("ok    ", title)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(run_cases(globals()))
