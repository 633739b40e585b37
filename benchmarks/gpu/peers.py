#!/usr/bin/env python3
"""PyTorch on N members, batch 1 each, in every arrangement that a user has today; one JSON object per line.

    python benchmarks/gpu/peers.py bert-base -n 8 --precision fp16 [--compile] [--seconds S]

  eager loop               one member after the other
  streams                  each on one of 8 streams
  graph in sequence        all in one CUDA graph, one after the other
  graph in branches        all in one CUDA graph, each a branch: the one to beat
  graph, channels last     in sequence, with the images' channels innermost
  vmap, vmap in a graph    torch.func.vmap over stacked weights
  compiled ...             the same after torch.compile, which is captured like the others
  one model, batch N       a bound for members that share all their weights

Results are compared with those of the eager loop. --ceilings measures instead what the GPU reaches: a copy, and large products.
Needs PyTorch, torchvision and transformers; `run` starts it as a process of its own for each model, number and precision.
"""

from __future__ import annotations

import argparse
import copy
import json
import statistics
import time
from collections.abc import Callable

import torch
from torch.func import functional_call, stack_module_state, vmap

import torch_models

Call = Callable[[], list[torch.Tensor]]
STREAMS = 8


def sequence(calls: list[Callable[[], torch.Tensor]]) -> Call:
    return lambda: [call() for call in calls]


def branches(calls: list[Callable[[], torch.Tensor]], most: int) -> Call:
    """Side by side on at most so many streams, which fork from the current one and join it."""
    streams = [torch.cuda.Stream() for _ in range(min(most, len(calls)))]

    def run() -> list[torch.Tensor]:
        current = torch.cuda.current_stream()
        for stream in streams:
            stream.wait_stream(current)
        results = []
        for index, call in enumerate(calls):
            with torch.cuda.stream(streams[index % len(streams)]):
                results.append(call())
        for stream in streams:
            current.wait_stream(stream)
        return results

    return run


def captured(call: Call) -> Call:
    """Its launches as one CUDA graph; the results are where the graph writes them."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(2):
            call()
    torch.cuda.current_stream().wait_stream(stream)
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        results = call()

    def run() -> list[torch.Tensor]:
        graph.replay()
        return results

    return run


class Arrangements:
    """Of some members and one sample for each."""

    def __init__(self, members: list[torch.nn.Module], samples: list[torch.Tensor]) -> None:
        self.members, self.samples = members, samples
        self.calls = [lambda m=member, x=sample: m(x)
                      for member, sample in zip(members, samples, strict=True)]
        self.loop = sequence(self.calls)

    def plain(self, on_gpu: bool) -> dict[str, Callable[[], Call]]:
        """What makes each of them."""
        made = {"eager loop": lambda: self.loop, "vmap": self.mapped}
        if on_gpu:
            made |= {
                "streams": lambda: branches(self.calls, STREAMS),
                "graph in sequence": lambda: captured(self.loop),
                "graph in branches": lambda: captured(branches(self.calls, len(self.calls))),
                "vmap in a graph": lambda: captured(self.mapped()),
                "one model, batch N": lambda: captured(self.batched()),
            }
            if self.samples[0].dim() == 4:
                made["graph, channels last"] = lambda: captured(self.channels_last())
        return made

    def compiled(self, on_gpu: bool) -> dict[str, Callable[[], Call]]:
        if not on_gpu:
            return {"compiled loop": lambda: sequence(self.compiled_calls())}
        return {
            "compiled, graph in sequence": lambda: captured(sequence(self.compiled_calls())),
            "compiled, graph in branches":
                lambda: captured(branches(self.compiled_calls(), len(self.calls))),
            "compiled vmap in a graph": lambda: captured(self.mapped(torch.compile)),
        }

    def state(self, member: torch.nn.Module) -> tuple[dict, dict]:
        return ({k: v.detach() for k, v in member.named_parameters()}, dict(member.named_buffers()))

    def apply(self, weights: dict, buffers: dict, sample: torch.Tensor) -> torch.Tensor:
        return functional_call(self.members[0], (weights, buffers), (sample,))

    def compiled_calls(self) -> list[Callable[[], torch.Tensor]]:
        """One compiled function serves all members: weights are its arguments."""
        one = torch.compile(self.apply)
        return [lambda s=self.state(member), x=sample: one(*s, x)
                for member, sample in zip(self.members, self.samples, strict=True)]

    def mapped(self, transform: Callable = lambda function: function) -> Call:
        weights, buffers = stack_module_state(self.members)
        weights = {name: weight.detach() for name, weight in weights.items()}
        samples = torch.stack(self.samples)
        function = transform(vmap(self.apply, randomness="same"))
        return lambda: list(function(weights, buffers, samples).unbind(0))

    def batched(self) -> Call:
        samples = torch.cat(self.samples)
        return lambda: [self.members[0](samples)]

    def channels_last(self) -> Call:
        form = {"memory_format": torch.channels_last}
        return sequence([lambda m=copy.deepcopy(member).to(**form), x=sample.contiguous(**form): m(x)
                         for member, sample in zip(self.members, self.samples, strict=True)])


def timed(call: Call, seconds: float, on_gpu: bool) -> dict:
    """Of runs that the host waits for: microseconds of the host, and of the GPU between events."""
    host, device = [], []
    call()
    end = time.perf_counter() + seconds
    while len(host) < 5 or time.perf_counter() < end:
        if on_gpu:
            torch.cuda.synchronize()
            events = [torch.cuda.Event(enable_timing=True) for _ in range(2)]
            events[0].record()
        start = time.perf_counter()
        call()
        if on_gpu:
            events[1].record()
            torch.cuda.synchronize()
            device.append(1e3 * events[0].elapsed_time(events[1]))
        host.append(1e6 * (time.perf_counter() - start))
    row = {"median_us": statistics.median(host), "min_us": min(host), "runs": len(host)}
    if device:
        row |= {"gpu_median_us": statistics.median(device), "gpu_min_us": min(device)}
    return row


def largest_error(results: list[torch.Tensor], expected: list[torch.Tensor]) -> float:
    """Relative to the size of the expected results; NaN if one is."""
    return max(float((a.double() - b.double()).norm() / b.double().norm())
               for a, b in zip(results, expected, strict=True))


def measure(name: str, make: Callable[[], Call], expected: list[torch.Tensor],
            options: argparse.Namespace) -> dict:
    """What fails is told, and does not end the others."""
    on_gpu = options.device == "cuda"
    row: dict = {"arrangement": name}
    try:
        start = time.perf_counter()
        if on_gpu:
            torch.cuda.reset_peak_memory_stats()
        call = make()
        results = call()
        if on_gpu:
            torch.cuda.synchronize()
        row["prepare_s"] = time.perf_counter() - start
        row |= timed(call, options.seconds, on_gpu)
        if name != "one model, batch N":
            row["error"] = largest_error(results, expected)
        if on_gpu:
            row["peak_bytes"] = torch.cuda.max_memory_allocated()
    except Exception as failure:  # noqa: BLE001: of any of PyTorch's libraries
        row["failure"] = f"{type(failure).__name__}: {failure}"[:300]
    return row


def ceilings(seconds: float) -> dict:
    """Terabytes per second of a copy, and TFLOP/s of large products."""
    source = torch.empty(1 << 30, dtype=torch.uint8, device="cuda")
    target = torch.empty_like(source)
    moved = timed(lambda: [target.copy_(source)], seconds, True)["gpu_min_us"]
    rates = {}
    for precision, dtype in torch_models.DTYPES.items():
        torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
        a, b = (torch.randn(8192, 8192, device="cuda", dtype=dtype) for _ in range(2))
        out = torch.empty_like(a)
        spent = timed(lambda: [torch.mm(a, b, out=out)], seconds, True)["gpu_min_us"]  # noqa: B023
        rates[precision] = 2 * 8192**3 / spent / 1e6
    return {"bandwidth": 2 * source.numel() / moved / 1e6, "rates": rates, "source": "measured"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", nargs="?", help="resnet50, bert-base, bert-small and so on")
    parser.add_argument("-n", "--count", type=int, default=2)
    parser.add_argument("--precision", choices=torch_models.DTYPES, default="fp32")
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--seconds", type=float, default=0.3, help="for each arrangement")
    parser.add_argument("--plain", action="store_true", help="encoders of plain_encoders.py")
    parser.add_argument("--compile", action="store_true", help="the compiled arrangements, too")
    parser.add_argument("--ceilings", action="store_true", help="measure the GPU instead")
    options = parser.parse_args()
    torch.set_grad_enabled(False)
    if options.ceilings:
        print(json.dumps(ceilings(options.seconds)), flush=True)
        return
    on_gpu = options.device == "cuda"
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = (
        options.precision == "tf32")
    torch.backends.cudnn.benchmark = on_gpu
    key = (options.model, options.count, options.precision, options.device)
    members = torch_models.members(*key, options.plain)
    arrangements = Arrangements(members, torch_models.inputs(*key))
    expected = [result.clone() for result in arrangements.loop()]
    kinds = arrangements.plain(on_gpu)
    if options.compile:
        kinds |= arrangements.compiled(on_gpu)
    for name, make in kinds.items():
        print(json.dumps(measure(name, make, expected, options)), flush=True)


if __name__ == "__main__":
    main()
