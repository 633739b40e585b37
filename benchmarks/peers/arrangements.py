#!/usr/bin/env python3
"""Runs members in ONNX Runtime, arranged in one way, in a process of its own.

    python arrangements.py KIND JOB.json

The job says which models there are, with which inputs, threads and seconds; contest.py writes it.
Prints JSON: seconds to load, seconds of the first result, seconds of each run by arrangement, and
the peak of resident memory. A process of its own, so that no arrangement runs beside the spinning
threads, the arenas or the weights of another.
"""

from __future__ import annotations

import concurrent.futures
import json
import multiprocessing
import pathlib
import sys
import time
from collections.abc import Callable

import numpy as np
import onnxruntime as ort

Job = dict
Run = Callable[[], object]
Members = list[tuple[ort.InferenceSession, dict[str, np.ndarray]]]


def session(path: str, threads: int, spins: bool = True, own_pool: bool = True) -> ort.InferenceSession:
    options = ort.SessionOptions()
    options.log_severity_level = 3
    options.use_per_session_threads = own_pool
    if own_pool:
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", str(int(spins)))
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def inputs_of(member: str, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {name.removeprefix(member + "/"): value for name, value in inputs.items()
            if name.startswith(member + "/")}


def members(job: Job, **options: object) -> Members:
    with np.load(job["inputs"]) as arrays:
        inputs = dict(arrays)
    return [(session(path, **options), inputs_of(pathlib.Path(path).stem, inputs))
            for path in job["members"]]


def in_sequence(loaded: Members) -> Run:
    def run() -> None:
        for member, inputs in loaded:
            member.run(None, inputs)
    return run


def side_by_side(loaded: Members, workers: int) -> Run:
    pool = concurrent.futures.ThreadPoolExecutor(workers)
    return lambda: list(pool.map(lambda entry: entry[0].run(None, entry[1]), loaded))


# --- the arrangements, by kind: what shares its sessions is of one kind -----------------------


def alone(job: Job) -> dict[str, Run]:
    loaded = members(job | {"members": job["members"][:1]}, threads=job["threads"])
    return {"one member alone": in_sequence(loaded)}


def sequence(job: Job) -> dict[str, Run]:
    return {"members in sequence": in_sequence(members(job, threads=job["threads"]))}


def calm(job: Job) -> dict[str, Run]:
    loaded = members(job, threads=job["threads"], spins=False)
    return {"members in sequence, no spinning": in_sequence(loaded),
            "members side by side, no spinning": side_by_side(loaded, job["threads"])}


def shared_pool(job: Job) -> dict[str, Run]:
    ort.set_global_thread_pool_sizes(job["threads"], 1)
    loaded = members(job, threads=job["threads"], own_pool=False)
    return {"members in sequence, one shared pool": in_sequence(loaded),
            "members side by side, one shared pool": side_by_side(loaded, job["threads"])}


def single_threads(job: Job) -> dict[str, Run]:
    loaded = members(job, threads=1)
    return {"members side by side, one thread each": side_by_side(loaded, job["threads"])}


def serve(job: Job, pipe: multiprocessing.connection.Connection) -> None:
    run = in_sequence(members(job, threads=1))
    pipe.send(None)
    while pipe.recv():
        run()
        pipe.send(None)


def processes(job: Job) -> dict[str, Run]:
    context = multiprocessing.get_context("spawn")
    pipes = []
    for core in range(job["threads"]):
        own = job["members"][core::job["threads"]]
        if not own:
            continue
        here, there = context.Pipe()
        context.Process(target=serve, args=(job | {"members": own}, there), daemon=True).start()
        pipes.append(here)
    for pipe in pipes:
        pipe.recv()

    def run() -> None:
        for pipe in pipes:
            pipe.send(True)
        for pipe in pipes:
            pipe.recv()
    return {"members in processes, one thread each": run}


def merged(job: Job) -> dict[str, Run]:
    whole = session(job["merged"], job["threads"])
    with np.load(job["inputs"]) as arrays:
        inputs = {port.name: arrays[port.name] for port in whole.get_inputs()}
    return {"merged file": in_sequence([(whole, inputs)])}


KINDS: dict[str, Callable[[Job], dict[str, Run]]] = {
    "alone": alone, "sequence": sequence, "calm": calm, "shared_pool": shared_pool,
    "single_threads": single_threads, "processes": processes, "merged": merged}


def measure(run: Run, seconds: float, least: int) -> list[float]:
    until = time.perf_counter() + seconds / 4
    while time.perf_counter() < until:
        run()
    times: list[float] = []
    while sum(times) < seconds or len(times) < least:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return times


def peak_resident_bytes() -> int:
    """Of this program alone: getrusage() counts what the process was before, too."""
    line = next(line for line in pathlib.Path("/proc/self/status").read_text().splitlines()
                if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def main() -> None:
    kind, path = sys.argv[1:]
    job = json.loads(pathlib.Path(path).read_text())
    start = time.perf_counter()
    runs = KINDS[kind](job)
    loaded = time.perf_counter()
    next(iter(runs.values()))()
    first = time.perf_counter()
    times = {name: measure(run, job["seconds"], job["least"]) for name, run in runs.items()}
    peak = peak_resident_bytes()
    json.dump({"load_s": loaded - start, "first_s": first - loaded, "times": times,
               "peak_rss_bytes": None if kind == "processes" else peak}, sys.stdout)


if __name__ == "__main__":
    main()
