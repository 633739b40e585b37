"""Takes merged files apart: extract, split, refit, inspect, verify without members, and merged files
as members of others. full_extract.py does the same with all models.
"""
# labels: slow

from __future__ import annotations

import json
import pathlib
import shutil
import sys

import numpy as np
import onnx
import onnxruntime as ort
from onnx import helper, numpy_helper

import support
import taking_apart
from test_errors import run_cases

CASES = (
    ("resnet-small-batchnorm", 2, "different"),
    ("bert-small-legacy", 3, "shared"),
    ("xlnet-small-dynamo", 3, "classes"),
    ("zoo/gru-legacy", 2, "different"),
    ("zoo/vit-dynamo", 3, "different"),
    ("zoo/swin-dynamo", 2, "equal"),
)


def case_models_are_taken_apart(folder: pathlib.Path) -> None:
    for number, (stem, count, pattern) in enumerate(CASES):
        own = folder / str(number)
        own.mkdir()
        model = support.MODELS / f"{stem}.onnx"
        print(f"       {stem} N={count} {pattern}", taking_apart.check(model, count, pattern, own))


def small_set(folder: pathlib.Path) -> tuple[list[pathlib.Path], pathlib.Path]:
    paths = support.synth(support.MODELS / "bert-small-legacy.onnx", 3, "shared", folder)
    merged = folder / "merged.onnx"
    support.braid("merge", *paths, "-o", merged)
    return paths, merged


def case_inspect_tells_members_groups_and_hashes(folder: pathlib.Path) -> None:
    paths, merged = small_set(folder)
    text = support.braid("inspect", merged).stdout
    record = json.loads(support.braid("inspect", merged, "--json", "-").stdout)["record"]
    assert [m["name"] for m in record["members"]] == [p.stem for p in paths]
    assert [m["files"][0]["bytes"] for m in record["members"]] == [p.stat().st_size for p in paths]
    assert len({m["files"][0]["xxh3_128"] for m in record["members"]}) == 3
    for member in record["members"]:
        assert member["files"][0]["xxh3_128"] in text, text
    (group,) = record["groups"]
    assert group["members"] == [p.stem for p in paths]
    assert 0 < group["shared_positions"] < group["positions"]
    assert "record" not in json.loads(support.braid("inspect", paths[0], "--json", "-").stdout)


def case_external_data_come_back(folder: pathlib.Path) -> None:
    paths, _ = small_set(folder)
    given = []
    for number, path in enumerate(paths):
        # All with the same name of their data, as exporters do it.
        home = folder / f"given-{number}"
        home.mkdir()
        model = onnx.load(path)
        given.append(home / f"m{number}.onnx")
        onnx.save(model, given[-1], save_as_external_data=True, location="model.data",
                  size_threshold=0)
    merged = folder / "of-external.onnx"
    support.braid("merge", *given, "-o", merged, "--external-above", 0)
    assert (folder / "of-external.onnx.data").exists()
    support.braid("verify", merged)
    back = folder / "back"
    support.braid("split", merged, "-o", back)
    for path in given:
        for file in (path.name, "model.data"):
            extracted = back / path.stem / file
            assert taking_apart.same_bytes(path.parent / file, extracted), extracted
    support.braid("extract", merged, "m1", "-o", folder / "alone.onnx")
    assert taking_apart.same_bytes(given[1], folder / "alone.onnx")
    assert taking_apart.same_bytes(given[1].parent / "model.data", folder / "model.data")
    message = support.braid("extract", merged, "m2", "-o", folder / "second.onnx", code=7).stderr
    assert "model.data: exists" in message, message
    assert not (folder / "second.onnx").exists()


def case_typed_data_and_odd_files(folder: pathlib.Path) -> None:
    """float_data, a Constant, an unread initializer, an unknown field: all of it comes back."""
    paths = []
    for number in range(2):
        random = np.random.default_rng(number)
        w = random.standard_normal((64, 32)).astype(np.float32)
        nodes = [
            helper.make_node("Constant", [], ["c"], value=numpy_helper.from_array(w + 1)),
            helper.make_node("MatMul", ["x", "w"], ["h"]),
            helper.make_node("MatMul", ["x", "c"], ["i"]),
            helper.make_node("Add", ["h", "i"], ["y"]),
        ]
        graph = helper.make_graph(
            nodes,
            "g",
            [helper.make_tensor_value_info("x", 1, ["N", 64])],
            [helper.make_tensor_value_info("y", 1, ["N", 32])],
            [
                helper.make_tensor("w", 1, [64, 32], w.flatten().tolist()),
                numpy_helper.from_array(random.standard_normal(3000).astype(np.float32), "unread"),
            ],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        paths.append(folder / f"odd{number}.onnx")
        paths[-1].write_bytes(model.SerializeToString() + b"\xfa\x7f\x04odd!")  # field 2047
    merged = folder / "merged.onnx"
    support.braid("merge", *paths, "-o", merged)
    assert taking_apart.kept_bytes(merged) == 2 * 3000 * 4, "only what no node reads is kept"
    taking_apart.check_split(paths, merged, folder)
    ort.InferenceSession(str(merged), providers=["CPUExecutionProvider"])


def case_names_that_meet(folder: pathlib.Path) -> None:
    """The second member of a name gets another one, and is told."""
    paths, merged = small_set(folder)
    result = support.braid("merge", merged, paths[0], "-o", folder / "more.onnx")
    assert f"{paths[0].stem}-2" in result.stderr, result.stderr
    support.braid("extract", folder / "more.onnx", f"{paths[0].stem}-2", "-o", folder / "x.onnx")
    assert taking_apart.same_bytes(paths[0], folder / "x.onnx")


def case_refusals_say_why(folder: pathlib.Path) -> None:
    paths, merged = small_set(folder)

    def refused(code: int, part: str, *arguments: object) -> None:
        message = support.braid(*arguments, code=code).stderr
        assert part in message, message

    out = folder / "out.onnx"
    refused(2, "has no member 'z'", "extract", merged, "z", "-o", out)
    refused(2, "name the members", "extract", merged, "-o", out)
    refused(3, "has no record", "extract", paths[0], "z", "-o", out)
    refused(7, "exists", "extract", merged, paths[0].stem, "-o", paths[1])
    plain = folder / "plain.onnx"
    support.braid("merge", *paths, "-o", plain, "--no-record")
    refused(3, "has no record", "split", plain, "-o", folder / "parts")
    other = support.synth(support.MODELS / "resnet-small-legacy.onnx", 1, "different", folder)[0]
    refused(4, "another architecture", "refit", merged, paths[0].stem, other, "-o", out)
    new = folder / "new"
    support.braid("synth", support.MODELS / "bert-small-legacy.onnx", "-n", 1, "--seed", 9, "-o", new)
    new = new / "bert-small-legacy-0.onnx"
    refused(4, "is shared with", "refit", merged, paths[0].stem, new, "-o", out)
    assert not out.exists()


def case_files_that_others_changed(folder: pathlib.Path) -> None:
    """Another tool that keeps the weights but not the graph."""
    paths, merged = small_set(folder)
    model = onnx.load(merged)
    model.graph.node[0].name = "renamed"
    changed = folder / "changed.onnx"
    onnx.save(model, changed)
    assert "graph" in support.braid("verify", changed, code=1).stdout
    message = support.braid("extract", changed, paths[0].stem, "-o", folder / "x.onnx", code=3).stderr
    assert "another program" in message, message
    # Saved again without a change, it is still the same model.
    onnx.save(onnx.load(merged), changed)
    support.braid("extract", changed, paths[0].stem, "-o", folder / "x.onnx")
    assert taking_apart.same_bytes(paths[0], folder / "x.onnx")


def case_weights_are_replaced_in_place(folder: pathlib.Path) -> None:
    """Only the classifier of a stitched set is private: a new one fits, and moves no other byte."""
    paths, merged = small_set(folder)
    model = onnx.load(paths[1])
    others = [onnx.load(path) for path in (paths[0], paths[2])]
    stored = {
        tuple(map(bytes, (t.raw_data,))) for other in others for t in other.graph.initializer
    }
    changed = 0
    for tensor in model.graph.initializer:
        is_private = tensor.data_type == 1 and (tensor.raw_data,) not in stored
        if not is_private or len(tensor.raw_data) < 64:
            continue
        values = numpy_helper.to_array(tensor) * np.float32(1.5)
        tensor.raw_data = values.astype(np.float32).tobytes()
        changed += 1
    assert changed, "the members share everything"
    home = folder / "new"
    home.mkdir()
    new = home / paths[1].name
    onnx.save(model, new)
    out = folder / "refitted.onnx"
    support.braid("refit", merged, paths[1].stem, new, "-o", out)
    direct = folder / "direct.onnx"
    support.braid("merge", paths[0], new, paths[2], "-o", direct)
    assert taking_apart.same_bytes(out, direct), "refitting is not merging with the new one"
    assert not taking_apart.same_bytes(out, merged)
    support.Members([paths[0], new, paths[2]], out, taking_apart.SIZES).check(are_equal=False)
    shutil.rmtree(home)


if __name__ == "__main__":
    sys.exit(run_cases(globals()))
