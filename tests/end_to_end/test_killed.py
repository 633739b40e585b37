"""What is left when `braid merge` is killed or interrupted, its members change, or the disk is full."""
# labels: slow

from __future__ import annotations

import pathlib
import resource
import subprocess
import sys

import killing
import support
from test_errors import Skipped, run_cases


def case_killed(folder: pathlib.Path) -> None:
    print("      ", killing.kill(20, folder, seed=1))


def case_interrupted(folder: pathlib.Path) -> None:
    print("      ", killing.interrupt(8, folder, seed=2))


def case_a_member_changes(folder: pathlib.Path) -> None:
    print("      ", killing.change(20, folder, seed=3))


def case_a_disk_without_room_is_refused_before_writing(folder: pathlib.Path) -> None:
    members = support.synth(killing.MODEL, 3, "different", folder / "members")
    disk = folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        raise Skipped("no file system can be mounted here")
    try:
        out = disk / "out.onnx"
        message = support.braid("merge", *members, "-o", out, code=7).stderr
        assert "has room for" in message, message
        assert not list(disk.iterdir())
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def case_an_output_that_cannot_grow_leaves_nothing(folder: pathlib.Path) -> None:
    """A limit on the size of files: like a disk that fills up while it is written to."""
    members = support.synth(killing.MODEL, 3, "different", folder / "members")
    output = folder / "output"
    output.mkdir()
    for flags in ([], ["--external-above", "0"]):
        result = subprocess.run(
            [support.BRAID, "merge", *members, "-o", output / "out.onnx", *flags],
            capture_output=True,
            text=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
        )
        assert result.returncode == 7, result
        assert "cannot be written" in result.stderr, result.stderr
        assert not list(output.iterdir())


if __name__ == "__main__":
    sys.exit(run_cases(globals()))
