#!/usr/bin/env python3
"""Kernels include nothing of the standard library where NVRTC compiles them, which has none.

Only the preprocessor runs, so that this needs neither NVRTC nor a CUDA toolkit; tools/cuda_report
compiles.
"""

from __future__ import annotations

import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
GIVEN = ["cuda_bf16.h", "cuda_fp16.h", "mma.h"]  # by the toolkit
COMMAND = ["c++", "-E", "-x", "c++", "-std=c++17", "-nostdinc", "-nostdinc++", "-D__CUDACC__",
           "-D__CUDACC_RTC__", f"-I{ROOT}"]


def main() -> int:
    failed = 0
    sources = sorted(ROOT.glob("kernels/cuda/*.cu"))
    with tempfile.TemporaryDirectory() as folder:
        for name in GIVEN:
            (pathlib.Path(folder) / name).touch()
        for source in sources:
            command = [*COMMAND, f"-I{folder}", "-o", "/dev/null", str(source)]
            result = subprocess.run(command, capture_output=True, text=True)
            if result.returncode != 0:
                failed += 1
                print(f"{source.relative_to(ROOT)}:\n{result.stderr}", end="")
    print(f"device headers: {len(sources)} files of kernels, {failed} that NVRTC cannot compile")
    return 1 if failed or not sources else 0


if __name__ == "__main__":
    sys.exit(main())
