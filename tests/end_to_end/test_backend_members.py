"""Merges members made of the models of ONNX's backend test data, and compares them one by one.

ONNX Runtime judges; ONNX's reference evaluator judges what it cannot run. Every eighth model and
those of NASTY, all of them with --full. Members and merged file of a failure are kept in the
folder that its replay command names.
"""
# labels: slow

from __future__ import annotations

import argparse
import collections
import concurrent.futures
import itertools
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable

import ml_dtypes  # noqa: F401  registers bfloat16 with NumPy
import numpy as np
import onnx
import onnxruntime as ort
from onnx.reference import ReferenceEvaluator

import backend_models
import support

STEP = 8
NASTY = """
    test_attention_4d test_batchnorm_epsilon test_convtranspose
    test_convinteger_with_padding test_dequantizelinear_axis test_dynamicquantizelinear
    test_einsum_batch_matmul test_gather_negative_indices test_gathernd_example_int32_batch_dim1
    test_group_normalization_epsilon test_gru_defaults test_if_seq test_instancenorm_example
    test_layer_normalization_4d_axis_negative_1 test_lrn test_loop13_seq test_lstm_defaults
    test_maxpool_with_argmax_2d_precomputed_pads test_nonmaxsuppression_two_batches
    test_nonzero_example test_pow_bcast_scalar test_prelu_broadcast test_qlinearmatmul_2D_uint8_float32
    test_reduce_sum_default_axes_keepdims_example test_reversesequence_batch test_scan9_sum
    test_scatternd_add test_shape_start_1 test_squeeze test_unique_sorted_without_axis
    test_sequence_model5 light_shufflenet test_PReLU_2d_multiparam test_Conv3d_dilated
""".split()

RANDOM = {
    "Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform",
    "RandomUniformLike",
}  # fmt: skip
LOW_PRECISION = {"float16", "bfloat16"}
TIMEOUT = 60

Values = dict[str, object]
Judge = Callable[[onnx.ModelProto, Values], Values]
Case = tuple[pathlib.Path, str, int, bool]  # model, variant, count, --merge-always


def run_onnxruntime(model: onnx.ModelProto, feeds: Values) -> Values:
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    names = [port.name for port in session.get_outputs()]
    return dict(zip(names, session.run(names, feeds)))


def run_reference(model: onnx.ModelProto, feeds: Values) -> Values:
    names = [port.name for port in model.graph.output]
    return dict(zip(names, ReferenceEvaluator(model).run(names, feeds)))


def expected_outputs(members: backend_models.Members) -> tuple[Judge, list[Values]]:
    """Runs each member alone; returns who could, and the outputs."""
    reasons = []
    for judge in (run_onnxruntime, run_reference):
        try:
            return judge, [judge(m, f) for m, f in zip(members.models, members.feeds)]
        except Exception as problem:  # each library has its own kinds
            reasons.append(type(problem).__name__)
    raise backend_models.Skip(f"no judge can run it ({', '.join(reasons)})")


def same(actual: object, expected: object, only_shape: bool = False) -> bool:
    if isinstance(expected, dict):
        return actual.keys() == expected.keys() and all(
            same(actual[key], value, only_shape) for key, value in expected.items()
        )
    if isinstance(expected, list):
        return len(actual) == len(expected) and all(
            same(a, e, only_shape) for a, e in zip(actual, expected)
        )
    if expected is None:
        return actual is None
    actual, expected = np.asarray(actual), np.asarray(expected)
    if actual.shape != expected.shape or actual.dtype != expected.dtype:
        return False
    if only_shape:
        return True
    if expected.dtype.name.startswith("float8"):  # NumPy knows no NaN of these
        actual, expected = actual.astype(np.float32), expected.astype(np.float32)
        return np.array_equal(actual, expected, equal_nan=True)
    if not backend_models.is_float(expected):
        return np.array_equal(actual, expected)
    wide = expected.astype(np.float64)
    scale = max(1.0, float(np.max(np.abs(wide), initial=0, where=np.isfinite(wide))))
    tolerance = (1e-2, 1e-2) if expected.dtype.name in LOW_PRECISION else (1e-3, 1e-5)
    return np.allclose(
        actual.astype(np.float64),
        wide,
        rtol=tolerance[0],
        atol=tolerance[1] * scale,
        equal_nan=True,
    )


def is_random(model: onnx.ModelProto) -> bool:
    return any(
        node.op_type in RANDOM or (node.op_type == "Dropout" and len(node.input) > 2)
        for graph in support.graphs(model.graph)
        for node in graph.node
    )


def merge(
    members: backend_models.Members, always: bool, folder: pathlib.Path
) -> subprocess.CompletedProcess:
    paths = [folder / f"m{i}.onnx" for i in range(len(members.models))]
    for path, model in zip(paths, members.models):
        onnx.save(model, path)
    arguments = ["-o", folder / "merged.onnx", "--json", folder / "report.json"]
    arguments += ["--merge-always"] * always
    command = [support.BRAID, "merge", *map(str, paths), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT)


def merged_outputs(
    judge: Judge, members: backend_models.Members, folder: pathlib.Path
) -> list[Values]:
    feeds = {f"m{i}/{key}": v for i, fed in enumerate(members.feeds) for key, v in fed.items()}
    outputs = judge(onnx.load(folder / "merged.onnx"), feeds)
    return [
        {key.removeprefix(f"m{i}/"): v for key, v in outputs.items() if key.startswith(f"m{i}/")}
        for i in range(len(members.models))
    ]


def compare(actual: list[Values], expected: list[Values], only_shape: bool) -> tuple[str, bool]:
    """Returns what is wrong, and whether swapped members would have been noticed."""
    for i, values in enumerate(expected):
        if not same(actual[i], values, only_shape):
            return f"member {i} differs", False
    for i, j in itertools.permutations(range(len(expected)), 2):
        if not only_shape and not same(expected[i], expected[j]):
            if same(actual[i], expected[j]):
                return f"members {i} and {j} cannot be told apart", False
            return "", True
    return "", False


def judge_case(case: Case, folder: pathlib.Path) -> dict:
    path, variant, count, always = case
    try:
        members = backend_models.make_members(path, count, variant)
        judge, expected = expected_outputs(members)
    except backend_models.NoVariant:
        return {"result": "without such a variant"}
    except backend_models.Skip as reason:
        return {"result": "skipped", "reason": str(reason)}
    ran = merge(members, always, folder)
    if ran.returncode != 0:
        message = ran.stderr.strip()[-300:]
        return {"result": "failed", "reason": f"exit code {ran.returncode}: {message}"}
    try:
        actual = merged_outputs(judge, members, folder)
    except Exception as problem:
        message = str(problem)[:300]
        return {"result": "failed", "reason": f"the merged file does not run: {message}"}
    wrong, told_apart = compare(actual, expected, is_random(members.models[0]))
    if wrong:
        return {"result": "failed", "reason": f"{wrong} ({judge.__name__})"}
    groups = json.loads((folder / "report.json").read_text())["groups"]
    rules = {site["rule"] for group in groups for site in group["sites"]}
    is_merged = len(groups) == 1 and bool(rules - {"per member", "once"})
    return {
        "result": "merged" if is_merged else "per member only",
        "told apart": told_apart,
        "weights": members.has_weights and variant != "inputs",
    }


def run_case(case: Case) -> dict:
    path, variant, count, always = case
    with tempfile.TemporaryDirectory() as folder:
        try:
            row = judge_case(case, pathlib.Path(folder))
        except Exception as problem:  # of this script, or the program hangs
            row = {"result": "failed", "reason": f"{type(problem).__name__}: {str(problem)[:300]}"}
        if row["result"] == "failed":
            name = f"{path.parent.parent.name}-{backend_models.name_of(path)}"
            kept = pathlib.Path(support.BRAID).parent / "failed" / f"{name}-{variant}-{count}"
            shutil.copytree(folder, kept, dirs_exist_ok=True)
            row["kept"] = str(kept)
    return row


def replay(case: Case, row: dict) -> str:
    path, variant, count, always = case
    return (
        f"FAILED {row['reason']}\n"
        f"       test_backend_members.py --only {backend_models.name_of(path)} --variant {variant} "
        f"--count {count}{' --always' * always}  # {row['kept']}"
    )


def cases_of(options: argparse.Namespace) -> list[Case]:
    files = backend_models.model_files()
    if options.only:
        files = [f for f in files if backend_models.name_of(f) == options.only]
    elif not options.full:
        unknown = set(NASTY) - {backend_models.name_of(f) for f in files}
        assert not unknown, f"not in the test data: {unknown}"
        taken = set(files[::STEP]) | {f for f in files if backend_models.name_of(f) in NASTY}
        files = sorted(taken)
    assert files, "no such model"
    variants = [options.variant] if options.variant else backend_models.VARIANTS
    counts = [options.count] if options.count else (2, 3)
    modes = [True] if options.always else (False, True)
    return list(itertools.product(files, variants, counts, modes))


def summarise(rows: list[dict]) -> int:
    """Prints the counts; returns the number of failures."""
    counts = collections.Counter(row["result"] for row in rows)
    reasons = collections.Counter(row["reason"] for row in rows if row["result"] == "skipped")
    print(f"{len(rows)} cases:", ", ".join(f"{counts[key]} {key}" for key in sorted(counts)))
    for reason, count in reasons.most_common():
        print(f"  skipped {count}: {reason}")
    weighted = [row for row in rows if row.get("weights")]
    told = sum(row["told apart"] for row in weighted)
    print(f"of {len(weighted)} merges with weights, {told} would show members that are swapped")
    assert 2 * told >= len(weighted), "the inputs do not tell members apart"
    return counts["failed"]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="all models")
    parser.add_argument("--only", metavar="NAME", help="one model")
    parser.add_argument("--variant", choices=backend_models.VARIANTS)
    parser.add_argument("--count", type=int, metavar="N", help="number of members")
    parser.add_argument("--always", action="store_true", help="with --merge-always only")
    cases = cases_of(parser.parse_args(arguments))
    rows = []
    with concurrent.futures.ProcessPoolExecutor(max_workers=2) as pool:
        for case, row in zip(cases, pool.map(run_case, cases, chunksize=8)):
            rows.append(row)
            if row["result"] == "failed":
                print(replay(case, row), flush=True)
    return 1 if summarise(rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
