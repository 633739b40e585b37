#!/usr/bin/env python3
"""Merging more weights than most machines have memory, beside `cp` of the same bytes.

    python benchmarks/big_merge.py --folder DIR [--count 32] [--turns 2] [--only fused] [--json FILE]

  fused     members with weights of their own: `cp` copies them all
  stitched  --share 0.9: all members are read, distinct weights are written; `cat` reads them all,
            `cp` copies as many bytes as are written

Merges and copies write through to the disk (fsync), and take turns, each from a cold page cache: all
files of the folder are dropped from it before. `verify` then runs the merged model and the members.
Peak memory is told as anonymous pages (RssAnon, looked at every 5 ms) and as the high-water mark of
all resident pages (VmHWM), mapped files included. 32 members of BERT-base take 14 GB, and as much
again while they are merged; DIR is emptied at the end.
The program is build/release/braid, or what BRAID names.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import platform
import shutil
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
BRAID = os.environ.get("BRAID", str(ROOT / "build/release/braid"))
MODEL = ROOT / "models/bert-base-legacy.onnx"
SETS = {"fused": [], "stitched": ["--share", "0.9"]}


def status(pid: int) -> dict[str, int]:
    """Bytes by name, of what /proc says of a process; nothing when it has ended."""
    try:
        lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    pairs = [line.split()[:2] for line in lines if line.startswith(("RssAnon", "VmHWM", "RssFile"))]
    return {name.rstrip(":"): int(kibibytes) << 10 for name, kibibytes in pairs}


def read_from_disk(pid: int) -> int:
    """Bytes so far; 0 when it has ended."""
    try:
        lines = pathlib.Path(f"/proc/{pid}/io").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("read_bytes")), 0)


def call(command: list[object]) -> dict[str, float]:
    """Seconds, peaks of memory, and what came from the disk."""
    start = time.perf_counter()
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL)
    peaks: dict[str, int] = {}
    from_disk = 0
    while process.poll() is None:
        from_disk = max(from_disk, read_from_disk(process.pid))
        for name, value in status(process.pid).items():
            peaks[name] = max(peaks.get(name, 0), value)
        time.sleep(0.005)
    if process.returncode != 0:
        raise RuntimeError(f"{command}: exit code {process.returncode}")
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "from_disk_mb": from_disk / 1e6, **{f"{k}_mb": v / 1e6 for k, v in peaks.items()}}


def forget(folder: pathlib.Path) -> None:
    """Drops the files from the page cache."""
    os.sync()
    for path in folder.rglob("*"):
        if path.is_file():
            with open(path, "rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def size(paths: list[pathlib.Path]) -> int:
    return sum(path.stat().st_size for path in paths)


def copy(paths: list[pathlib.Path], to: pathlib.Path) -> dict[str, float]:
    to.mkdir()
    script = 'cp -- "${@:2}" "$1" && sync "$1"/*'
    result = call(["bash", "-c", script, "copy", to, *paths])
    shutil.rmtree(to)
    return result


def merge(paths: list[pathlib.Path], out: pathlib.Path, *flags: object) -> tuple[dict[str, float], int]:
    result = call([BRAID, "-q", "merge", *paths, "-o", out, *flags])
    return result, size(written_as(out))


def written_as(out: pathlib.Path) -> list[pathlib.Path]:
    return list(out.parent.glob(out.name + "*"))


def remove(out: pathlib.Path) -> None:
    for path in written_as(out):
        path.unlink()


def measure(kind: str, folder: pathlib.Path, count: int, turns: int) -> list[dict]:
    members = folder / "members"
    synth = [BRAID, "-q", "synth", MODEL, "-n", count, "--seed", 1, *SETS[kind], "-o", members]
    subprocess.run(list(map(str, synth)), check=True)
    paths = sorted(members.iterdir())
    merged = folder / "merged.onnx"
    rows = []

    def add(what: str, bytes_read: int, bytes_written: int, result: dict[str, float]) -> None:
        rows.append({"set": kind, "what": what, "read": bytes_read, "written": bytes_written, **result})
        memory = ", ".join(f"{name} {value:.0f}" for name, value in result.items() if name != "seconds")
        print(f"{kind:9} {what:16} {result['seconds']:7.1f} s  read {bytes_read / 1e9:.2f} GB, "
              f"written {bytes_written / 1e9:.2f} GB; {memory}", flush=True)  # fmt: skip

    for _ in range(turns):
        for flags in ([], ["--no-record"]):
            forget(folder)
            result, written = merge(paths, merged, *flags)
            add(" ".join(["merge", *flags]), size(paths), written, result)
            remove(merged)
        forget(folder)
        few = paths[: max(1, round(count * written / size(paths)))]
        add("cp", size(few), size(few), copy(few, folder / "copy"))
        if kind == "stitched":
            forget(folder)
            add("cat", size(paths), 0, call(["bash", "-c", 'cat -- "$@" >/dev/null', "cat", *paths]))
    merge(paths, merged)
    forget(folder)
    add("verify", size(paths) + written, 0, call([BRAID, "-q", "verify", merged, *paths]))
    remove(merged)
    shutil.rmtree(members)
    return rows


def print_ratios(rows: list[dict]) -> None:
    def fastest(kind: str, what: str) -> dict:
        return min((r for r in rows if (r["set"], r["what"]) == (kind, what)), key=lambda r: r["seconds"])

    def speed(row: dict) -> float:
        return row["written"] / row["seconds"]

    for kind in dict.fromkeys(row["set"] for row in rows):
        copied, merged = fastest(kind, "cp"), fastest(kind, "merge")
        if kind == "fused":
            print(f"fused: {speed(merged) / speed(copied):.2f} of the speed of cp")
        else:
            least = fastest(kind, "cat")["seconds"] + merged["written"] / speed(copied)
            print(f"stitched: {least / merged['seconds']:.2f} of the speed of cat of all that is read and cp of "
                  "all that is written")  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=pathlib.Path, required=True, help="a new one")
    parser.add_argument("--count", type=int, default=32)
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--only", choices=SETS)
    parser.add_argument("--json", type=pathlib.Path)
    arguments = parser.parse_args()
    arguments.folder.mkdir()
    try:
        kinds = [arguments.only] if arguments.only else list(SETS)
        rows = [r for kind in kinds for r in measure(kind, arguments.folder, arguments.count, arguments.turns)]
    finally:
        shutil.rmtree(arguments.folder)
    print_ratios(rows)
    if arguments.json:
        machine = {"cpu": platform.processor() or platform.machine(), "cores": os.cpu_count()}
        report = {"what": f"{arguments.count} members of BERT-base merged, beside cp",
                  "command": "python benchmarks/big_merge.py --folder DIR --json FILE",
                  "machine": machine, "rows": rows}  # fmt: skip
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
