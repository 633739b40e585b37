"""What is merged and written: the same bytes for the same input, external data, member names."""

from __future__ import annotations

import os
import pathlib
import shutil
import sys
import time
import zipfile

import numpy as np
import onnx

import support
from test_errors import accepted, agrees_with_members, pair, refused, run_cases, save, tiny

ARCHITECTURES = ("bert-small-dynamo", "resnet-small-legacy", "xlnet-small-legacy")


def merged_bytes(output: pathlib.Path) -> list[bytes]:
    """What is in the merged file and, if there is one, its data file."""
    return [path.read_bytes() for path in sorted(output.parent.glob(output.name + "*"))]


# --- the same bytes -------------------------------------------------------------------------


def case_same_merge_same_bytes(folder: pathlib.Path) -> None:
    for name in ARCHITECTURES:
        for pattern in ("different", "shared", "classes"):
            model = support.MODELS / f"{name}.onnx"
            paths = support.synth(model, 3, pattern, folder / name / pattern)
            for flags in ([], ["--external-above", 0], ["--external-above", "4kib"]):
                found = []
                for jobs in (1, 3):
                    output = folder / f"jobs-{jobs}" / "merged.onnx"
                    output.parent.mkdir(exist_ok=True)
                    accepted(folder, "merge", *paths, "-o", output, "--force", "--jobs", jobs, *flags)
                    found.append(merged_bytes(output))
                    shutil.rmtree(output.parent)
                place = f"{name} {pattern} {flags}"
                assert len(found[0]) == (2 if flags else 1), f"{place}: {len(found[0])} files"
                assert found[0] == found[1], f"{place}: other bytes"


def case_paths_and_threads_do_not_matter(folder: pathlib.Path) -> None:
    """The same models in another folder, on one processor, merged into another folder."""
    here = pair(folder / "here")
    there = [path.name for path in pair(folder / "far/away")]
    one = folder / "one.onnx"
    accepted(folder, "merge", *here, "-o", one)
    processors = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(processors)})
    try:
        accepted(folder / "far/away", "merge", *there, "-o", "two.onnx")
    finally:
        os.sched_setaffinity(0, processors)
    assert one.read_bytes() == (folder / "far/away/two.onnx").read_bytes()
    assert str(folder).encode() not in one.read_bytes(), "the file tells where it was made"


def case_same_run_same_bytes(folder: pathlib.Path) -> None:
    path = save(tiny(), folder / "model.onnx")
    np.savez(folder / "in.npz", x=np.ones((2, 4), np.float32))
    run = ["run", path, "--inputs", "in.npz", "--outputs"]
    accepted(folder, *run, "one.npz")
    time.sleep(2.1)  # the resolution of times in a zip file
    accepted(folder, *run, "two.npz")
    one, two = (folder / name for name in ("one.npz", "two.npz"))
    assert one.read_bytes() == two.read_bytes(), [
        zipfile.ZipFile(path).infolist()[0].date_time for path in (one, two)
    ]


def case_synth_names_and_seeds(folder: pathlib.Path) -> None:
    architecture = support.MODELS / "bert-small-legacy.onnx"
    for out, seed in (("first", 5), ("again", 5), ("other", 6)):
        accepted(folder, "synth", architecture, "-n", 3, "--seed", seed, "-o", out)
        names = sorted(path.name for path in (folder / out).iterdir())
        assert names == [f"bert-small-legacy-{i}.onnx" for i in range(3)], names
    for name in names:
        first = (folder / "first" / name).read_bytes()
        assert first == (folder / "again" / name).read_bytes(), "the same seed, other bytes"
        assert first != (folder / "other" / name).read_bytes(), "another seed, the same bytes"
    # More members of the same seed begin with the same members.
    accepted(folder, "synth", architecture, "-n", 4, "--seed", 5, "-o", "more")
    assert (folder / "more" / names[2]).read_bytes() == (folder / "first" / names[2]).read_bytes()


def case_run_with_random_inputs(folder: pathlib.Path) -> None:
    path = save(tiny(), folder / "model.onnx")
    found = []
    for seed in (1, 1, 2):
        flags = ["--seed", seed, "--dim", "batch=7", "--outputs", "out.npz", "--force"]
        accepted(folder, "run", path, *flags)
        with np.load(folder / "out.npz") as outputs:
            found.append(outputs["y"])
    assert found[0].shape == (7, 3)
    assert np.array_equal(found[0], found[1]), "the same seed, other inputs"
    assert not np.array_equal(found[0], found[2]), "another seed, the same inputs"


# --- weights in a file beside ---------------------------------------------------------------


def case_external_data_agrees(folder: pathlib.Path) -> None:
    for name in ARCHITECTURES:
        out = folder / name
        paths = support.synth(support.MODELS / f"{name}.onnx", 2, "shared", out)
        merged = out / "merged.onnx"
        accepted(folder, "merge", *paths, "-o", merged, "--external-above", 0)
        proto = onnx.load(merged, load_external_data=False)
        entries = [
            {entry.key: entry.value for entry in tensor.external_data}
            for tensor in proto.graph.initializer
            if tensor.data_location == onnx.TensorProto.EXTERNAL
        ]
        assert entries and {entry["location"] for entry in entries} == {"merged.onnx.data"}
        size = (out / "merged.onnx.data").stat().st_size
        assert all(int(e["offset"]) + int(e["length"]) <= size for e in entries)
        # Both files may be moved together.
        shutil.move(out, folder / "moved")
        paths = [folder / "moved" / path.name for path in paths]
        merged = folder / "moved/merged.onnx"
        onnx.checker.check_model(merged)
        members = support.Members(paths, merged, {"batch": 2, "sequence": 9})
        members.check(are_equal=False)
        accepted(folder, "verify", merged, *paths)
        shutil.rmtree(folder / "moved")


def case_external_data_of_one_name_in_two_folders(folder: pathlib.Path) -> None:
    for number, name in enumerate(("one", "two")):
        models = {seed: tiny(seed, width=500) for seed in (number, 9)}
        paths = [save(model, folder / f"{name}/{seed}.onnx") for seed, model in models.items()]
        flags = ["--external-above", 0, "--no-record"]  # so that it is a member of its own
        accepted(folder, "merge", *paths, "-o", folder / name / "m.onnx", *flags)
        assert (folder / name / "m.onnx.data").exists()
        agrees_with_members(folder / name / "m.onnx", paths)
    # Members whose own weights lie in files of the same name.
    paths = [folder / "one/m.onnx", folder / "two/m.onnx"]
    accepted(folder, "merge", *paths, "-o", "merged.onnx")
    accepted(folder, "verify", "merged.onnx", *paths)
    paths = [shutil.copytree(path.parent, folder / f"copy{i}") for i, path in enumerate(paths)]
    paths = [(path / "m.onnx").rename(path / f"m{i}.onnx") for i, path in enumerate(paths)]
    accepted(folder, "merge", *paths, "-o", "renamed.onnx")
    agrees_with_members(folder / "renamed.onnx", paths)


def case_weights_inside_replace_weights_beside(folder: pathlib.Path) -> None:
    paths = pair(folder)
    accepted(folder, "merge", *paths, "-o", "m.onnx", "--external-above", 0)
    assert (folder / "m.onnx.data").exists()
    accepted(folder, "merge", *paths, "-o", "m.onnx", "--force")
    agrees_with_members(folder / "m.onnx", paths)


# --- what is merged -------------------------------------------------------------------------


def case_weightless_models(folder: pathlib.Path) -> None:
    weightless = support.MODELS / "bert-small-legacy.onnx"
    words = ["bert-small-legacy.onnx", "braid synth"]
    save(tiny(), folder / "good.onnx")
    for command in (
        ("merge", weightless, weightless, "-o", "merged.onnx"),
        ("run", weightless, "--outputs", "outputs.npz"),
        ("verify", "good.onnx", weightless),
        ("verify", weightless, "good.onnx"),
    ):
        refused(folder, 3, words, *command)
    accepted(folder, "inspect", weightless)


def case_one_model_only(folder: pathlib.Path) -> None:
    a, _ = pair(folder)
    said = accepted(folder, "merge", a, "-o", "merged.onnx")
    assert "one model" in said.lower() or "1 model" in said, said
    agrees_with_members(folder / "merged.onnx", [a])
    accepted(folder, "verify", "merged.onnx", a)


def case_nothing_in_common(folder: pathlib.Path) -> None:
    paths = []
    for name in ("bert-small-legacy", "resnet-small-legacy"):
        accepted(folder, "synth", support.MODELS / f"{name}.onnx", "-n", 1, "-o", ".")
        paths.append(folder / f"{name}-0.onnx")
    said = accepted(folder, "merge", *paths, "-o", "merged.onnx")
    assert "nothing in common" in said, said
    agrees_with_members(folder / "merged.onnx", paths)
    accepted(folder, "verify", "merged.onnx", *paths)


def case_different_opsets(folder: pathlib.Path) -> None:
    paths = [save(tiny(1, opset=13), folder / "a.onnx"), save(tiny(2), folder / "b.onnx")]
    accepted(folder, "merge", *paths, "-o", "merged.onnx")
    assert onnx.load(folder / "merged.onnx").opset_import[0].version == 17
    agrees_with_members(folder / "merged.onnx", paths)
    accepted(folder, "inspect", *paths)


def case_same_stems(folder: pathlib.Path) -> None:
    files = [folder / "a/m.onnx", folder / "b/m.onnx", folder / "c/m-2.onnx"]
    paths = [save(tiny(seed), path) for seed, path in enumerate(files)]
    accepted(folder, "merge", *paths[:2], "-o", "merged.onnx")
    merged = onnx.load(folder / "merged.onnx")
    assert [port.name for port in merged.graph.input] == ["m/x", "m-2/x"]
    assert [port.name for port in merged.graph.output] == ["m/y", "m-2/y"]
    accepted(folder, "verify", "merged.onnx", *paths[:2])
    accepted(folder, "verify", "merged.onnx", paths[1], paths[0], code=1)
    accepted(folder, "merge", *paths, "-o", "three.onnx")
    inputs = [port.name for port in onnx.load(folder / "three.onnx").graph.input]
    assert inputs[:2] == ["m/x", "m-2/x"] and len(set(inputs)) == 3, inputs
    accepted(folder, "verify", "three.onnx", *paths)


def case_unusual_names(folder: pathlib.Path) -> None:
    names = ["my model.v2", "größe", "a'b\"c", "100%"]
    paths = [save(tiny(seed), folder / f"{name}.onnx") for seed, name in enumerate(names)]
    accepted(folder, "merge", *paths, "-o", "merged.onnx")
    agrees_with_members(folder / "merged.onnx", paths)
    accepted(folder, "verify", "merged.onnx", *paths)


# --- main -----------------------------------------------------------------------------------


if __name__ == "__main__":
    sys.exit(run_cases(globals()))
