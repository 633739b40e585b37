"""The report of the GPU benchmark, on disk after each job, and the time that jobs may take."""

from __future__ import annotations

import json
import pathlib
import time


class Report:
    """Rows by part, what was skipped, and what failed. With `resumes`, what the file holds is kept,
    and jobs that it has rows of do not run again."""

    def __init__(self, path: pathlib.Path | None, facts: dict, resumes: bool) -> None:
        self.path = path
        self.data: dict = {"parts": {}, "done": [], "skipped": [], "failures": []}
        if resumes and path and path.exists():
            self.data |= json.loads(path.read_text())
            self.data["failures"] = []  # their jobs run again
            self.data["skipped"] = []
        self.data.setdefault("runs", []).append(facts)

    def is_done(self, title: str) -> bool:
        return title in self.data["done"]

    def add(self, part: str, row: dict) -> None:
        self.data["parts"].setdefault(part, []).append(row)
        self.save()

    def finish(self, title: str) -> None:
        self.data["done"].append(title)
        self.save()

    def skip(self, what: str, why: str) -> None:
        self.data["skipped"].append({"what": what, "why": why})
        print(f"    skipped: {what}: {why}", flush=True)
        self.save()

    def fail(self, title: str, failure: str) -> None:
        self.data["failures"].append({"job": title, "failure": failure})
        print(f"    FAILED: {failure}", flush=True)
        self.save()

    def save(self) -> None:
        """At once or not at all: a machine may be taken back at any time."""
        if self.path is None:
            return
        other = self.path.with_suffix(".tmp")
        other.write_text(json.dumps(self.data, indent=1) + "\n")
        other.replace(self.path)


class Budget:
    """Seconds of all parts together. Each part has its share of what is left when it begins, so that
    what one does not need is there for those behind it."""

    def __init__(self, seconds: float, shares: dict[str, float]) -> None:
        self.end = time.monotonic() + seconds
        self.shares = dict(shares)
        self.part_end = self.end

    def begin(self, part: str) -> None:
        share = self.shares[part] / sum(self.shares.values())
        self.part_end = time.monotonic() + share * max(self.end - time.monotonic(), 0)
        del self.shares[part]

    def is_spent(self) -> bool:
        return time.monotonic() >= self.part_end

    def left(self) -> float:
        """For a job that runs: it may use up what the parts behind it have, but not more."""
        return max(self.end - time.monotonic(), 1.0)
