"""Makes the inputs that fuzzing starts from: make_corpus.py FOLDER writes FOLDER/merge, run, plan,
inputs and record.

They are made of what the repository has: the small architectures of tests/golden/merge, pipelines
and small models of models/, and what the program makes of them.
"""

from __future__ import annotations

import io
import pathlib
import sys

import numpy as np
import onnx
from onnx import numpy_helper

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/end_to_end"))
import mutations  # noqa: E402
import support  # noqa: E402

LARGEST = 40_000  # bytes of a file

PLANNED = """<ir_version: 8, opset_import: ["" : 17]>
g (float[N,4] x, float[4,4] w0, float[4] w1, float[4,4] w2) => (float[N,4] y) {
  a = MatMul(x, w0) b = Add(a, w1) c = Relu(b) d = MatMul(c, w2) y = Add(d, x) }"""


def save(model: onnx.ModelProto, path: pathlib.Path) -> None:
    path.write_bytes(model.SerializeToString())


def make_models(folder: pathlib.Path) -> None:
    for name in ("merge", "run"):
        (folder / name).mkdir(parents=True)
        for number, model in enumerate(mutations.seeds()):
            save(model, folder / name / f"{number}.onnx")
        for file in (ROOT / "models/zoo").glob("*.onnx"):
            if file.stat().st_size < LARGEST:
                (folder / name / file.name).write_bytes(file.read_bytes())


def make_plans(folder: pathlib.Path) -> None:
    (folder / "plan").mkdir()
    paths = [folder / "a.onnx", folder / "b.onnx"]
    for seed, path in enumerate(paths):
        save(mutations.with_weights(PLANNED, seed), path)
    for number, flags in enumerate(([], ["--target", "cpu"], ["--inputs", "shared"])):
        plan = folder / f"plan/{number}.json"
        support.braid("-q", "plan", *paths, *flags, "--json", plan)
    for path in paths:
        path.unlink()


def make_inputs(folder: pathlib.Path) -> None:
    (folder / "inputs").mkdir()
    arrays = [np.arange(6, dtype=np.float32).reshape(2, 3), np.zeros((0, 4), np.int64), np.array(True)]

    def write(name: str, kind: int, content: bytes) -> None:
        (folder / "inputs" / name).write_bytes(bytes([kind]) + content)

    for name, save_arrays in (("stored", np.savez), ("deflated", np.savez_compressed)):
        archive = io.BytesIO()
        save_arrays(archive, a=arrays[0], b=arrays[1], c=arrays[2])
        write(name, 0, archive.getvalue())
    for number, array in enumerate((*arrays, np.asfortranarray(arrays[0]))):
        file = io.BytesIO()
        np.save(file, array)
        write(f"array-{number}", 1, file.getvalue())
        write(f"tensor-{number}", 2, numpy_helper.from_array(array).SerializeToString())
    sequence = numpy_helper.from_list([arrays[0], arrays[0]])
    write("sequence", 3, sequence.SerializeToString())
    write("optional", 4, numpy_helper.from_optional(arrays[0]).SerializeToString())
    write("optional-sequence", 4, numpy_helper.from_optional([arrays[0]]).SerializeToString())


def make_records(folder: pathlib.Path) -> None:
    (folder / "record").mkdir()
    for number, merged in enumerate(mutations.merged_seeds()):
        (folder / f"record/{number}.onnx").write_bytes(merged)


def make_all(folder: pathlib.Path) -> None:
    make_models(folder)
    make_plans(folder)
    make_inputs(folder)
    make_records(folder)


if __name__ == "__main__":
    make_all(pathlib.Path(sys.argv[1]))
