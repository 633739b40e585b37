"""Sound models and merged files to start from, and seeded changes to them."""

from __future__ import annotations

import functools
import pathlib
import random
import re
import tempfile
from collections.abc import Iterator

import numpy as np
import onnx
import onnx.parser
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from onnx import TensorProto, helper, numpy_helper

import support

NUMBERS = (0, 1, -1, 2, 3, -2, 7, 100, 255, 1 << 16, 1 << 24, (1 << 31) - 1, -(1 << 31), 1 << 31,
           1 << 32, 1 << 40, 1 << 62, (1 << 63) - 1, -(1 << 63))  # fmt: skip
TEXTS = ("", "x", "../up", "/abs", "a/b", "a\\b", "a\nb", "\0", "\x1b[31m", "%s%n", "é", "'", '"',
         "y" * 5000, "-o", ".", "..", "CON", "{}", "braid.inline")  # fmt: skip

Draw = random.Random


# --- seeds ----------------------------------------------------------------------------------


@functools.cache
def golden_texts() -> tuple[str, ...]:
    texts = []
    for file in sorted((support.ROOT / "tests/golden/merge").glob("*.golden")):
        texts += re.split(r"^=== .*$", file.read_text(), flags=re.M)[1:]
    return tuple(texts)


def with_weights(text: str, seed: int) -> onnx.ModelProto:
    """The model of that text; inputs named w... and p... become weights."""
    model = onnx.parser.parse_model(text)
    draw = np.random.default_rng(seed)
    kept = []
    for port in model.graph.input:
        dims = [dim.dim_value for dim in port.type.tensor_type.shape.dim]
        dtype = helper.tensor_dtype_to_np_dtype(port.type.tensor_type.elem_type)
        if port.name[0] in "wp" and dtype.kind in "fiu":
            values = np.abs(draw.standard_normal(dims)) * (1 if dtype.kind == "f" else 20)
            tensor = numpy_helper.from_array(values.astype(dtype), port.name)
            model.graph.initializer.append(tensor)
        else:
            kept.append(port)
    del model.graph.input[:]
    model.graph.input.extend(kept)
    return model


@functools.cache
def seeds() -> tuple[onnx.ModelProto, ...]:
    """Sound models with weights: one operator or a few each, and the pipelines of models/."""
    models = [onnx.load(path) for path in sorted((support.MODELS / "sklearn").glob("*-0.onnx"))]
    for number, text in enumerate(golden_texts()):
        try:
            models.append(with_weights(text, number))
            onnx.checker.check_model(models[-1])
        except onnx.checker.ValidationError:
            models.pop()  # needs constants that the unit tests add
        except (onnx.parser.ParseError, ValueError, TypeError):
            continue  # types that NumPy lacks
    return tuple(models)


def draw_seed(draw: Draw) -> onnx.ModelProto:
    model = onnx.ModelProto()
    model.CopyFrom(draw.choice(seeds()))
    return model


@functools.cache
def merged_seeds() -> tuple[bytes, ...]:
    """Merged files with their records."""
    merged = []
    with tempfile.TemporaryDirectory() as folder:
        for number, model in enumerate(seeds()[::15]):
            member = pathlib.Path(folder) / f"m{number}.onnx"
            member.write_bytes(model.SerializeToString())
            out = member.with_name(f"merged{number}.onnx")
            drawn = member.with_suffix("")
            support.braid("-q", "synth", member, "-n", 3, "--seed", number, "-o", drawn)
            support.braid("-q", "merge", *sorted(drawn.iterdir()), "-o", out)
            merged.append(out.read_bytes())
    return tuple(merged)


# --- mutations ------------------------------------------------------------------------------


def mutate_bytes(draw: Draw, content: bytes) -> bytes:
    data = bytearray(content)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(data) + 1)
        match draw.randrange(6):
            case 0:
                del data[at:]
            case 1:
                del data[at : at + draw.randint(1, 50)]
            case 2:
                data[at:at] = data[draw.randrange(len(data) + 1) :][: draw.randint(1, 200)]
            case 3:
                data[at:at] = bytes([0xFF] * draw.randint(1, 12))
            case _:
                data[at : at + 1] = bytes([draw.randrange(256)])
    return bytes(data)


def messages(message: Message) -> Iterator[Message]:
    yield message
    for field, value in message.ListFields():
        if field.type != FieldDescriptor.TYPE_MESSAGE:
            continue
        for inner in value if field.is_repeated else [value]:
            yield from messages(inner)


def names_in(model: Message) -> list[str]:
    return [name for m in messages(model) if isinstance(m, onnx.NodeProto)
            for name in (*m.input, *m.output)] or ["x"]  # fmt: skip


def draw_value(draw: Draw, field: FieldDescriptor, root: Message) -> object:
    match field.cpp_type:
        case FieldDescriptor.CPPTYPE_INT64:
            return draw.choice(NUMBERS)
        case FieldDescriptor.CPPTYPE_UINT64:
            return abs(draw.choice(NUMBERS))
        case FieldDescriptor.CPPTYPE_INT32:
            return draw.choice([n for n in NUMBERS if abs(n) < 1 << 31])
        case FieldDescriptor.CPPTYPE_FLOAT | FieldDescriptor.CPPTYPE_DOUBLE:
            return draw.choice((0.0, -1.0, 1e30, float("inf"), float("nan"), 1e-40))
        case FieldDescriptor.CPPTYPE_ENUM:
            return draw.choice([v.number for v in field.enum_type.values])
    if field.type == FieldDescriptor.TYPE_BYTES:
        return draw.randbytes(draw.choice((0, 1, 3, 8, 64)))
    if field.name == "op_type":
        return draw.choice([m.op_type for m in messages(draw_seed(draw)) if isinstance(m, onnx.NodeProto)])
    return draw.choice(names_in(root)) if draw.random() < 0.7 else draw.choice(TEXTS)


def mutate_field(draw: Draw, message: Message, root: Message) -> None:
    fields = [field for field, _ in message.ListFields()]
    if not fields or draw.random() < 0.15:
        fields = list(message.DESCRIPTOR.fields)
    field = draw.choice(fields)
    if field.is_repeated:
        values = getattr(message, field.name)
        if len(values) == 0 or draw.random() < 0.2:
            if field.type == FieldDescriptor.TYPE_MESSAGE:
                values.add()
            else:
                values.append(draw_value(draw, field, root))
            return
        at = draw.randrange(len(values))
        if draw.random() < 0.3:
            del values[at]
        elif field.type == FieldDescriptor.TYPE_MESSAGE:
            values.add().CopyFrom(values[at])
        else:
            values[at] = draw_value(draw, field, root)
    elif draw.random() < 0.2:
        message.ClearField(field.name)
    elif field.type != FieldDescriptor.TYPE_MESSAGE:
        setattr(message, field.name, draw_value(draw, field, root))


def mutate_integers(draw: Draw, tensor: onnx.TensorProto) -> None:
    """Shapes, axes and the like are data of tensors."""
    values = numpy_helper.to_array(tensor).copy()
    if values.size:
        values.flat[draw.randrange(values.size)] = draw.choice(NUMBERS)
        tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))


def mutate_model(draw: Draw, model: onnx.ModelProto) -> None:
    for _ in range(draw.randint(1, 3)):
        places = list(messages(model))
        place = draw.choice(places)
        try:
            if isinstance(place, onnx.TensorProto) and place.data_type == TensorProto.INT64:
                mutate_integers(draw, place)
            else:
                mutate_field(draw, place, model)
        except (TypeError, ValueError):
            continue  # a text that is no UTF-8, say: not every value can be written


def mutate_json(draw: Draw, value: object) -> object:
    """The value with one place in it changed."""
    if isinstance(value, dict) and value and draw.random() < 0.9:
        key = draw.choice(list(value))
        changed = dict(value)
        if draw.random() < 0.1:
            del changed[key]
        else:
            changed[key] = mutate_json(draw, value[key])
        return changed
    if isinstance(value, list) and value and draw.random() < 0.9:
        at = draw.randrange(len(value))
        changed = list(value)
        match draw.randrange(8):
            case 0:
                del changed[at]
            case 1:
                changed.append(changed[at])
            case _:
                changed[at] = mutate_json(draw, value[at])
        return changed
    return draw.choice((*NUMBERS, *TEXTS, None, True, 1.5, [], {}, 1 << 64))
