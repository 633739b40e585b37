#!/usr/bin/env python3
"""ONNX Runtime on a GPU, on the files that Braid merges; one JSON object per line.

    python benchmarks/gpu/ort_peers.py a.onnx b.onnx ... [--merged merged.onnx] [--provider tensorrt]

Sessions of the members one after the other, with inputs and outputs on the device; where the provider can, each in a CUDA graph;
and a session of the merged file. Needs onnxruntime-gpu; `run` starts it as a process of its own.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable

import numpy as np
import onnxruntime as ort

PROVIDERS = {"cuda": "CUDAExecutionProvider", "tensorrt": "TensorrtExecutionProvider",
             "cpu": "CPUExecutionProvider"}
GRAPHS = {"cuda": {"enable_cuda_graph": "1"}, "tensorrt": {"trt_cuda_graph_enable": "1"}}
TYPES = {"float": np.float32, "int64": np.int64, "int32": np.int32, "bool": np.bool_}


def sample(port: ort.NodeArg) -> np.ndarray:
    """Batch 1; integers are 0 or 1."""
    random = np.random.default_rng(1)
    shape = [dim if isinstance(dim, int) else 1 for dim in port.shape]
    dtype = TYPES[port.type.removeprefix("tensor(").removesuffix(")")]
    is_whole = dtype is not np.float32
    values = random.integers(0, 2, shape) if is_whole else random.standard_normal(shape)
    return values.astype(dtype)


def bound(path: str, provider: str, options: dict) -> Callable[[], None]:
    """A run of the model whose operands stay where they are."""
    settings = ort.SessionOptions()
    settings.log_severity_level = 3
    session = ort.InferenceSession(path, settings, [(PROVIDERS[provider], options)])
    if session.get_providers()[0] != PROVIDERS[provider]:
        raise RuntimeError(f"ONNX Runtime has no {PROVIDERS[provider]}")
    place = "cpu" if provider == "cpu" else "cuda"
    binding = session.io_binding()
    for port in session.get_inputs():
        binding.bind_ortvalue_input(port.name,
                                    ort.OrtValue.ortvalue_from_numpy(sample(port), place, 0))
    for port in session.get_outputs():
        binding.bind_output(port.name, place, 0)
    session.run_with_iobinding(binding)
    if len(options) > 1:  # a graph wants its outputs where they were
        for port, value in zip(session.get_outputs(), binding.get_outputs(), strict=True):
            binding.bind_ortvalue_output(port.name, value)

    def run() -> None:
        session.run_with_iobinding(binding)
        binding.synchronize_outputs()

    return run


def measure(name: str, paths: list[str], provider: str, options: dict, seconds: float) -> dict:
    row: dict = {"arrangement": f"ONNX Runtime {provider}, {name}"}
    try:
        start = time.perf_counter()
        runs = [bound(path, provider, options) for path in paths]
        for run in runs * 2:
            run()
        row["prepare_s"] = time.perf_counter() - start
        times: list[float] = []
        end = time.perf_counter() + seconds
        while len(times) < 5 or time.perf_counter() < end:
            start = time.perf_counter()
            for run in runs:
                run()
            times.append(1e6 * (time.perf_counter() - start))
        row |= {"median_us": statistics.median(times), "min_us": min(times), "runs": len(times)}
    except Exception as failure:  # noqa: BLE001: the runtime raises types of its own
        row["failure"] = f"{type(failure).__name__}: {failure}"[:300]
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("members", nargs="+")
    parser.add_argument("--merged")
    parser.add_argument("--provider", choices=PROVIDERS, default="cuda")
    parser.add_argument("--tf32", action="store_true", help="products in tf32, as is its default")
    parser.add_argument("--seconds", type=float, default=0.3, help="for each arrangement")
    options = parser.parse_args()
    settings = {"use_tf32": str(int(options.tf32))} if options.provider == "cuda" else {}
    contenders = [("members in sequence", options.members, settings)]
    if options.provider in GRAPHS:
        contenders.append(("members in sequence, each in a graph", options.members,
                           settings | GRAPHS[options.provider]))
    if options.merged:
        contenders.append(("merged file", [options.merged], settings))
    for name, paths, more in contenders:
        print(json.dumps(measure(name, paths, options.provider, more, options.seconds)), flush=True)


if __name__ == "__main__":
    main()
