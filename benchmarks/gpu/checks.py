"""Whether the device computes what the CPU does, and the sanitizers of CUDA find nothing."""

from __future__ import annotations

import math
import pathlib

import arrays
from program import Braid, Failure

TOOLS = ("memcheck", "racecheck", "synccheck", "initcheck")
FOUND = 86  # the exit code of compute-sanitizer if its tool finds something
TOLERANCE = 1e-4  # of the largest output, in fp32


def error_of(results: arrays.array.array, expected: arrays.array.array) -> float:
    """The largest difference, relative to the largest element; infinite if only one is no number."""
    largest, scale = 0.0, 1e-30
    for x, y in zip(results, expected, strict=True):
        if math.isnan(x) != math.isnan(y):
            return math.inf
        if not math.isnan(y):
            largest, scale = max(largest, abs(x - y)), max(scale, abs(y))
    return largest / scale


def largest_error(results: pathlib.Path, expected: pathlib.Path) -> float:
    """Of all outputs; infinite if names or dims differ."""
    a, b = arrays.read_npz(results), arrays.read_npz(expected)
    if {name: dims for name, (dims, _) in a.items()} != {name: dims for name, (dims, _) in b.items()}:
        return math.inf
    return max(error_of(a[name][1], b[name][1]) for name in b)


def check(braid: Braid, model: str, count: int, folder: pathlib.Path, sanitizer: str | None) -> dict:
    """One merged model: on the CPU, on the device, and there under each tool of the sanitizer."""
    members = braid.synth(model, count, folder)
    merged = folder / "merged.onnx"
    braid.merge(members, merged)
    expected, other, results = (folder / f"{name}.npz" for name in ("cpu", "other", "device"))
    braid.run(merged, "--seed", 1, "--outputs", expected, "--force", device="cpu")
    braid.run(merged, "--seed", 2, "--outputs", other, "--force", device="cpu")
    braid.run(merged, "--seed", 1, "--outputs", results, "--force")
    for tool in TOOLS if sanitizer else ():
        braid.run(merged, "--seed", 1, wrapper=(
            sanitizer, "--tool", tool, "--error-exitcode", str(FOUND)))
    row = {"model": model, "members": count, "tools": list(TOOLS) if sanitizer else []}
    if braid.is_dry:
        return row
    row["error"] = largest_error(results, expected)
    row["error_of_other_inputs"] = largest_error(other, expected)
    if not row["error"] <= TOLERANCE:
        raise Failure(f"{count} x {model}: the device is {row['error']:.1e} off, of {TOLERANCE:.0e}")
    if row["error_of_other_inputs"] <= TOLERANCE:
        raise Failure(f"{count} x {model}: other inputs give the same outputs; this proves nothing")
    return row
