"""Kills `braid merge`, or changes what it reads, at random times: what test_killed.py does some times
and full_killed.py 200 times.

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


def flip_a_byte(path: pathlib.Path) -> None:
    """In place, in the middle of the weights."""
    with open(path, "r+b") as file:
        file.seek(path.stat().st_size // 2)
        byte = file.read(1)[0]
        file.seek(-1, 1)
        file.write(bytes([byte ^ 1]))


def cut_in_half(path: pathlib.Path) -> None:
    with open(path, "r+b") as file:
        file.truncate(path.stat().st_size // 2)


def change(times: int, folder: pathlib.Path, seed: int) -> str:
    """A member that changes while it is read: the file of before, the file of after, or exit code 3."""
    members = support.synth(MODEL, 4, "different", folder / "members")
    output = folder / "output"
    output.mkdir()
    command = [support.BRAID, "merge", *members, "-o", output / "out.onnx", "--force"]
    original = members[2].read_bytes()

    def merged() -> dict[str, bytes]:
        subprocess.run(command, check=True, capture_output=True)
        return contents(output)

    start = time.perf_counter()
    expected = [merged()]
    seconds = time.perf_counter() - start
    flip_a_byte(members[2])
    expected.append(merged())
    assert expected[0] != expected[1]
    draw = random.Random(seed)
    outcomes: collections.Counter[str] = collections.Counter()
    for turn in range(times):
        members[2].write_bytes(original)
        for path in output.iterdir():
            path.unlink()
        way = (flip_a_byte, cut_in_half)[turn % 2]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        time.sleep(draw.uniform(0, seconds))
        way(members[2])
        message = process.communicate()[1]
        if process.returncode == 0:
            which = expected.index(contents(output))  # else it is of the old bytes in part
            outcome = ("merged as it was", "merged as it became")[which]
        else:
            assert process.returncode == 3 and str(members[2]) in message, (process.returncode, message)
            assert not list(output.iterdir()), "something is left"
            outcome = "refused"
        outcomes[f"{way.__name__}: {outcome}"] += 1
    return "; ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
