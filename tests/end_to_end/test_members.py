"""`braid run --members` of merged models: what ONNX Runtime computes of all, from less."""

from __future__ import annotations

import json
import pathlib
import sys

import numpy as np
from support import MODELS, all_agree, braid, sample, session, synth
from test_errors import run_cases

DIMS = {"batch": 2, "sequence": 7, "seq": 7}
ARCHITECTURES = ["bert-small-legacy", "resnet-small-dynamo", "resnext-small-legacy",
                 "xlnet-small-dynamo", "zoo/lstm-dynamo", "zoo/mobilenet-v3-dynamo"]


def merged(architecture: str, pattern: str, folder: pathlib.Path) -> tuple[pathlib.Path, list[str]]:
    members = synth(MODELS / f"{architecture}.onnx", 4, pattern, folder)
    out = folder / "merged.onnx"
    braid("merge", *members, "-o", out)
    return out, [member.stem for member in members]


def run(model: pathlib.Path, inputs: dict[str, np.ndarray], *options: object) -> tuple[dict, dict]:
    given, out = model.with_name("in.npz"), model.with_name("out.npz")
    np.savez(given, **inputs)
    done = braid("run", model, "--inputs", given, "--outputs", out, "--force", "--dump-program",
                 "--json", "-", *options)
    return dict(np.load(out)), json.loads(done.stdout)["program"]


def of(names: list[str], arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {key: value for key, value in arrays.items() if key.split("/")[0] in names}


def expect_close(actual: dict, expected: dict) -> None:
    assert actual.keys() == expected.keys(), (actual.keys(), expected.keys())
    assert all_agree(actual, expected), list(actual)


def check(architecture: str, pattern: str, folder: pathlib.Path) -> None:
    model, names = merged(architecture, pattern, folder)
    judge = session(model)
    inputs = sample(judge, 7, DIMS)
    outputs = dict(zip((port.name for port in judge.get_outputs()), judge.run(None, inputs)))
    _, whole = run(model, inputs)
    for chosen in ([names[1]], [names[3], names[0]]):
        actual, program = run(model, of(chosen, inputs), "--members", ",".join(chosen))
        expect_close(actual, of(chosen, outputs))
        share = program["bytes_moved"] / whole["bytes_moved"]
        # Members of two classes lie in a table of classes and places: two of them can span it all.
        is_spread = pattern == "classes" and len(chosen) > 1
        assert is_spread or share < len(chosen) / 4 + 0.2, (architecture, pattern, chosen, share)
    other = {key.replace(names[2], names[1]): value for key, value in of([names[2]], outputs).items()}
    assert not all_agree(other, of([names[1]], outputs)), "members must differ"


def case_some_members(folder: pathlib.Path) -> None:
    for architecture in ARCHITECTURES:
        for pattern in ("different", "shared", "classes"):
            check(architecture, pattern, folder / architecture.replace("/", "-") / pattern)


def case_reference_device(folder: pathlib.Path) -> None:
    model, names = merged("zoo/lstm-dynamo", "different", folder)
    inputs = of(names[:1], sample(session(model), 7, DIMS))
    expected, _ = run(model, inputs, "--members", names[0], "--device", "reference")
    expect_close(run(model, inputs, "--members", names[0])[0], expected)


def case_wrong_names(folder: pathlib.Path) -> None:
    model, names = merged("zoo/lstm-dynamo", "different", folder)
    done = braid("run", model, "--members", f"{names[0]},x", code=2)
    assert f"there is no member 'x'; its members are '{names[0]}'" in done.stderr, done.stderr
    single = MODELS / "bert-small-dynamo.onnx"
    member = synth(single, 1, "different", folder / "one")[0]
    done = braid("run", member, "--members", "a", code=3)
    assert "does not tell its members" in done.stderr, done.stderr


if __name__ == "__main__":
    sys.exit(run_cases(globals()))
