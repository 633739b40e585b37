"""Feeds hostile files to the program: what test_hostile.py does with hundreds and full_hostile.py
with ten thousand.

Each case must end by itself with an exit code of the table, within 10 seconds of processor time and
2 GB, without a word of a sanitizer, and leave no output unless it succeeded.
"""

from __future__ import annotations

import collections
import concurrent.futures
import dataclasses
import os
import pathlib
import re
import resource
import signal
import subprocess
import tempfile

import hostile_files
import support

CODES = (0, 1, 2, 3, 4, 5, 6, 7)  # 70 is a defect of Braid
MOST_SECONDS = 10
MOST_BYTES = 2 << 30
LONGEST_WAIT = 300  # seconds, of a case that uses no processor: it waits for something

# What a model computes may take any time and memory; merging must need no limit on time.
COMPUTING = ("run", "verify")
LIMITS = {"BRAID_MEMORY_LIMIT": "1GB"}
TIME_LIMIT = {"BRAID_TIME_LIMIT": "8"}
SANITIZERS = {
    "ASAN_OPTIONS": "exitcode=99:hard_rss_limit_mb=2048:allocator_may_return_null=1",
    "UBSAN_OPTIONS": "exitcode=99:print_stacktrace=1",
}
FORBIDDEN = r"AddressSanitizer|LeakSanitizer|runtime error:|terminate called|internal error|rss limit"


@dataclasses.dataclass
class Outcome:
    number: int
    kind: str
    verb: str
    verifies: bool  # what it has written
    code: int
    seconds: float
    bytes: int
    problem: str = ""


def contents(folder: pathlib.Path) -> set[pathlib.Path]:
    return {path for path in folder.rglob("*") if not path.is_dir()}


def execute(command: list[str], folder: pathlib.Path, environment: dict[str, str]):
    """Exit code, resource usage, and what it said on stderr."""
    with tempfile.TemporaryFile() as said, open(os.devnull, "wb") as nowhere:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=nowhere, stderr=said,
            env={**os.environ, **environment}, start_new_session=True,
        )  # fmt: skip
        resource.prlimit(process.pid, resource.RLIMIT_CPU, (MOST_SECONDS + 2, MOST_SECONDS + 2))
        with concurrent.futures.ThreadPoolExecutor(1) as waiter:
            ended = waiter.submit(os.wait4, process.pid, 0)
            try:
                _, status, usage = ended.result(timeout=LONGEST_WAIT)
            except concurrent.futures.TimeoutError:
                os.killpg(process.pid, signal.SIGKILL)
                _, status, usage = ended.result()
        process.returncode = os.waitstatus_to_exitcode(status)  # it is no longer there to be waited for
        said.seek(0)
        return process.returncode, usage, said.read().decode(errors="replace")


def judge(outcome: Outcome, said: str, left: set[pathlib.Path]) -> str:
    if found := re.search(FORBIDDEN, said):
        return f"says '{found[0]}'"
    if outcome.code not in CODES:
        return f"exit code {outcome.code}"
    if outcome.seconds > MOST_SECONDS:
        return f"{outcome.seconds:.1f} s"
    if outcome.bytes > MOST_BYTES:
        return f"{outcome.bytes >> 20} MB"
    if outcome.code != 0 and not said.startswith("braid: ") and outcome.verb != "verify":
        return "no message"
    if any(path.name.endswith(".part") for path in left):
        return "half a file is left"
    # A member that was extracted before another one failed is whole; so is what --verify could not
    # run, or found to be wrong.
    keeps = outcome.verb in ("extract", "split", "synth") or outcome.verifies
    if outcome.code != 0 and left and not keeps:
        return "an output is left"
    return ""


def run_case(number: int) -> Outcome:
    with tempfile.TemporaryDirectory(prefix="hostile-") as place:
        folder = pathlib.Path(place).resolve()
        kind, arguments = hostile_files.make(number, folder)
        before = contents(folder)
        environment = {**LIMITS, **SANITIZERS}
        verifies = "--verify" in arguments
        if arguments[0] in COMPUTING or verifies:
            environment |= TIME_LIMIT
        command = [support.BRAID, "-q", *map(str, arguments)]
        code, usage, said = execute(command, folder, environment)
        seconds = usage.ru_utime + usage.ru_stime
        outcome = Outcome(number, kind, str(arguments[0]), verifies, code, seconds, usage.ru_maxrss << 10)
        outcome.problem = judge(outcome, said, contents(folder) - before)
        if outcome.problem:
            shown = " ".join(arg.replace(place, "") for arg in command)
            outcome.problem += f": {shown}\n{said[:1500]}"
        return outcome


def report(outcomes: list[Outcome]) -> None:
    codes: dict[str, collections.Counter[int]] = collections.defaultdict(collections.Counter)
    for outcome in outcomes:
        codes[outcome.kind][outcome.code] += 1
    columns = sorted({outcome.code for outcome in outcomes})
    print(f"{'exit code':20}", *(f"{code:6}" for code in columns))
    for kind in hostile_files.CASES:
        print(f"{kind:20}", *(f"{codes[kind][code]:6}" for code in columns))
    total = collections.Counter(outcome.code for outcome in outcomes)
    print(f"{'all':20}", *(f"{total[code]:6}" for code in columns))
    slowest = max(outcomes, key=lambda outcome: outcome.seconds)
    largest = max(outcomes, key=lambda outcome: outcome.bytes)
    print(f"slowest: case {slowest.number} ({slowest.kind}, {slowest.verb}), {slowest.seconds:.1f} s;",
          f"largest: case {largest.number} ({largest.kind}, {largest.verb}), {largest.bytes >> 20} MB")  # fmt: skip


def run(first: int, count: int, processes: int | None = None) -> int:
    """Runs the cases from number `first` on; how many failed."""
    hostile_files.prepare()
    outcomes = []
    with concurrent.futures.ProcessPoolExecutor(processes or os.cpu_count()) as pool:
        for outcome in pool.map(run_case, range(first, first + count), chunksize=4):
            outcomes.append(outcome)
            if outcome.problem:
                print(f"FAILED case {outcome.number} ({outcome.kind}): {outcome.problem}", flush=True)
    report(outcomes)
    failed = sum(bool(outcome.problem) for outcome in outcomes)
    # The files must be hostile, and not all in the same way.
    refused = sum(outcome.code != 0 for outcome in outcomes)
    assert count < 100 or count // 4 < refused < count, f"{refused} of {count} were refused"
    return failed
