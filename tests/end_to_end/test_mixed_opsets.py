"""Members of different opsets: every model of ONNX's backend tests is merged with a model of a
newer opset. It must come out with the outputs that its test data say, or be refused by name.

ONNX Runtime and ONNX's reference evaluator run the merged file; one of them must come to the outputs
of the test data. Who gets the model wrong as it was given is no judge (neither knows all opsets, and
the evaluator has slips of its own); a model without a judge is counted as such.
"""
# labels: slow

from __future__ import annotations

import collections
import concurrent.futures
import pathlib
import re
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

import support

DATA = pathlib.Path(onnx.__file__).parent / "backend/test/data"
FOLDERS = ("node", "simple", "pytorch-operator", "pytorch-converted")
NEWEST = onnx.defs.onnx_opset_version()

# What opsets are brought to: the two that removed most attributes, and the newest.
TARGETS = (13, 18, NEWEST)

# Operators for which no conversion is known or right.
REFUSED = {"Scan"}


def opset_of(model: onnx.ModelProto) -> int:
    return max((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), default=0)


def anchor(opset: int, folder: pathlib.Path) -> pathlib.Path:
    """The model of the newer opset."""
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in ("x", "y")]
    graph = helper.make_graph([helper.make_node("Neg", ["x"], ["y"])], "g", ports[:1], ports[1:])
    model = helper.make_model(graph, ir_version=8, opset_imports=[helper.make_opsetid("", opset)])
    path = folder / "anchor.onnx"
    onnx.save(model, path)
    return path


def read(path: pathlib.Path, kind: onnx.TypeProto):
    data = path.read_bytes()
    if kind.HasField("sequence_type"):
        return numpy_helper.to_list(onnx.SequenceProto.FromString(data))
    if kind.HasField("optional_type"):
        return numpy_helper.to_optional(onnx.OptionalProto.FromString(data))
    return numpy_helper.to_array(TensorProto.FromString(data))


def test_data(case: pathlib.Path, graph: onnx.GraphProto):
    """Inputs by name and the expected outputs; inputs that have no file have a default."""
    folder = case / "test_data_set_0"
    inputs = {}
    for i, port in enumerate(graph.input):
        path = folder / f"input_{i}.pb"
        if path.exists():
            inputs[port.name] = read(path, port.type)
    outputs = [read(folder / f"output_{i}.pb", p.type) for i, p in enumerate(graph.output)]
    return inputs, outputs


def by_runtime(model: onnx.ModelProto, inputs: dict, names: list[str]) -> list:
    options = ort.SessionOptions()
    options.log_severity_level = 4
    return ort.InferenceSession(model.SerializeToString(), options).run(names, inputs)


def by_reference(model: onnx.ModelProto, inputs: dict, names: list[str]) -> list:
    return ReferenceEvaluator(model).run(names, inputs)


def evaluate(judge, model: onnx.ModelProto, inputs: dict, names: list[str]) -> list | None:
    """The outputs; None if the judge does not run the model."""
    known = {port.name for port in model.graph.input}
    try:
        with np.errstate(all="ignore"):  # tests of infinities and NaNs
            return judge(model, {k: v for k, v in inputs.items() if k in known}, names)
    except Exception:  # whatever an evaluator throws: it is no judge of this model
        return None


def equal(actual, expected) -> bool:
    if isinstance(expected, list):
        return len(actual) == len(expected) and all(map(equal, actual, expected))
    if expected is None:
        return actual is None
    actual, expected = np.asarray(actual), np.asarray(expected)
    if actual.shape != expected.shape:
        return False
    if expected.dtype.kind not in "fc":  # integers, strings, and the types of ml_dtypes
        return actual.tolist() == expected.tolist()
    return bool(np.allclose(actual, expected, rtol=1e-3, atol=1e-3, equal_nan=True))


def random_outputs(model: onnx.ModelProto) -> bool:
    random = {"Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform"}
    return any(node.op_type in random | {"RandomUniformLike"} for node in model.graph.node)


def check(case: pathlib.Path, target: int) -> tuple[str, str]:
    """What became of a case, and the details."""
    model = onnx.load(case / "model.onnx")
    before = opset_of(model)
    if not 0 < before < target or random_outputs(model):
        return "not tried", ""
    inputs, expected = test_data(case, model.graph)
    names = [port.name for port in model.graph.output]
    judges, has_proof = [], False
    for judge in (by_runtime, by_reference):
        given = evaluate(judge, model, inputs, names)
        is_right = given is not None and all(map(equal, given, expected))
        has_proof |= is_right
        if given is None or is_right:
            judges.append(judge)
    if not has_proof:
        return "no judge", ""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        merged = folder / "merged.onnx"
        command = [support.BRAID, "-q", "merge", case / "model.onnx", anchor(target, folder)]
        result = subprocess.run([*command, "-o", merged], capture_output=True, text=True)
        if result.returncode == 4:
            return "refused", result.stderr
        if result.returncode != 0:
            return "FAILED", result.stderr
        after = onnx.load(merged)
    if opset_of(after) != target:
        return "FAILED", f"opset {opset_of(after)}"
    feeds = {f"model/{name}": value for name, value in inputs.items()}
    feeds["anchor/x"] = np.ones(1, np.float32)
    names = [f"model/{name}" for name in names]
    answers = [evaluate(judge, after, feeds, names) for judge in judges]
    answers = [answer for answer in answers if answer is not None]
    if not answers:
        return "no judge", ""
    agrees = any(all(map(equal, answer, expected)) for answer in answers)
    return ("converted", "") if agrees else ("FAILED", "other outputs")


def main() -> int:
    cases = sorted(p.parent for f in FOLDERS for p in (DATA / f).glob("*/model.onnx"))
    assert len(cases) > 1000, "the wheel of onnx holds no backend tests"
    failed = 0
    for target in TARGETS:
        counts = collections.Counter()
        refused = collections.Counter()
        with concurrent.futures.ProcessPoolExecutor(2) as pool:
            results = pool.map(check, cases, [target] * len(cases), chunksize=16)
            for case, (outcome, details) in zip(cases, results):
                if outcome == "refused":
                    found = re.findall(r"(?:: |; )([A-Z]\w+)[^(;]*\(([^)]*)\)", details)
                    refused.update(found)
                    if not found or not {op for op, _ in found} <= REFUSED:
                        outcome = "FAILED"
                counts[outcome] += 1
                if outcome == "FAILED":
                    print(f"FAILED opset {target} {case.name}: {details.strip()}")
        print(f"opset {target}:", *(f"{count} {name}" for name, count in sorted(counts.items())))
        for (op, cause), count in sorted(refused.items()):
            print(f"  refused {op}: {cause} ({count})")
        failed += counts["FAILED"]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
