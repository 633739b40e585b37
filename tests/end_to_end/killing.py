"""Kills `braid merge` at random times: what test_killed.py does 20 times and full_killed.py 200 times.

Two sets of members are merged to one name, in turns. Whenever a run is killed, the name must have
nothing, the whole file of before or the whole new file; the next run must clear away what is left.
"""

from __future__ import annotations

import collections
import pathlib
import random
import signal
import subprocess
import time

import support

MODEL = support.MODELS / "bert-small-legacy.onnx"


def contents(folder: pathlib.Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class Merges:
    """Two sets of members, and the files that each of them merges to."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.output = folder / "output"
        self.output.mkdir()
        self.sets, self.expected, self.seconds = [], [], 0.0
        for seed in (1, 2):
            members = folder / f"members-{seed}"
            support.braid("synth", MODEL, "-n", 4, "--seed", seed, "-o", members)
            self.sets.append(sorted(members.iterdir()))
            start = time.perf_counter()
            subprocess.run(self.command(seed - 1), check=True, capture_output=True)
            self.seconds = max(self.seconds, time.perf_counter() - start)
            self.expected.append(contents(self.output))
        assert self.expected[0] != self.expected[1]
        assert [sorted(files) for files in self.expected] == [["out.onnx", "out.onnx.data"]] * 2

    def command(self, number: int) -> list[str]:
        out = str(self.output / "out.onnx")
        members = map(str, self.sets[number])
        return [support.BRAID, "merge", *members, "-o", out, "--force", "--external-above", "0"]

    def end_after(self, number: int, seconds: float, sign: signal.Signals) -> int:
        """Starts a merge and ends it with a signal; its exit code."""
        process = subprocess.Popen(
            self.command(number), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(sign)
            return process.wait()

    def state(self) -> str:
        """What is there under the final name; an error if that is half a file or a wrong one."""
        files = {name: data for name, data in contents(self.output).items() if name[0] != "."}
        if "out.onnx" not in files:
            return "nothing"
        for name, expected in zip(("first", "second"), self.expected):
            if files == expected:
                return name
        raise AssertionError(f"half a file or a wrong one: {sorted(files)}")

    def leftovers(self) -> list[str]:
        return [name for name in contents(self.output) if name[0] == "."]


def kill(times: int, folder: pathlib.Path, seed: int) -> str:
    merges = Merges(folder)
    draw = random.Random(seed)
    outcomes: collections.Counter[str] = collections.Counter()
    for turn in range(times):
        code = merges.end_after(turn % 2, draw.uniform(0, merges.seconds * 1.1), signal.SIGKILL)
        assert code in (0, -signal.SIGKILL), code
        left = "with leftovers" if merges.leftovers() else "clean"
        outcomes[f"{'ended' if code == 0 else 'killed'}, {merges.state()}, {left}"] += 1
        if turn % 10 == 9:
            subprocess.run(merges.command(turn % 2), check=True, capture_output=True)
            assert contents(merges.output) == merges.expected[turn % 2], "leftovers stay"
    killed = sum(count for outcome, count in outcomes.items() if outcome.startswith("killed"))
    assert killed >= times // 4, f"only {killed} of {times} were killed in time"
    return "; ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))


def interrupt(times: int, folder: pathlib.Path, seed: int) -> str:
    """SIGINT: exit code 130, and nothing is left at once."""
    merges = Merges(folder)
    draw = random.Random(seed)
    codes: collections.Counter[int] = collections.Counter()
    for turn in range(times):
        # Not while the program is still being loaded: that is before its first line.
        seconds = draw.uniform(merges.seconds * 0.3, merges.seconds)
        code = merges.end_after(turn % 2, seconds, signal.SIGINT)
        codes[code] += 1
        assert code in (0, 130), code
        assert not merges.leftovers(), merges.leftovers()
        merges.state()
    assert codes[130] > 0, "none was interrupted in time"
    return f"{codes[130]} interrupted, {codes[0]} had ended"
