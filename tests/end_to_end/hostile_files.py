"""Files made to harm who reads them, and the command lines that read them.

Each function `make_*` draws one case into a folder: it writes files and returns the arguments of the
program. Everything comes from the seed of the draw, so a case can be made again from its number.
"""

from __future__ import annotations

import base64
import io
import json
import os
import pathlib
import random
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Callable

import numpy as np
import onnx
import onnx.parser
from onnx import TensorProto, helper, numpy_helper

import support
from mutations import (
    NUMBERS,
    Draw,
    draw_seed,
    merged_seeds,
    messages,
    mutate_bytes,
    mutate_field,
    mutate_integers,
    mutate_json,
    mutate_model,
    names_in,
    seeds,
)

Arguments = list[object]


# --- how files are read ---------------------------------------------------------------------


def write(path: pathlib.Path, model: onnx.ModelProto) -> pathlib.Path:
    path.write_bytes(model.SerializeToString())
    return path


def read_model(draw: Draw, folder: pathlib.Path, path: object, other: object) -> Arguments:
    """A command that reads a model, alone or beside one that is sound."""
    out = folder / "out.onnx"
    verbs: list[Arguments] = [
        ["merge", path, other, "-o", out],
        ["merge", path, path, "-o", out, "--inputs", "shared"],
        ["merge", path, path, "-o", out, "--target", "cpu", "--external-above", 0, "--verify"],
        ["plan", path, other, "--sites"],
        ["inspect", path],
        ["inspect", path, other],
        ["run", path, "--outputs", folder / "out.npz"],
        ["run", path, "--device", "reference"],
        ["verify", path, other],
        ["synth", path, "-n", 2, "-o", folder / "out"],
        ["extract", path, "--all", "-o", folder / "out"],
    ]
    return draw.choice(verbs)


def read_mutated(draw: Draw, folder: pathlib.Path, content: bytes, sound: onnx.ModelProto) -> Arguments:
    path, other = folder / "hostile.onnx", write(folder / "sound.onnx", sound)
    path.write_bytes(content)
    return read_model(draw, folder, path, other)


# --- the cases ------------------------------------------------------------------------------


def make_changed_bytes(draw: Draw, folder: pathlib.Path) -> Arguments:
    sound = draw_seed(draw)
    return read_mutated(draw, folder, mutate_bytes(draw, sound.SerializeToString()), sound)


def make_truncated(draw: Draw, folder: pathlib.Path) -> Arguments:
    sound = draw_seed(draw)
    content = sound.SerializeToString()
    return read_mutated(draw, folder, content[: draw.randrange(len(content))], sound)


def make_changed_fields(draw: Draw, folder: pathlib.Path) -> Arguments:
    sound = draw_seed(draw)
    hostile = onnx.ModelProto()
    hostile.CopyFrom(sound)
    mutate_model(draw, hostile)
    return read_mutated(draw, folder, hostile.SerializeToString(), sound)


def make_changed_attributes(draw: Draw, folder: pathlib.Path) -> Arguments:
    """What says where and how much: attributes, and integers that nodes read."""
    sound = draw_seed(draw)
    hostile = onnx.ModelProto()
    hostile.CopyFrom(sound)
    places = [m for m in messages(hostile) if isinstance(m, onnx.AttributeProto)]
    places += [t for t in hostile.graph.initializer if t.data_type == TensorProto.INT64]
    for place in draw.sample(places, min(len(places), 2)):
        if isinstance(place, onnx.TensorProto):
            mutate_integers(draw, place)
        elif place.ints:
            place.ints[draw.randrange(len(place.ints))] = draw.choice(NUMBERS)
        elif place.HasField("i"):
            place.i = draw.choice(NUMBERS)
        elif place.HasField("f"):
            place.f = draw.choice((0.0, -1.0, 1e30, float("nan")))
    return read_mutated(draw, folder, hostile.SerializeToString(), sound)


def make_lying_tensor(draw: Draw, folder: pathlib.Path) -> Arguments:
    sound = draw_seed(draw)
    hostile = onnx.ModelProto()
    hostile.CopyFrom(sound)
    tensors = [m for m in messages(hostile) if isinstance(m, onnx.TensorProto)]
    if not tensors:
        tensors = [hostile.graph.initializer.add(name="t", data_type=1, dims=[1], float_data=[1])]
    tensor = draw.choice(tensors)
    match draw.randrange(5):
        case 0:
            del tensor.dims[:]
            tensor.dims.extend(draw.choices(NUMBERS, k=draw.randint(1, 6)))
        case 1:
            tensor.dims.extend([1 << 31] * draw.randint(2, 4))
        case 2:
            tensor.data_type = draw.choice((0, 1, 7, 8, 11, 16, 22, 25, 99, -1, 1 << 30))
        case 3:
            tensor.raw_data = draw.randbytes(draw.randrange(40))
        case _:
            getattr(tensor, draw.choice(("int64_data", "int32_data", "uint64_data"))).append(1)
    return read_mutated(draw, folder, hostile.SerializeToString(), sound)


def make_external_data(draw: Draw, folder: pathlib.Path) -> Arguments:
    sound = draw_seed(draw)
    hostile = onnx.ModelProto()
    hostile.CopyFrom(sound)
    tensor = hostile.graph.initializer.add(name="outside", data_type=TensorProto.FLOAT, dims=[12])
    (folder / "w.bin").write_bytes(bytes(48))
    os.mkfifo(folder / "fifo")
    (folder / "link").symlink_to("w.bin")
    (folder / "outer").symlink_to("/")
    (folder / "circle").symlink_to("circle")
    locations = ("w.bin", "fifo", "link", "circle", "outer/etc/passwd", "/etc/passwd", "../w.bin",
                 "/dev/zero", "/dev/stdin", "/proc/self/mem", ".", "", "none", "w.bin/x",
                 "hostile.onnx", "x" * 5000, "a\0b", "./././w.bin")  # fmt: skip
    values = {"location": draw.choice(locations)}
    for key in ("offset", "length"):
        if draw.random() < 0.5:
            values[key] = str(draw.choice((*NUMBERS, 48, 44, 1 << 64, "four", "", "1e3", " 8")))
    for key, value in values.items():
        tensor.external_data.add(key=key, value=value)
    tensor.data_location = TensorProto.EXTERNAL
    return read_mutated(draw, folder, hostile.SerializeToString(), sound)


def make_tangled(draw: Draw, folder: pathlib.Path) -> Arguments:
    """Cycles, names that repeat, names that nothing produces."""
    sound = draw_seed(draw)
    hostile = onnx.ModelProto()
    hostile.CopyFrom(sound)
    graph = hostile.graph
    for _ in range(draw.randint(1, 3)):
        node = draw.choice(graph.node)
        match draw.randrange(4):
            case 0 if node.input:
                node.input[draw.randrange(len(node.input))] = draw.choice(draw.choice(graph.node).output)
            case 1 if node.output:
                node.output[0] = draw.choice(names_in(hostile))
            case 2:
                graph.node.add().CopyFrom(node)
            case _:
                graph.output.add().CopyFrom(draw.choice((*graph.output, *graph.input)))
    return read_mutated(draw, folder, hostile.SerializeToString(), sound)


def field(number: int, content: bytes) -> bytes:
    """A field of a message, in the wire format: deep nesting is more than libraries like to write."""
    length, size = bytearray(), len(content)
    while True:
        length.append(size & 127 | (128 if size > 127 else 0))
        size >>= 7
        if not size:
            return bytes([number << 3 | 2]) + bytes(length) + content


def make_nested(draw: Draw, folder: pathlib.Path) -> Arguments:
    """If within If, or a sequence of sequences, ten thousand deep or about as deep as is allowed."""
    depth = draw.choice((10, 30, 60, 64, 65, 66, 70, 100, 1000, 10_000))
    sound = onnx.parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 17]> g (float[2] x, bool c) => (float[2] y) '
        "{ y = If (c) <then_branch = t () => (float[2] a) { a = Neg(x) }, "
        "else_branch = e () => (float[2] b) { b = Abs(x) }> }"
    )
    if draw.random() < 0.3:
        content = b"\x08\x01"
        for _ in range(depth):
            content = field(4, field(1, content))
        port = field(1, b"deep") + field(2, content)
        return read_mutated(draw, folder, sound.SerializeToString() + field(7, field(11, port)), sound)
    names = [attribute.name for attribute in sound.graph.node[0].attribute]
    leaf = sound.graph.node[0].attribute[names.index("then_branch")].g.SerializeToString()
    nested = leaf
    for level in range(depth):
        node = field(1, b"c") + field(2, b"o%d" % level) + field(4, b"If")
        for name, branch in ((b"then_branch", nested), (b"else_branch", leaf)):
            node += field(5, field(1, name) + field(6, branch) + b"\xa0\x01\x05")
        nested = field(1, node) + field(2, b"l") + field(12, field(1, b"o%d" % level))
    del sound.graph.node[0].attribute[names.index("then_branch")]
    then = field(5, field(1, b"then_branch") + field(6, nested) + b"\xa0\x01\x05")
    outer = sound.graph.node[0].SerializeToString() + then
    del sound.graph.node[:]
    return read_mutated(draw, folder, sound.SerializeToString() + field(7, field(1, outer)), sound)


def make_functions(draw: Draw, folder: pathlib.Path) -> Arguments:
    """Functions that call each other: too often, too deeply, in a circle."""
    count, calls = draw.choice(((3, 2), (60, 1), (70, 1), (3000, 1), (30, 2), (10, 10), (64, 64)))
    imports = [helper.make_opsetid("", 17), helper.make_opsetid("l", 1)]
    functions = []
    for number in range(count):
        names = ["a", *(f"m{number}_{i}" for i in range(calls - 1)), "b"]
        callee = ("l", f"f{number - 1}") if number else ("", "Neg")
        if number == 0 and draw.random() < 0.3:
            callee = ("l", f"f{draw.randrange(count)}")
        nodes = [helper.make_node(callee[1], [x], [y], domain=callee[0]) for x, y in zip(names, names[1:])]
        functions.append(helper.make_function("l", f"f{number}", ["a"], ["b"], nodes, imports))
    ports = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [2]) for name in "xy"]
    call = helper.make_node(f"f{count - 1}", ["x"], ["y"], domain="l")
    graph = helper.make_graph([call], "g", ports[:1], ports[1:])
    model = helper.make_model(graph, opset_imports=imports, functions=functions, ir_version=9)
    return read_mutated(draw, folder, model.SerializeToString(), draw_seed(draw))


HUGE = (
    "(int64[1] n) => (float[K] y) { y = ConstantOfShape(n) }",
    "(float[2] x) => (float[K] y) { k = Constant<value = int64[1] {SIZE}>() y = Tile(x, k) }",
    "(float[1] x) => (float[K] y) { k = Constant<value = int64[1] {SIZE}>() y = Expand(x, k) }",
    "() => (float[K] y) { k = Constant<value = int64[2] {SIZE, SIZE}>() y = ConstantOfShape(k) }",
    "() => (int64[K] y) { a = Constant<value_int = 0>() b = Constant<value_int = SIZE>() c = Constant<value_int = 1>() y = Range(a, b, c) }",
    "() => (float[K] y) { y = RandomNormal<shape = [SIZE]>() }",
    "(float[2] x) => (float[K] y) { p = Constant<value = int64[2] {0, SIZE}>() y = Pad(x, p) }",
    "(float[1,1,2,2] x) => (float[a,b,c,d] y) { s = Constant<value = int64[4] {1, 1, SIZE, 2}>() y = Resize(x, , , s) }",
    "(int64[2] x) => (float[2,K] y) { d = Constant<value_int = SIZE>() v = Constant<value_floats = [0.0, 1.0]>() y = OneHot(x, d, v) }",
    "(float[2] x) => (float[2] y) { n = Constant<value_int = SIZE>() t = Constant<value = bool {1}>() y = Loop(n, t, x) <body = b (int64 i, bool c, float[2] h) => (bool d, float[2] o) { d = Identity(c) o = Neg(h) }> }",
    "() => (float[2] y) { x = Constant<value_floats = [0.0, 1.0]>() n = Constant<value_int = SIZE>() t = Constant<value = bool {1}>() y = Loop(n, t, x) <body = b (int64 i, bool c, float[2] h) => (bool d, float[2] o) { d = Identity(c) o = Neg(h) }> }",
    "(float[2] x) => (float[2] y, float[K,2] z) { n = Constant<value_int = SIZE>() t = Constant<value = bool {1}>() y, z = Loop(n, t, x) <body = b (int64 i, bool c, float[2] h) => (bool d, float[2] o, float[2] p) { d = Identity(c) o = Neg(h) p = Abs(h) }> }",
    "(float[1,1,4,4] x) => (float[a,b,c,d] y) { w = Constant<value = float[1,1,1,1] {1}>() y = Conv<pads = [SIZE, 0, 0, 0]>(x, w) }",
    "(float[1,1,4,4] x) => (float[a,b,c,d] y) { y = MaxPool<kernel_shape = [1, 1], pads = [0, 0, 0, SIZE]>(x) }",
    "(float[1,1,4] x) => (float[a,b,c] y) { w = Constant<value = float[1,1,1] {1}>() y = ConvTranspose<strides = [SIZE]>(x, w) }",
    "(float[4] x) => (float[a,b,c] y) { n = Constant<value_int = SIZE>() y = HannWindow(n) }",
    "(float[SIZE,SIZE] x) => (float[a,b] y) { y = Neg(x) }",
)


def make_huge(draw: Draw, folder: pathlib.Path) -> Arguments:
    """A few bytes that ask for much memory, or for much time."""
    size = draw.choice((3, 1 << 20, 1 << 28, (1 << 31) - 1, 1 << 31, 1 << 34, 1 << 62, (1 << 63) - 1))
    text = draw.choice(HUGE).replace("SIZE", str(size))
    model = onnx.parser.parse_model(f'<ir_version: 8, opset_import: ["" : 18]> g {text}')
    return read_mutated(draw, folder, model.SerializeToString(), model)


def archive(draw: Draw, name: str, shape: list[int]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", draw.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))) as out:
        array = io.BytesIO()
        np.save(array, np.zeros(shape, np.float32))
        out.writestr(f"{name}.npy", array.getvalue())
        for _ in range(draw.randrange(3)):
            out.writestr(draw.choice(("x.npy", "../x.npy", "/x.npy", "x.txt", "y" * 300 + ".npy")), b"x")
    return file.getvalue()


def bomb(draw: Draw) -> bytes:
    """An entry of zeros that says it is as large as it is, or larger, or smaller."""
    header = b"\x93NUMPY\x01\x00v\x00"
    size = draw.choice((1 << 22, 1 << 28, 1 << 31, 1 << 40))
    described = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({size // 4},), }}"
    header += described.encode().ljust(117) + b"\n"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("x.npy", header + bytes(min(size, 1 << 24)))
    data = bytearray(file.getvalue())
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):  # the size without compression
        at = data.find(mark) + place
        data[at : at + 4] = struct.pack("<I", min(size, 0xFFFFFFFE))
    return bytes(data)


def make_inputs(draw: Draw, folder: pathlib.Path) -> Arguments:
    model = onnx.parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 17]> g (float[N,M] x) => (float[N,M] y) { y = Neg(x) }'
    )
    path = write(folder / "sound.onnx", model)
    kind = draw.choice(("npz", "npy", "pb"))
    inputs = folder / f"inputs.{kind}"
    if kind == "npz":
        content = bomb(draw) if draw.random() < 0.3 else archive(draw, "x", draw.choice(([2, 3], [], [0], [1] * 30)))
        if draw.random() < 0.6:
            content = mutate_bytes(draw, content)
    elif kind == "npy":
        shapes = ("(2, 3)", "(-1, 6)", f"({1 << 62}, 4)", "(2, 3", "()", "(0, 9223372036854775807)", "1" * 40)
        header = f"{{'descr': '{draw.choice(('<f4', '>f4', '|O', '<f99', '<U8'))}', 'fortran_order': {draw.choice(('False', 'True', '1'))}, 'shape': {draw.choice(shapes)}, }}"
        length = struct.pack("<H", draw.choice((len(header), 0, 65535, len(header) - 3)))
        content = b"\x93NUMPY" + bytes([draw.choice((1, 1, 2, 9)), 0]) + length + header.encode() + bytes(24)
    else:
        tensor = numpy_helper.from_array(np.zeros((2, 3), np.float32), "x")
        for _ in range(draw.randint(1, 3)):
            try:
                mutate_field(draw, tensor, tensor)
            except (TypeError, ValueError):
                continue
        content = tensor.SerializeToString()
        if draw.random() < 0.3:
            content = mutate_bytes(draw, content)
    inputs.write_bytes(content)
    return ["run", path, "--inputs", inputs, "--outputs", folder / "out.npz"]


def make_plan(draw: Draw, folder: pathlib.Path) -> Arguments:
    model = draw_seed(draw)
    paths = [write(folder / f"{name}.onnx", model) for name in "ab"]
    plan, made = folder / "plan.json", folder / "made.json"
    command = [support.BRAID, "-q", "plan", *map(str, paths), "--json", str(made)]
    if subprocess.run(command, capture_output=True).returncode != 0:
        made.write_text("{}")
    text = made.read_text()
    made.unlink()
    if draw.random() < 0.2:
        plan.write_bytes(mutate_bytes(draw, text.encode()))
    elif draw.random() < 0.05:
        plan.write_text("[" * draw.choice((100, 100_000)))
    else:
        changed = json.loads(text)
        for _ in range(draw.randint(1, 3)):
            changed = mutate_json(draw, changed)
        plan.write_text(json.dumps(changed))
    return ["merge", *paths, "-o", folder / "out.onnx", "--plan", plan]


def unpack(text: str) -> bytes:
    packed = text.split(" ", 1)[1]
    return zlib.decompress(base64.b64decode(packed + "=" * (-len(packed) % 4)))


def pack(content: bytes, size: int) -> str:
    return f"{size} " + base64.b64encode(zlib.compress(content)).decode().rstrip("=")


def make_record(draw: Draw, folder: pathlib.Path) -> Arguments:
    """A merged file whose record of its members lies."""
    merged = onnx.load_from_string(draw.choice(merged_seeds()))
    entries = {entry.key: entry for entry in merged.metadata_props}
    record = entries["braid.record"]
    names = [member["name"] for member in json.loads(unpack(record.value))["members"]]
    match draw.randrange(8):
        case 0:
            record.value = mutate_bytes(draw, record.value.encode()).decode("latin-1")
        case 1:
            small = unpack(entries["braid.record.bytes"].value)
            changed = mutate_bytes(draw, small)
            entries["braid.record.bytes"].value = pack(changed, draw.choice((len(changed), 1 << 29, 0)))
        case 2:
            record.value = pack(bytes(1 << 24), draw.choice((1 << 24, 1 << 40)))
        case 3:
            mutate_model(draw, merged)
        case _:
            changed = json.loads(unpack(record.value))
            for _ in range(draw.randint(1, 3)):
                changed = mutate_json(draw, changed)
            text = json.dumps(changed).encode()
            record.value = pack(text, len(text))
    path, out = write(folder / "merged.onnx", merged), folder / "out"
    new = write(folder / "new.onnx", draw_seed(draw))
    verbs: list[Arguments] = [
        ["inspect", path],
        ["verify", path],
        ["split", path, "-o", out],
        ["extract", path, names[0], "-o", folder / "out.onnx"],
        ["refit", path, names[0], new, "-o", folder / "out.onnx"],
        ["merge", path, new, "-o", folder / "out.onnx"],
    ]
    return draw.choice(verbs)


def make_names(draw: Draw, folder: pathlib.Path) -> Arguments:
    """File names, of which members get theirs."""
    model = draw_seed(draw)
    names = ("..onnx", ".onnx", "a b.onnx", "a\nb.onnx", "é\udcff.onnx", "'.onnx", "a\\b.onnx", "%s.onnx",
             "-o.onnx", "x" * 240 + ".onnx", "braid.onnx", "a:b.onnx", "\x1b[31m.onnx")  # fmt: skip
    chosen = draw.sample(names, 2)
    paths = [write(folder / name, model) for name in chosen]
    out = folder / "out.onnx"
    arguments: Arguments = ["merge", "-o", out, "--", *paths]
    if draw.random() < 0.5:
        return arguments
    done = subprocess.run([support.BRAID, "-q", *map(str, arguments)], capture_output=True)
    if done.returncode != 0:
        return arguments
    merged = out.rename(folder / "merged.onnx")
    return draw.choice((["split", merged, "-o", folder / "out"], ["inspect", merged],
                        ["run", merged], ["verify", merged, *paths]))  # fmt: skip


CASES: dict[str, tuple[Callable[[Draw, pathlib.Path], Arguments], int]] = {
    "changed bytes": (make_changed_bytes, 10),
    "truncated": (make_truncated, 6),
    "changed fields": (make_changed_fields, 22),
    "changed attributes": (make_changed_attributes, 14),
    "lying tensors": (make_lying_tensor, 8),
    "external data": (make_external_data, 6),
    "tangled": (make_tangled, 8),
    "nested": (make_nested, 2),
    "functions": (make_functions, 2),
    "huge": (make_huge, 6),
    "inputs": (make_inputs, 6),
    "plans": (make_plan, 4),
    "records": (make_record, 5),
    "names": (make_names, 1),
}  # each with its share of a hundred


def prepare() -> None:
    """Makes what all cases start from, once, before processes are forked."""
    seeds()
    merged_seeds()


def make(number: int, folder: pathlib.Path) -> tuple[str, Arguments]:
    """The case of that number: its kind and the arguments of the program."""
    draw = random.Random(number)
    kinds = list(CASES)
    kind = draw.choices(kinds, [CASES[k][1] for k in kinds])[0]
    return kind, CASES[kind][0](draw, folder)
