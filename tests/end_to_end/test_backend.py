"""Runs the models of ONNX's backend test data, and compares with the outputs that come with them.

The tolerances are those of the test data. What does not pass stands in NOT_PASSING with its reason,
and all else must pass; --write brings that list up to date. Of the tests whose values have only
the usual types (float, double, float16, bfloat16, integers, bool), SHARE must pass.
"""
# labels: slow

from __future__ import annotations

import argparse
import collections
import concurrent.futures
import dataclasses
import pathlib
import re
import selectors
import subprocess
import sys
import tempfile

import ml_dtypes  # noqa: F401  registers bfloat16 with NumPy
import numpy as np
import onnx
from onnx import TensorProto, numpy_helper
from onnx.backend.test.loader import load_model_tests

import backend_models
import support

RUNNER = pathlib.Path(support.BRAID).parent / "tests/backend/braid-run-cases"
NOT_PASSING = support.ROOT / "tests/backend/not_passing.txt"
SHARE = 0.95
TIMEOUT = 120

USUAL = {
    "FLOAT", "DOUBLE", "FLOAT16", "BFLOAT16", "BOOL", "INT8", "INT16", "INT32", "INT64", "UINT8",
    "UINT16", "UINT32", "UINT64",
}  # fmt: skip
RANDOM = {"Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform",
          "RandomUniformLike"}  # fmt: skip

# NumPy files hold these as other types.
STORED_AS = {"bfloat16": np.float32}


@dataclasses.dataclass
class Case:
    name: str
    model: pathlib.Path
    data: pathlib.Path  # the folder of inputs
    outputs: list[pathlib.Path]
    rtol: float
    atol: float


@dataclasses.dataclass
class Verdict:
    result: str  # passed, unsupported, wrong, error, crashed
    reason: str = ""


class Runner:
    """The program that runs cases; a new one takes over where one ends before its time."""

    def __init__(self, device: str) -> None:
        self.command = [str(RUNNER), device]
        self.process = None

    def ask(self, line: str) -> str:
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, text=True,
            )  # fmt: skip
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            if not selector.select(TIMEOUT):
                self.process.kill()
                self.process.wait()
                return f"crashed\ttakes more than {TIMEOUT} s"
        answer = self.process.stdout.readline().strip()
        return answer or f"crashed\texit code {self.process.wait()}"


def light_case(path: pathlib.Path, folder: pathlib.Path) -> Case:
    """These come without inputs: the suite makes them, from 0 to 1 in steps."""
    model = onnx.load(path)
    stored = {tensor.name for tensor in model.graph.initializer}
    ports = [port for port in model.graph.input if port.name not in stored]
    data = folder / path.stem
    data.mkdir()
    for i, port in enumerate(ports):
        dims = [dim.dim_value for dim in port.type.tensor_type.shape.dim]
        count = int(np.prod(dims))
        values = (np.arange(count) / count).astype(np.float32).reshape(dims)
        (data / f"input_{i}.pb").write_bytes(numpy_helper.from_array(values).SerializeToString())
    outputs = [path.with_name(f"{path.stem}_output_0.pb")]
    return Case(path.stem, path, data, outputs, 1e-3, 1e-7)


def cases_of(folder: pathlib.Path) -> list[Case]:
    cases = []
    for kind in ("node", "simple", "pytorch-converted", "pytorch-operator"):
        for test in sorted(load_model_tests(kind=kind), key=lambda test: test.name):
            for data in sorted(pathlib.Path(test.model_dir).glob("test_data_set*")):
                outputs = sorted(
                    data.glob("output_*.pb"), key=lambda p: int(p.stem.removeprefix("output_"))
                )
                model = pathlib.Path(test.model_dir) / "model.onnx"
                cases.append(Case(test.name, model, data, outputs, test.rtol, test.atol))
    light = sorted((backend_models.DATA / "light").glob("*.onnx"))
    return cases + [light_case(path, folder) for path in light]


def type_names(kind: onnx.TypeProto) -> set[str]:
    which = kind.WhichOneof("value")
    if which in ("tensor_type", "sparse_tensor_type"):
        name = TensorProto.DataType.Name(getattr(kind, which).elem_type)
        return {name} if which == "tensor_type" else {"sparse " + name}
    if which in ("sequence_type", "optional_type"):
        return type_names(getattr(kind, which).elem_type)
    return {which or "no type"}


def unusual_types(model: onnx.ModelProto) -> set[str]:
    values = [*model.graph.input, *model.graph.output, *model.graph.value_info]
    names = set().union(*(type_names(value.type) for value in values))
    for graph in support.graphs(model.graph):
        names |= {TensorProto.DataType.Name(tensor.data_type) for tensor in graph.initializer}
        for node in graph.node:
            names |= {
                TensorProto.DataType.Name(attribute.i)
                for attribute in node.attribute
                if node.op_type.startswith("Cast") and attribute.name == "to"
            }
    return names - USUAL


def flatten(name: str, value: object) -> dict[str, np.ndarray]:
    """Tensors under the names that the program gives them."""
    if value is None:
        return {}
    if isinstance(value, list):
        named = {}
        for i, element in enumerate(value):
            named |= flatten(f"{name}/{i}", element)
        return named
    return {name: np.asarray(value)}


def read_outputs(path: pathlib.Path) -> dict[str, np.ndarray]:
    named = {}
    with np.load(path) as file:
        for key, values in file.items():
            name, is_text, dims = key.partition(":strings:")
            if is_text:
                texts = bytes(values).decode().split("\0")[:-1]
                values = np.array(texts, object).reshape([int(d) for d in dims.split(",")[:-1]])
            named[name] = values
    return named


def compare(case: Case, model: onnx.ModelProto, path: pathlib.Path) -> str:
    """What differs; nothing if all outputs are as expected."""
    expected = {}
    for i, file in enumerate(case.outputs):
        value = backend_models.read_value(file, model.graph.output[i].type)
        expected |= flatten(str(i), value)
    actual = read_outputs(path)
    actual = {name: actual[name] for name in actual if int(name.split("/")[0]) < len(case.outputs)}
    if actual.keys() != expected.keys():
        return f"outputs {sorted(actual)} instead of {sorted(expected)}"
    only_shape = any(node.op_type in RANDOM for node in model.graph.node)
    for name, want in expected.items():
        got = actual[name]
        if got.shape != want.shape:
            return f"output {name} has shape {got.shape} instead of {want.shape}"
        if want.dtype.kind in "OUS":
            if got.astype(str).tolist() != want.astype(str).tolist():
                return f"output {name} has other strings"
            continue
        if got.dtype != STORED_AS.get(want.dtype.name, want.dtype):
            return f"output {name} has type {got.dtype} instead of {want.dtype}"
        if only_shape:
            continue
        wide = np.complex128 if want.dtype.kind == "c" else np.float64
        got, want = got.astype(wide), want.astype(wide)
        if not np.allclose(got, want, case.rtol, case.atol, equal_nan=True):
            with np.errstate(invalid="ignore"):
                return f"output {name} differs by {np.nanmax(np.abs(got - want)):.3g}"
    return ""


def judge(case: Case, runner: Runner, folder: pathlib.Path) -> Verdict:
    path = folder / "outputs.npz"
    result, _, reason = runner.ask(f"{case.model}\t{case.data}\t{path}").partition("\t")
    if result != "ok":
        return Verdict(result, reason)
    wrong = compare(case, onnx.load(case.model), path)
    return Verdict("wrong", wrong) if wrong else Verdict("passed")


def judge_all(cases: list[Case], device: str) -> list[Verdict]:
    runner = Runner(device)
    with tempfile.TemporaryDirectory() as folder:
        return [judge(case, runner, pathlib.Path(folder)) for case in cases]


def reason_of(verdict: Verdict) -> str:
    """The reason without what depends on the machine."""
    if verdict.result == "unsupported":
        names = re.findall(r"([\w.]+) \(", verdict.reason.partition(": ")[2])
        return f"unsupported: {', '.join(names) or verdict.reason}"
    return f"error: {verdict.reason}" if verdict.result == "error" else verdict.result


def summarise(cases: list[Case], verdicts: list[Verdict]) -> tuple[dict[str, str], bool]:
    """Prints the counts; returns what does not pass, by name, and whether enough does."""
    lines = {}
    unusual = [unusual_types(onnx.load(case.model)) for case in cases]
    for case, verdict, types in zip(cases, verdicts, unusual):
        if verdict.result != "passed":
            kind = ", ".join(sorted(types)) or "usual types"
            lines[case.name] = f"[{kind}] {reason_of(verdict)}"
    usual = [v for v, types in zip(verdicts, unusual) if not types]
    passed = sum(verdict.result == "passed" for verdict in usual)
    others = [v for v, types in zip(verdicts, unusual) if types]
    print(f"usual types: {passed} of {len(usual)} pass")
    print(f"others: {sum(v.result == 'passed' for v in others)} of {len(others)} pass")
    reasons = collections.Counter(reason_of(v) for v in verdicts if v.result != "passed")
    for reason, count in reasons.most_common():
        print(f"  {count}: {reason}")
    return lines, passed >= SHARE * len(usual)


def check_list(lines: dict[str, str]) -> bool:
    """Whether the tests that do not pass are those of the list."""
    listed = {line.split()[0] for line in NOT_PASSING.read_text().splitlines()}
    for name in sorted(lines.keys() - listed):
        print(f"FAILED {name} {lines[name]}")
    for name in sorted(listed - lines.keys()):
        print(f"{name} passes, or is no more; run test_backend.py --write")
    return listed == lines.keys()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", metavar="NAME", help="tests whose name contains this")
    parser.add_argument("--write", action="store_true", help="write the list of what fails")
    parser.add_argument("--device", default="cpu", choices=("cpu", "reference"))
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        cases = cases_of(pathlib.Path(folder))
        if options.only:
            cases = [case for case in cases if options.only in case.name]
        with concurrent.futures.ProcessPoolExecutor(max_workers=2) as pool:
            halves = [cases[::2], cases[1::2]]
            verdicts = list(pool.map(judge_all, halves, [options.device] * 2))
    cases, verdicts = sum(halves, []), sum(verdicts, [])
    if options.only:
        for case, verdict in zip(cases, verdicts):
            print(f"{case.name} {verdict.result} {verdict.reason}")
        return 0 if all(verdict.result == "passed" for verdict in verdicts) else 1
    lines, is_enough = summarise(cases, verdicts)
    if options.write:
        text = "".join(f"{name} {lines[name]}\n" for name in sorted(lines))
        NOT_PASSING.write_text(text)
    return 0 if check_list(lines) and is_enough else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
