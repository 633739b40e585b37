"""Whether the device computes what the CPU does, and the sanitizers of CUDA find nothing."""

from __future__ import annotations

import pathlib

from program import Braid, Failure

TOOLS = ("memcheck", "racecheck", "synccheck", "initcheck")
FOUND = 86  # the exit code of compute-sanitizer if its tool finds something
TOLERANCE = 1e-4  # of the largest output, in fp32


def largest_error(results: pathlib.Path, expected: pathlib.Path) -> float:
    """Of all outputs, relative to the largest element of each; infinite if names or dims differ, or
    something is no number on one side only."""
    import numpy as np

    def error_of(result: np.ndarray, expected: np.ndarray) -> float:
        if result.shape != expected.shape or (np.isnan(result) != np.isnan(expected)).any():
            return float("inf")
        x, y = (np.nan_to_num(values.astype(np.float64)) for values in (result, expected))
        return float(np.abs(x - y).max(initial=0) / max(np.abs(y).max(initial=0), 1e-30))

    with np.load(results) as a, np.load(expected) as b:
        if set(a.files) != set(b.files):
            return float("inf")
        return max(error_of(a[name], b[name]) for name in b.files)


def check(braid: Braid, model: str, count: int, folder: pathlib.Path,
          sanitizer: str | None) -> dict:
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
