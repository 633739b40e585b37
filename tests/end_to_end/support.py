"""What the end-to-end tests share: the program, the models, seeded inputs, and the comparison.

The judge is ONNX Runtime: it runs members and merged file, and knows nothing of Braid.
"""

from __future__ import annotations

import hashlib
import os
import pathlib
import subprocess
from collections.abc import Iterator

import numpy as np
import onnx
import onnxruntime as ort

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = ROOT / "models"
BRAID = os.environ.get("BRAID", str(ROOT / "build/dev/braid"))

ABSOLUTE = 1e-4
RELATIVE = 1e-3

TYPES = {"tensor(float)": np.float32, "tensor(int64)": np.int64, "tensor(string)": object}
WORDS = ("blue", "green", "red", "yellow")  # the categories of models/sklearn

# The share patterns of a set of members: arguments of `braid synth`.
PATTERNS = {
    "different": [],
    "shared": ["--share", "0.8"],
    "classes": ["--share-classes", "2"],
    "equal": ["--share", "1"],
}


def braid(*arguments: object, code: int = 0) -> subprocess.CompletedProcess:
    """Runs the program and checks its exit code."""
    command = [BRAID, *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=600)
    assert result.returncode == code, (
        f"{' '.join(command)}: exit code {result.returncode}, expected {code}\n"
        f"{result.stdout}\n{result.stderr}"
    )
    return result


def synth(model: pathlib.Path, count: int, pattern: str, folder: pathlib.Path) -> list[pathlib.Path]:
    braid("synth", model, "-n", count, "--seed", 7, *PATTERNS[pattern], "-o", folder)
    return [folder / f"{model.stem}-{i}.onnx" for i in range(count)]


def session(path: pathlib.Path) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 2
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def sample(member: ort.InferenceSession, seed: int, sizes: dict[str, int]) -> dict[str, np.ndarray]:
    """Inputs by name. Token ids stay below 100, the smallest vocabulary of models/."""
    random = np.random.default_rng(seed)
    inputs = {}
    for port in member.get_inputs():
        shape = [d if isinstance(d, int) else sizes.get(d or "batch", 2) for d in port.shape]
        if "mask" in port.name:
            values = random.integers(0, 2, shape)
            values[..., 0] = 1
        elif port.type == "tensor(string)":
            values = random.choice(WORDS, shape)
        elif port.type == "tensor(int64)":
            values = random.integers(0, 2 if "type" in port.name else 100, shape)
        else:
            values = random.standard_normal(shape)
        inputs[port.name] = values.astype(TYPES[port.type])
    return inputs


def run(member: ort.InferenceSession, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    names = [port.name for port in member.get_outputs()]
    return dict(zip(names, member.run(names, inputs)))


def agrees(actual: np.ndarray, expected: np.ndarray) -> bool:
    if actual.shape != expected.shape or actual.dtype != expected.dtype:
        return False
    if actual.dtype.kind not in "fc":
        return np.array_equal(actual, expected)
    # Sums of large terms are off by their rounding, also where they happen to end near zero.
    scale = max(1.0, float(np.max(np.abs(expected), initial=0)))
    return bool(
        np.allclose(actual, expected, rtol=RELATIVE, atol=ABSOLUTE * scale, equal_nan=True)
    )


def all_agree(actual: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> bool:
    return actual.keys() == expected.keys() and all(
        agrees(actual[name], expected[name]) for name in expected
    )


def largest_error(actual: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> float:
    return max(
        float(np.max(np.abs(actual[name] - values), initial=0)) if values.dtype.kind == "f" else 0.0
        for name, values in expected.items()
    )


def weights(path: pathlib.Path) -> list[onnx.TensorProto]:
    return list(onnx.load(path).graph.initializer)


def bytes_of(tensor: onnx.TensorProto) -> int:
    return len(tensor.raw_data) or tensor.ByteSize()


def graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    """The graph and its subgraphs."""
    yield graph
    for attribute in (a for node in graph.node for a in node.attribute):
        for inner in [attribute.g] if attribute.HasField("g") else attribute.graphs:
            yield from graphs(inner)


def unique_weight_bytes(paths: list[pathlib.Path]) -> int:
    """Bytes of the distinct tensors of all files."""
    seen = {}
    for path in paths:
        for tensor in weights(path):
            values = onnx.numpy_helper.to_array(tensor)
            key = (tensor.data_type, values.shape, hashlib.sha256(values.tobytes()).digest())
            seen[key] = values.nbytes
    return sum(seen.values())


class Members:
    """N members and their merged file, ready to run on inputs of their own."""

    def __init__(self, paths: list[pathlib.Path], merged: pathlib.Path, sizes: dict[str, int]):
        self.names = [path.stem for path in paths]
        self.sessions = [session(path) for path in paths]
        self.merged = session(merged)
        self.draw(sizes)

    def draw(self, sizes: dict[str, int]) -> None:
        """Gives each member inputs of its own, of these sizes."""
        self.inputs = [sample(s, 100 + i, sizes) for i, s in enumerate(self.sessions)]

    def expected(self, member: int, inputs_of: int) -> dict[str, np.ndarray]:
        return run(self.sessions[member], self.inputs[inputs_of])

    def actual(self) -> list[dict[str, np.ndarray]]:
        feeds = {
            f"{name}/{key}": value
            for name, inputs in zip(self.names, self.inputs)
            for key, value in inputs.items()
        }
        outputs = run(self.merged, feeds)
        return [
            {key[len(name) + 1 :]: v for key, v in outputs.items() if key.startswith(name + "/")}
            for name in self.names
        ]

    def check(self, are_equal: bool) -> float:
        """Compares every member, with controls that must fail; returns the largest error."""
        actual = self.actual()
        error = 0.0
        count = len(self.names)
        for i in range(count):
            expected = self.expected(i, i)
            error = max(error, largest_error(actual[i], expected))
            assert all_agree(actual[i], expected), f"{self.names[i]}: error {error}"
            # The first and the last member are of different share classes in every pattern.
            other = count - 1 if i < (count + 1) // 2 else 0
            assert not all_agree(actual[other], expected), f"{self.names[i]}: outputs swapped"
            # The same inputs through the other member's weights: catches swapped weights.
            if not are_equal:
                swapped = self.expected(other, i)
                assert not all_agree(actual[i], swapped), f"{self.names[i]}: weights swapped"
        return error
