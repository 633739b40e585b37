#!/usr/bin/env python3
"""Prints the table of tools/demo from the JSON reports of merge, verify and run."""
import json
import sys
from pathlib import Path

HEAD = ["model", "mode", "nodes of one", "nodes merged", "weights of 8", "weights merged", "max error",
        "merge", "run"]


def megabytes(count: int) -> str:
    return f"{count / 1e6:,.1f} MB"


def row(merge_path: Path) -> list[str]:
    stem = merge_path.name.removesuffix(".merge.json")
    model, mode = stem.rsplit(".", 1)
    merge, verify, run = (json.loads(merge_path.with_name(f"{stem}.{verb}.json").read_text())
                          for verb in ("merge", "verify", "run"))
    group = merge["groups"][0]
    error = max(output["max_absolute_error"] for output in verify["outputs"])
    return [model, mode, str(group["nodes_before"]), str(merge["output"]["nodes"]),
            megabytes(group["sharing"]["total_bytes"]), megabytes(merge["output"]["weight_bytes"]),
            f"{error:.1e}", f"{merge['seconds']:.1f} s", f"{run['seconds']:.2f} s"]


def main() -> None:
    table = [HEAD] + [row(path) for path in sorted(Path(sys.argv[1]).glob("*.merge.json"))]
    widths = [max(len(cells[i]) for cells in table) for i in range(len(HEAD))]
    for cells in table:
        left = [cell.ljust(width) for cell, width in zip(cells[:2], widths[:2])]
        right = [cell.rjust(width) for cell, width in zip(cells[2:], widths[2:])]
        print("  ".join(left + right))


main()
