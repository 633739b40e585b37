"""Members made of the models of ONNX's backend test data, and inputs for them.

Most of these models hold one operator, whose parameters are graph inputs. Members of a model:

    inputs      the model as it is; weights that it has differ between the members
    weights     float inputs behind the first one are weights, other ones in each member
    shared      the same, but only the last member has weights of its own
"""

from __future__ import annotations

import dataclasses
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

DATA = pathlib.Path(onnx.__file__).parent / "backend/test/data"
KINDS = ("node", "simple", "light", "pytorch-converted", "pytorch-operator")
VARIANTS = ("inputs", "weights", "shared")

FLOATS = (TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16)

# Float inputs that say where and how much, not what: they must be equal in all members.
STRUCTURE = {
    "Clip": (1, 2),
    "CenterCropPad": (1,),
    "Dropout": (1, 2),
    "OneHot": (1, 2),
    "Pad": (2,),
    "Range": (0, 1, 2),
    "Resize": (1, 2),
    "NonMaxSuppression": (2, 3, 4),
    "Upsample": (1,),
}


# Models that are none, though ONNX Runtime runs them as long as it infers no shapes.
INVALID = {
    "test_affine_grid_2d_align_corners_expanded": "Range reads tensors of rank 1",
    "test_affine_grid_2d_expanded": "Range reads tensors of rank 1",
}


class Skip(Exception):
    """No members can be made of the model, or nobody can run them; says why."""


class NoVariant(Exception):
    """The model has no inputs that could be weights."""


@dataclasses.dataclass
class Members:
    """Models of one architecture, and for each the values of its inputs."""

    models: list[onnx.ModelProto]
    feeds: list[dict[str, object]]
    has_weights: bool  # members differ in weights


def model_files() -> list[pathlib.Path]:
    files = [f for kind in KINDS for f in (DATA / kind).glob("*/model.onnx")]
    return sorted(files) + sorted((DATA / "light").glob("*.onnx"))


def name_of(path: pathlib.Path) -> str:
    return path.parent.name if path.name == "model.onnx" else path.stem


def read_value(path: pathlib.Path, declared: onnx.TypeProto) -> object:
    content = path.read_bytes()
    kind = declared.WhichOneof("value")
    if kind == "sequence_type":
        return numpy_helper.to_list(onnx.SequenceProto.FromString(content))
    if kind == "optional_type":
        return numpy_helper.to_optional(onnx.OptionalProto.FromString(content))
    return numpy_helper.to_array(TensorProto.FromString(content))


def draw_input(port: onnx.ValueInfoProto) -> np.ndarray:
    """For models that come without inputs: small images."""
    tensor = port.type.tensor_type
    if tensor.elem_type != TensorProto.FLOAT:
        raise Skip("no inputs are given")
    shape = [dim.dim_value or 2 for dim in tensor.shape.dim]
    return np.random.default_rng(0).random(shape, np.float32)


def given_inputs(path: pathlib.Path, model: onnx.ModelProto) -> dict[str, object]:
    stored = {tensor.name for tensor in model.graph.initializer}
    ports = [port for port in model.graph.input if port.name not in stored]
    folder = path.parent / "test_data_set_0"
    if path.name != "model.onnx":
        return {port.name: draw_input(port) for port in ports}
    files = [folder / f"input_{i}.pb" for i in range(len(ports))]
    if not all(file.exists() for file in files):
        raise Skip("inputs are missing in the test data")
    return {port.name: read_value(file, port.type) for port, file in zip(ports, files)}


def is_float(values: object) -> bool:
    return isinstance(values, np.ndarray) and values.dtype.name in (
        "float16", "bfloat16", "float32", "float64")


def vary(values: object, seed: int) -> object:
    """Other values in the range of the given ones: in another order, and a little smaller.

    So 0 stays 0, and what is positive, as a variance must be, stays so.
    """
    if seed == 0 or not is_float(values) or values.size == 0:
        return values
    random = np.random.default_rng(seed)
    mixed = random.permutation(values.ravel()).reshape(values.shape)
    return (mixed * np.asarray(1 - 0.125 * random.random(), values.dtype)).astype(values.dtype)


def structural_inputs(graph: onnx.GraphProto) -> set[str]:
    """Names of values that some node, or subgraph, reads as structure."""
    names = set()
    for node in graph.node:
        names |= {node.input[i] for i in STRUCTURE.get(node.op_type, ()) if i < len(node.input)}
    return names


def to_weights(model: onnx.ModelProto, feeds: dict[str, object]) -> list[str]:
    """Turns float inputs behind the first one into initializers; returns their names."""
    structural = structural_inputs(model.graph)
    moved = [
        port
        for port in list(model.graph.input)[1:]
        if is_float(feeds.get(port.name)) and port.name not in structural
    ]
    for port in moved:
        values = feeds.pop(port.name)
        model.graph.initializer.append(numpy_helper.from_array(values, port.name))
        model.graph.input.remove(port)
    return [port.name for port in moved]


def reseed_weights(model: onnx.ModelProto, seed: int) -> bool:
    """Varies the float initializers; false if there is none."""
    structural = structural_inputs(model.graph)
    found = False
    for tensor in model.graph.initializer:
        if tensor.data_type in FLOATS and tensor.name not in structural and len(tensor.dims) > 0:
            found = True
            values = vary(numpy_helper.to_array(tensor), seed)
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    return found


def make_members(path: pathlib.Path, count: int, variant: str) -> Members:
    """Makes the members; raises NoVariant or Skip."""
    if name_of(path) in INVALID:
        raise Skip(f"invalid: {INVALID[name_of(path)]}")
    models, feeds = [], []
    has_weights = False
    for member in range(count):
        model = onnx.load(path)
        inputs = given_inputs(path, model)
        if variant != "inputs" and not to_weights(model, inputs):
            raise NoVariant
        # The first member keeps what is in the test data.
        seed = member if variant != "shared" else count if member == count - 1 else 0
        has_weights = reseed_weights(model, seed) or has_weights
        structural = structural_inputs(model.graph)
        feeds.append({
            name: values if name in structural else vary(values, 100 * member)
            for name, values in inputs.items()
        })
        models.append(model)
    return Members(models, feeds, has_weights)
