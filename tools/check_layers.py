#!/usr/bin/env python3
"""Checks that includes point only down the layers of the house (docs/architecture.md).

Prints each include that does not, with the rule; exit status 1 if there is any.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')

# Folder below src/ -> folders below src/ that it may include; its own folder goes without saying.
LAYERS = {
    "support": set(),
    "ir": {"support"},
    "onnx": {"ir", "support"},
    "npz": {"ir", "support"},
    "synth": {"ir", "support"},
    "passes": {"ir", "support", "kernels"},
    "merge": {"record", "ir", "support"},
    "record": {"onnx", "ir", "support"},
    "plan": {"passes", "runtime", "ir", "support"},
    "runtime": {"support", "kernels"},
    "backends": {"plan", "runtime", "support", "kernels"},
    "verify": {"ir", "support"},
}
KERNEL_HEADERS = {f"braid/{name}.hpp" for name in
                  ("kernel", "tensor", "types", "attribute", "error")}
KERNEL_LIBRARIES = ("Eigen/", "unsupported/Eigen/", "omp.h", "boost/context/", "sanitizer/")
TOOL_LIBRARIES = ("CLI/", "fmt/", "spdlog/", "nlohmann/")
PROTOBUF = ("google/protobuf/", "onnx/onnx", "onnx/defs/", "onnx/checker", "onnx/shape_inference/",
            "onnx/common/", "onnx/version_converter/", "onnx/inliner/", "onnx/proto_utils")


def is_standard(target: str) -> bool:
    """A header of the C++ standard library: <vector>, <cstdint>."""
    return re.fullmatch(r"[a-z_0-9]+", target) is not None


def own_folder(target: str, quoted: bool) -> str | None:
    """The top folder of the project's own header that `target` names; None if it is another's."""
    if not quoted:
        return None
    for base in (ROOT / "src", ROOT):
        if (base / target).is_file():
            return Path(target).parts[0] if len(Path(target).parts) > 1 else "."
    return None


def check_public(target: str) -> str | None:
    if target.startswith("braid/") or is_standard(target):
        return None
    return "public headers include only the standard library and braid/"


def check_kernel(folder: str, target: str) -> str | None:
    if target in KERNEL_HEADERS or is_standard(target) or target.startswith(KERNEL_LIBRARIES):
        return None
    if target.startswith((f"kernels/{folder}/", f"{folder}/")) or "/" not in target:
        return None
    return "kernels see only the public tensor and kernel headers and their own folder"


def check_tool(target: str) -> str | None:
    if target.startswith(("braid/", "tools/")) or is_standard(target):
        return None
    if target.startswith(TOOL_LIBRARIES) or "/" not in target:
        return None
    return "the program uses only the public headers of Braid"


def check_source(folder: str, target: str, quoted: bool) -> str | None:
    """Rules of src/FOLDER/..., or of src/*.cpp with an empty folder."""
    if folder != "onnx" and target.startswith(PROTOBUF):
        return "only src/onnx sees protobuf and the ONNX library"
    other = own_folder(target, quoted)
    if other in (None, ".", "braid", "include") or not folder or other == folder:
        return None
    if folder not in LAYERS:
        return f"src/{folder} is not in the list of layers (tools/check_layers.py)"
    if other in LAYERS[folder]:
        return None
    return f"{folder} may include only {', '.join(sorted(LAYERS[folder])) or 'the public headers'}"


def check(path: Path, target: str, quoted: bool) -> str | None:
    parts = path.relative_to(ROOT).parts
    if parts[0] == "include":
        return check_public(target)
    if parts[0] == "kernels":
        return check_kernel(parts[1] if len(parts) > 2 else "", target)
    if parts[0] == "tools":
        return check_tool(target)
    return check_source(parts[1] if len(parts) > 2 else "", target, quoted)


def main() -> int:
    sources = sorted(path for top in ("include", "src", "kernels", "tools")
                     for path in (ROOT / top).rglob("*") if path.suffix in (".cpp", ".hpp", ".cuh", ".cu"))
    problems = 0
    includes = 0
    for path in sources:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            includes += 1
            problem = check(path, match[2], match[1] == '"')
            if problem:
                problems += 1
                print(f"{path.relative_to(ROOT)}:{number}: includes {match[2]}: {problem}")
    print(f"layers: {len(sources)} files, {includes} includes, {problems} against the layers")
    return 1 if problems or not sources else 0


sys.exit(main())
