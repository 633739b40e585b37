"""The program braid, as the parts of the GPU benchmark use it: synth, merge, run, bench."""

from __future__ import annotations

import json
import pathlib
import shlex
import subprocess
from collections.abc import Callable

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODELS = ROOT / "models"


class Failure(Exception):
    """A command that did not do what it should; its text says which, and what it wrote."""


class Braid:
    """A program on a device. With `is_dry` no command runs; all are printed. `seconds_left` tells
    how long a command may take."""

    def __init__(self, path: pathlib.Path, device: str, is_dry: bool,
                 seconds_left: Callable[[], float]) -> None:
        self.path, self.device, self.is_dry = path, device, is_dry
        self.seconds_left = seconds_left
        self.offered: dict[tuple[str, str], bool] = {}

    def call(self, *arguments: object, wrapper: tuple[str, ...] = ()) -> str:
        """What it prints; `wrapper` is a command that runs it, such as compute-sanitizer."""
        command = [*wrapper, str(self.path), *map(str, arguments)]
        if self.is_dry:
            print(f"    {shlex.join(command)}", flush=True)
            return "{}"
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=False,
                                  timeout=self.seconds_left())
        except (OSError, subprocess.TimeoutExpired) as failure:
            raise Failure(str(failure)[-2000:]) from failure
        if done.returncode:
            text = (done.stdout + done.stderr)[-2000:]
            raise Failure(f"{shlex.join(command)}: exit code {done.returncode}\n{text}")
        return done.stdout

    def has_option(self, verb: str, option: str) -> bool:
        """Whether this build's verb offers it; in a dry run, everything is offered."""
        if self.is_dry:
            return True
        if (verb, option) not in self.offered:
            self.offered[verb, option] = option in self.call(verb, "--help")
        return self.offered[verb, option]

    def synth(self, model: str, count: int, folder: pathlib.Path,
              share: float = 0.0) -> list[pathlib.Path]:
        """Members with seeded weights, of which the first `share` are common to all."""
        source = MODELS / f"{model}.onnx"
        options = ["--share", share] if share else []
        self.call("synth", source, "-n", count, "--seed", 1, *options, "-o", folder, "--force")
        return [folder / f"{source.stem}-{i}.onnx" for i in range(count)]

    def merge(self, members: list[pathlib.Path], target: pathlib.Path) -> dict:
        """The report of the merge; target is written."""
        return json.loads(self.call("merge", *members, "-o", target, "--target", "gpu", "--force",
                                    "--json", "-"))

    def run(self, model: pathlib.Path, *options: object, device: str = "", precision: str = "fp32",
            wrapper: tuple[str, ...] = ()) -> dict:
        """The report of a run at batch 1."""
        kind = [] if precision == "fp32" else ["--precision", precision]
        return json.loads(self.call("run", model, "--device", device or self.device, "--dim",
                                    "batch=1", *kind, *options, "--json", "-", wrapper=wrapper))

    def bench(self, merged: pathlib.Path, members: list[pathlib.Path], seconds: float,
              precision: str) -> dict:
        """All of the program's own arrangements of the members; the merged model is of them."""
        kind = [] if precision == "fp32" else ["--precision", precision]
        return json.loads(self.call("bench", merged, "--members", *members, "-n", len(members),
                                    "--batch", 1, "--device", self.device, *kind, "--min-time",
                                    seconds, "--json", "-"))
