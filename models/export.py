#!/usr/bin/env python3
"""Export well-known architectures as weightless ONNX files.

Packages (Python 3.11; CPU builds are enough, no weights are downloaded):
    torch==2.15.0 torchvision==0.29.2 transformers==5.23.0 timm==1.0.31
    onnx==1.22.0 onnxscript==0.7.2 onnxruntime==1.31.1 numpy==2.4.6

A weightless model is an ordinary .onnx file whose weights have a name, a type and dims, but no
data. `braid synth` fills such a file with random weights; see README.md in this folder.
Every model is exported twice, with different random weights. A float tensor that is the same in
both exports is structure (the exporter computed it) and keeps its data; one that differs is a
weight and is emptied.
"""
import argparse
import hashlib
import io
import logging
import re
import sys
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import GraphProto, ModelProto, TensorProto, numpy_helper

import architectures
import bench_models
import zoo_sequence
import zoo_vision
from recipe import Export

KEEP = 16  # float tensors of at most this many elements always keep their data
TOLERANCE = 1e-4  # largest allowed absolute difference between onnxruntime and torch
OPSETS = {"legacy": 17, "batchnorm": 17, "dynamo": 20}
FLOATS = {TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.FLOAT16, TensorProto.BFLOAT16}
LOCAL_PATH = re.compile(rb"site-packages|dist-packages|\.py\b|/(?:home|root|tmp|usr|opt|work)/")
FOLDERS = {"": architectures.EXPORTS, "bench": bench_models.EXPORTS,
           "zoo": zoo_vision.EXPORTS + zoo_sequence.EXPORTS}


def randomise(model: torch.nn.Module) -> None:
    """Fill all parameters and statistics with distinct values: exporters merge equal tensors."""
    statistics = [(name, t) for name, t in model.named_buffers() if "running_" in name]
    for name, tensor in [*model.named_parameters(), *statistics]:
        if name.endswith("running_var"):
            tensor.data.uniform_(0.5, 1.5)
        elif tensor.dim() < 2 and name.endswith("weight"):  # the scale of a norm
            tensor.data.normal_(1, 0.1)
        elif tensor.is_floating_point():
            tensor.data.normal_(0, 0.1 if tensor.dim() < 2 else tensor[0].numel() ** -0.5)


def export(what: Export, seed: int) -> tuple[torch.nn.Module, ModelProto]:
    """Build the model with the random weights of this seed and export it."""
    torch.manual_seed(seed)
    model = what.build().eval()
    randomise(model)
    example = what.inputs(2)
    output = "output" if "x" in example else "logits"
    common = dict(kwargs=example, input_names=list(example), output_names=[output], verbose=False,
                  opset_version=OPSETS[what.mode])
    if what.mode == "dynamo":
        most = {"sequence": 32}  # the length of bert-small's position table
        dims = {i: torch.export.Dim(axis, max=most.get(axis)) for i, axis in what.axes.items()}
        program = torch.onnx.export(model, dynamic_shapes={i: dims for i in example}, **common)
        return model, program.model_proto
    if what.mode == "batchnorm":
        common.update(training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)
    axes = dict.fromkeys(example, what.axes) | {output: {0: "batch"}}
    buffer = io.BytesIO()
    torch.onnx.export(model, (), buffer, dynamo=False, dynamic_axes=axes, **common)
    return model, onnx.load_from_string(buffer.getvalue())


@torch.no_grad()
def check(what: Export, model: torch.nn.Module, proto: ModelProto) -> list[float]:
    """Largest absolute differences between onnxruntime and torch at batch 1 and batch 3."""
    session = onnxruntime.InferenceSession(proto.SerializeToString())
    errors = []
    for inputs in (what.inputs(1), what.inputs(3)):
        expected = model(**inputs)
        expected = (expected[0] if isinstance(expected, tuple) else expected).numpy()
        result = session.run(None, {name: value.numpy() for name, value in inputs.items()})[0]
        errors.append(float(np.abs(result - expected).max()))
    assert max(errors) < TOLERANCE, errors
    return errors


def graphs(proto: ModelProto) -> Iterator[GraphProto]:
    """The main graph and all subgraphs. (The exporters write no model-local functions here.)"""
    assert not proto.functions
    pending = [proto.graph]
    for graph in pending:
        yield graph
        for attribute in (a for node in graph.node for a in node.attribute):
            pending += [attribute.g] if attribute.HasField("g") else attribute.graphs


def digests(proto: ModelProto) -> dict[str, str]:
    """A hash of each initializer and of each Constant node's tensor, by name."""
    tensors = [(t.name, t) for graph in graphs(proto) for t in graph.initializer]
    tensors += [(n.output[0], n.attribute[0].t) for graph in graphs(proto) for n in graph.node
                if n.op_type == "Constant" and n.attribute[0].name == "value"]
    assert len(dict(tensors)) == len(tensors), "two tensors have the same name"
    return {name: hashlib.sha256(numpy_helper.to_array(t).tobytes()).hexdigest()
            for name, t in tensors}


def strip_weights(proto: ModelProto, weights: set[str]) -> int:
    """Empty the weights (see the top of this file). Returns how many elements they have."""
    elements = 0
    for graph in graphs(proto):
        for node in [n for n in graph.node if n.op_type == "Constant" and n.output[0] in weights]:
            graph.initializer.add().CopyFrom(node.attribute[0].t)
            graph.initializer[-1].name = node.output[0]
            graph.node.remove(node)
        for tensor in graph.initializer:
            if tensor.name in weights and tensor.data_type in FLOATS:
                values = numpy_helper.to_array(tensor)
                elements += values.size
                if values.size > KEEP and np.abs(values).max() < 1e30:  # masks hold huge values
                    tensor.CopyFrom(TensorProto(name=tensor.name, data_type=tensor.data_type,
                                                dims=tensor.dims))
    return elements


def strip_paths(proto: ModelProto) -> None:
    """Remove documentation and metadata, where exporters keep stack traces with local paths."""
    for g in graphs(proto):
        for holder in (proto, g, *g.node, *g.initializer, *g.input, *g.output, *g.value_info):
            holder.ClearField("doc_string")
            holder.ClearField("metadata_props")
    found = LOCAL_PATH.search(proto.SerializeToString())
    assert not found, f"a local path is left: {found}"


def make(what: Export, path: Path) -> None:
    """Export, check, strip and write one file; print its row of the table in README.md."""
    other = digests(export(what, seed=2)[1])
    model, proto = export(what, seed=1)
    mine = digests(proto)
    assert list(mine) == list(other), "the two exports do not have the same tensors"
    errors = check(what, model, proto)
    weights = {name for name, digest in mine.items() if digest != other[name]}
    elements = strip_weights(proto, weights)
    strip_paths(proto)
    onnx.shape_inference.infer_shapes(proto, check_type=True, strict_mode=True)
    path.write_bytes(proto.SerializeToString(deterministic=True))
    ops = Counter(node.op_type for graph in graphs(proto) for node in graph.node)
    dynamic = {d.dim_param for i in proto.graph.input for d in i.type.tensor_type.shape.dim} - {""}
    print(f"| {path.name} | {OPSETS[what.mode]} | {ops.total()} | {len(proto.graph.initializer)} "
          f"| {len(weights)} | {elements:,} | {', '.join(sorted(dynamic))} "
          f"| {path.stat().st_size:,} |\n  errors at batch 1 and 3: {errors[0]:.1e} "
          f"{errors[1]:.1e}; ops: {dict(ops.most_common())}", flush=True)


def main() -> int:
    names = [what.name for exports in FOLDERS.values() for what in exports]
    parser = argparse.ArgumentParser(description="Export architectures as weightless ONNX files.")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=names,
                        help="export only these files, named without .onnx (resnet50-legacy)")
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).parent, metavar="DIR",
                        help="folder to write to (default: the folder of this script)")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    failed = []
    for folder, exports in FOLDERS.items():
        (options.output / folder).mkdir(parents=True, exist_ok=True)
        for what in exports:
            if options.only and what.name not in options.only:
                continue
            try:
                make(what, options.output / folder / f"{what.name}.onnx")
            except Exception:  # any library; the other files are worth having
                traceback.print_exc(limit=-3)
                failed.append(what.name)
    if failed:
        print("FAILED:", " ".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
