#!/usr/bin/env python3
"""The figures that are published: Braid beside ONNX Runtime, from one command.

    python benchmarks/peers/suite.py [--quick] [--only alone stitched fused start] [--json FILE]

  alone     one model, 1 thread and all
  stitched  8 members that share their backbone, against the best arrangement of ONNX Runtime's
  fused     8 members with weights of their own, likewise
  start     from nothing to the first result

Weights in memory are told with each set of members. The models are made by `braid synth` from the
files of models/; --quick takes two small ones and one pass, to see that all works. Some 15 minutes
and 10 GB of disk, on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import statistics

import contest

MODELS = contest.ROOT / "models"
ALONE = ["resnet50-dynamo", "resnext50-dynamo", "bert-base-dynamo", "xlnet-base-dynamo",
         "bench/mobilenet-v3", "bench/transformer-4"]
SETS = ["bench/mlp-6", "bench/lstm-2", "bench/bert-base-16", "resnet50-dynamo", "bert-base-dynamo"]
START = ["bert-base-dynamo"]
QUICK = ["resnet-small-dynamo", "bert-small-dynamo"]
PARTS = ["alone", "stitched", "fused", "start"]
SHARED = "0.95"  # of the weight tensors, the first ones; 0.9 leaves some of the last layer too
COUNT = 8


def synth(architecture: str, count: int, folder: pathlib.Path, *options: str) -> list[pathlib.Path]:
    source = MODELS / f"{architecture}.onnx"
    contest.call([contest.BRAID, "synth", str(source), "-n", str(count), "--seed", "1", *options,
                  "-o", str(folder)])
    return [folder / f"{source.stem}-{i}.onnx" for i in range(count)]


def merge(members: list[pathlib.Path], folder: pathlib.Path) -> tuple[pathlib.Path, dict]:
    out = folder / "merged.onnx"
    report = contest.call([contest.BRAID, "merge", *map(str, members), "-o", str(out), "--target",
                           "cpu", "--json", "-"])
    return out, json.loads(report)


def put_ratio(results: list[dict], part: str, title: str, rows: list[dict], **more: object) -> None:
    contest.print_rows(f"{part}: {title}", rows)
    results.append({"part": part, "model": title, "threads": rows[0]["threads"],
                    "best_peer": contest.best_peer(rows)["arrangement"],
                    "best_peer_over_braid": contest.speedup(rows),
                    "merged_in_peer_over_braid": contest.merged_speedup(rows), "rows": rows} | more)


def run_alone(architectures: list[str], effort: contest.Effort, results: list[dict]) -> None:
    for architecture in architectures:
        with contest.scratch() as name:
            folder = pathlib.Path(name)
            model = synth(architecture, 1, folder)[0]
            for threads in (1, os.cpu_count()):
                rows = contest.Contest(model, [model], threads, {}, effort, folder).run(contest.ALONE)
                put_ratio(results, "alone", architecture, rows)


def run_sets(part: str, architectures: list[str], effort: contest.Effort,
             results: list[dict]) -> None:
    for architecture in architectures:
        with contest.scratch() as name:
            folder = pathlib.Path(name)
            share = ["--share", SHARED] if part == "stitched" else []
            members = synth(architecture, COUNT, folder, *share)
            merged, report = merge(members, folder)
            is_large = sum(path.stat().st_size for path in folder.iterdir()) > 4e9
            rows = contest.Contest(merged, members, os.cpu_count(), {},
                                   effort._replace(passes=1) if is_large else effort,
                                   folder).run(contest.PEERS)
            own = next(row for row in rows if row["runtime"] == "Braid")
            unique = sum(group["sharing"]["unique_bytes"] for group in report["groups"])
            put_ratio(results, part, f"{COUNT} x {architecture}", rows, unique_weight_bytes=unique,
                      weights_over_unique=own["weights"] / unique)
            print(f"  weights in memory: {own['weights'] / unique:.3f} times the distinct ones",
                  flush=True)


def run_start(architectures: list[str], results: list[dict]) -> None:
    """Load and first result, the shortest of three processes."""
    effort = contest.Effort(seconds=0.01, least=2, passes=3)
    for architecture in architectures:
        with contest.scratch() as name:
            folder = pathlib.Path(name)
            model = synth(architecture, 1, folder)[0]
            rows = contest.Contest(model, [model], os.cpu_count(), {}, effort, folder).run(
                contest.ALONE)
            own, peer = (row["load_s"] + row["first_s"] for row in rows)
            print(f"\nstart: {architecture}: Braid {own:.3f} s, ONNX Runtime {peer:.3f} s: "
                  f"{own / peer:.2f} of its time", flush=True)
            results.append({"part": "start", "model": architecture, "braid_s": own, "peer_s": peer,
                            "braid_over_peer": own / peer, "rows": rows})


def print_figures(results: list[dict]) -> None:
    print("\nfigures\n  Braid's time as a share of ONNX Runtime's, alone:")
    shares = []
    for entry in (r for r in results if r["part"] == "alone"):
        shares.append(1 / entry["best_peer_over_braid"])
        print(f"    {entry['model']:24} {entry['threads']} threads {shares[-1]:6.2f}")
    if shares:
        print(f"    {'geometric mean':34} {statistics.geometric_mean(shares):6.2f}")
    print("  times faster than the members in ONNX Runtime, best arrangement | than the merged file "
          "in it | weights in memory over distinct ones:")
    for entry in (r for r in results if r["part"] in ("stitched", "fused")):
        print(f"    {entry['part']:9} {entry['model']:26} {entry['best_peer_over_braid']:6.2f} "
              f"{entry['merged_in_peer_over_braid']:6.2f} {entry['weights_over_unique']:6.3f}   "
              f"({entry['best_peer']})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="two small models, one short pass")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    effort = contest.Effort(0.1, 3, 1) if options.quick else contest.Effort()
    results: list[dict] = []
    if "alone" in options.only:
        run_alone(QUICK if options.quick else ALONE, effort, results)
    for part in ("stitched", "fused"):
        if part in options.only:
            run_sets(part, QUICK if options.quick else SETS, effort, results)
    if "start" in options.only:
        run_start(QUICK[:1] if options.quick else START, results)
    print_figures(results)
    contest.write(options.json, {"results": results})


if __name__ == "__main__":
    main()
