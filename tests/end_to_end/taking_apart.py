"""Merges a set of members and takes the merged file apart again: what test_extract.py and
full_extract.py do to each model.

The judge of extracted files is a comparison of bytes; of refitted ones ONNX Runtime.
"""

from __future__ import annotations

import pathlib
import shutil

import onnx

import support

SIZES = {"batch": 2, "sequence": 16, "height": 48, "width": 64, "length": 40}


def same_bytes(one: pathlib.Path, other: pathlib.Path) -> bool:
    return one.read_bytes() == other.read_bytes()


def check_split(paths: list[pathlib.Path], merged: pathlib.Path, folder: pathlib.Path) -> None:
    """All members come back as they were, and merge to the same file again."""
    parts = folder / "parts"
    support.braid("split", merged, "-o", parts)
    back = [parts / path.name for path in paths]
    for path, extracted in zip(paths, back):
        assert same_bytes(path, extracted), f"{path.name} came back with other bytes"
    assert not same_bytes(back[0], paths[-1]) or same_bytes(paths[0], paths[-1])
    again = folder / "again.onnx"
    support.braid("merge", *back, "-o", again)
    assert same_bytes(merged, again), "merging what came back gives another file"


def check_growing(paths: list[pathlib.Path], merged: pathlib.Path, folder: pathlib.Path) -> None:
    """A merged file and one more member give what all members give."""
    fewer, grown = folder / "fewer.onnx", folder / "grown.onnx"
    support.braid("merge", *paths[:-1], "-o", fewer)
    support.braid("merge", fewer, paths[-1], "-o", grown)
    assert same_bytes(merged, grown), "a merged file as member gives another file"


def check_refit(
    model: pathlib.Path, paths: list[pathlib.Path], pattern: str, folder: pathlib.Path
) -> str:
    """New weights for the last member: all of them differ, so it fits only if none were shared."""
    other = folder / "other"
    support.braid("synth", model, "-n", 1, "--seed", 99, "-o", other)
    new = other / f"{model.stem}-0.onnx"
    merged, refitted = folder / "merged.onnx", folder / "refitted.onnx"
    arguments = ["refit", merged, paths[-1].stem, new, "-o", refitted]
    # With up to three members in two classes, the last one is alone in its own.
    if pattern not in ("different", "classes"):
        message = support.braid(*arguments, code=4).stderr
        assert "cannot be replaced in place" in message, message
        return "refused"
    support.braid(*arguments)
    # The member keeps its name, so the new file takes the place of the old one.
    renamed = folder / "renamed" / paths[-1].name
    renamed.parent.mkdir()
    shutil.copy(new, renamed)
    support.Members([*paths[:-1], renamed], refitted, SIZES).check(are_equal=False)
    for path in paths[:-1]:
        back = folder / "back.onnx"
        support.braid("extract", refitted, path.stem, "-o", back, "--force")
        assert same_bytes(path, back), f"refitting another member changed {path.stem}"
    return "refitted"


def weight_to_damage(path: pathlib.Path) -> onnx.TensorProto:
    """The largest; what is kept for members alone if there is such: others may be computed then."""
    def rank(tensor: onnx.TensorProto) -> tuple[bool, int]:
        return tensor.name == "braid.kept", len(tensor.raw_data)

    return max(support.weights(path), key=rank)


def check_damage(paths: list[pathlib.Path], merged: pathlib.Path, folder: pathlib.Path) -> None:
    """One bit of one weight: verify and extract must tell, and name it."""
    tensor = weight_to_damage(merged)
    content = bytearray(merged.read_bytes())
    at = content.index(tensor.raw_data)
    content[at] ^= 1
    damaged = folder / "damaged.onnx"
    damaged.write_bytes(content)
    answer = support.braid("verify", damaged, code=1).stdout
    assert f"'{tensor.name}'" in answer, answer
    outcomes = []
    for path in paths:
        back = folder / "damaged" / path.name
        back.parent.mkdir(exist_ok=True)
        try:
            support.braid("extract", damaged, path.stem, "-o", back)
            assert same_bytes(path, back)
            outcomes.append("whole")
        except AssertionError as problem:
            assert "exit code 3" in str(problem) and f"'{tensor.name}'" in str(problem), problem
            assert not back.exists(), "a damaged member was written"
            outcomes.append("refused")
    assert "refused" in outcomes, outcomes


def record_bytes(merged: pathlib.Path) -> int:
    entries = onnx.load(merged, load_external_data=False).metadata_props
    return sum(len(e.value) for e in entries if e.key.startswith("braid.record"))


def kept_bytes(merged: pathlib.Path) -> int:
    return sum(len(t.raw_data) for t in support.weights(merged) if t.name == "braid.kept")


def check(model: pathlib.Path, count: int, pattern: str, folder: pathlib.Path) -> str:
    paths = support.synth(model, count, pattern, folder)
    merged = folder / "merged.onnx"
    support.braid("merge", *paths, "-o", merged)
    support.braid("verify", merged)
    check_split(paths, merged, folder)
    if count > 2:
        check_growing(paths, merged, folder)
    refit = check_refit(model, paths, pattern, folder)
    check_damage(paths, merged, folder)
    size, record, kept = merged.stat().st_size, record_bytes(merged), kept_bytes(merged)
    return f"{refit:9} {size:>11,} bytes, record {record:>8,} ({record / size:.2%}), kept {kept:,}"
