"""Merges the full-size models of models/, fused and stitched, and prints the figures.

Eight members of BERT-base take 3.5 GB, so members are run one after the other and files removed.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import onnx

import support

MODELS = ("resnet50", "resnext50", "bert-base", "xlnet-base")
COUNT = 8


def measured(command: list[str]) -> dict[str, float]:
    """Seconds, and peak memory in MB: anonymous, and resident with the mapped files' pages."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    anonymous = resident = 0
    while process.poll() is None:
        try:
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            anonymous = max(anonymous, int(status.split("RssAnon:")[1].split()[0]))
            resident = max(resident, int(status.split("VmHWM:")[1].split()[0]))
        except (OSError, IndexError):
            pass
        time.sleep(0.005)
    seconds = time.perf_counter() - start
    assert process.returncode == 0, process.stderr.read().decode()
    return {"seconds": seconds, "anonymous_mb": anonymous / 1e3, "resident_mb": resident / 1e3}


def copy_seconds(paths: list[pathlib.Path], folder: pathlib.Path) -> float:
    """`cp` of the same files, with the same page cache, synced as the program syncs."""
    target = folder / "copy"
    target.mkdir()
    start = time.perf_counter()
    subprocess.run(["cp", *map(str, paths), str(target)], check=True)
    for path in target.iterdir():
        with open(path, "rb") as file:
            os.fsync(file.fileno())
    seconds = time.perf_counter() - start
    shutil.rmtree(target)
    return seconds


def largest_error(paths: list[pathlib.Path], merged: pathlib.Path) -> float:
    """Runs members one by one, then the merged file; checks outputs and the swapped control."""
    inputs, expected, swapped = [], [], []
    for i, path in enumerate(paths):
        member = support.session(path)
        inputs.append(support.sample(member, 100 + i, {"batch": 1}))
        expected.append(support.run(member, inputs[i]))
        if i > 0:
            swapped.append(support.run(member, inputs[i - 1]))
        del member
    feeds = {f"{p.stem}/{k}": v for p, fed in zip(paths, inputs) for k, v in fed.items()}
    outputs = support.run(support.session(merged), feeds)
    error = 0.0
    for i, path in enumerate(paths):
        actual = {name: outputs[f"{path.stem}/{name}"] for name in expected[i]}
        assert support.all_agree(actual, expected[i]), f"{path.stem}: outputs differ"
        error = max(error, support.largest_error(actual, expected[i]))
        if i < len(swapped):
            assert not support.all_agree(actual, swapped[i]), f"{path.stem}: control passes"
    return error


def figures(model: pathlib.Path, pattern: str, folder: pathlib.Path) -> dict:
    paths = support.synth(model, COUNT, pattern, folder)
    copied = min(copy_seconds(paths, folder) for _ in range(2))
    merged = folder / "merged.onnx"
    command = [support.BRAID, "merge", *map(str, paths), "-o", str(merged), "--force"]
    merging = min((measured(command) for _ in range(2)), key=lambda run: run["seconds"])
    nodes = len(onnx.load(merged, load_external_data=False).graph.node)
    before = len(onnx.load(paths[0], load_external_data=False).graph.node)
    stored = sum(f.stat().st_size for f in folder.glob("merged.onnx*"))
    return {
        "model": model.stem,
        "pattern": pattern,
        "nodes_of_member": before,
        "nodes_merged": nodes,
        "node_ratio": nodes / before,
        "stored_over_unique": stored / support.unique_weight_bytes(paths),
        "merge_seconds": merging["seconds"],
        "copy_seconds": copied,
        "peak_anonymous_mb": merging["anonymous_mb"],
        "peak_resident_mb": merging["resident_mb"],
        "max_abs_error": largest_error(paths, merged),
    }


def machine() -> dict[str, object]:
    cpu = pathlib.Path("/proc/cpuinfo").read_text().split("model name\t: ")[1].split("\n")[0]
    return {"cpu": cpu, "cores": os.cpu_count(), "onnxruntime": support.ort.__version__}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="part of a model's name")
    parser.add_argument("--json", help="also write the figures to this file")
    options = parser.parse_args()
    rows, failed = [], 0
    print("model               pattern    nodes           weights  merge s   cp s  anon MB  error")
    for name in MODELS:
        for model in sorted(support.MODELS.glob(f"{name}-*.onnx")):
            if options.only and options.only not in model.stem:
                continue
            for pattern in ("different", "shared"):
                with tempfile.TemporaryDirectory() as folder:
                    row = figures(model, pattern, pathlib.Path(folder))
                rows.append(row)
                ok = row["node_ratio"] <= 1.3 and row["stored_over_unique"] <= 1.01
                failed += not ok
                print(
                    f"{row['model']:19} {pattern:10} {row['nodes_of_member']:4} -> "
                    f"{row['nodes_merged']:4} {row['node_ratio']:4.2f}  "
                    f"{row['stored_over_unique']:6.4f}  {row['merge_seconds']:6.2f} "
                    f"{row['copy_seconds']:6.2f}  {row['peak_anonymous_mb']:7.0f}  "
                    f"{row['max_abs_error']:.1e}{'' if ok else '  ABOVE THE LIMIT'}",
                    flush=True,
                )
    if options.json:
        report = {
            "what": "8 members of each full-size model merged; judged by ONNX Runtime",
            "command": "BRAID=build/dev/braid python tests/end_to_end/full_models.py --json FILE",
            "machine": machine(),
            "rows": rows,
        }
        pathlib.Path(options.json).write_text(json.dumps(report, indent=1) + "\n")
    print(f"{len(rows) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
