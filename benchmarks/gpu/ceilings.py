"""What a GPU can do at most, and the shortest time that a layer can take there."""

from __future__ import annotations

from typing import NamedTuple


class Ceilings(NamedTuple):
    """Terabytes per second, and TFLOP/s by precision."""
    bandwidth: float
    rates: dict[str, float]
    source: str

    def bound_us(self, moved: float, flops: float, precision: str) -> float:
        """The longer of moving so many bytes and computing so much; launches cost nothing here."""
        rate = self.rates.get(precision, self.rates["fp32"])
        return max(moved / self.bandwidth, flops / rate) / 1e6


# Data sheets, without sparsity; by a part of the name that the driver gives, the longest one first.
SHEETS = {
    "H200": Ceilings(4.8, {"fp32": 67, "tf32": 494, "fp16": 989, "bf16": 989}, "data sheet"),
    "H100 PCIe": Ceilings(2.0, {"fp32": 51, "tf32": 378, "fp16": 756, "bf16": 756}, "data sheet"),
    "H100": Ceilings(3.35, {"fp32": 67, "tf32": 494, "fp16": 989, "bf16": 989}, "data sheet"),
    "A100": Ceilings(2.0, {"fp32": 19.5, "tf32": 156, "fp16": 312, "bf16": 312}, "data sheet"),
    "V100": Ceilings(0.9, {"fp32": 15.7, "fp16": 125}, "data sheet"),
    "TITAN Xp": Ceilings(0.548, {"fp32": 12.1}, "data sheet"),
    "T4": Ceilings(0.32, {"fp32": 8.1, "fp16": 65}, "data sheet"),
}


def of_sheet(device: str) -> Ceilings | None:
    """None for a device that is not listed: then only what is measured can be told."""
    name = max((name for name in SHEETS if name in device), key=len, default=None)
    return SHEETS[name] if name else None


def layers(steps: list[dict], precision: str, ceilings: Ceilings | None) -> list[dict]:
    """The steps of a profile with their bounds, the costliest first."""
    rows = []
    for step in steps:
        row = {"place": step["place"], "kernel": step["kernel"], "us": 1e3 * step["ms"],
               "bytes_moved": step["bytes_moved"], "flops": step["flops"] or 0}
        if ceilings:
            row["bound_us"] = ceilings.bound_us(row["bytes_moved"], row["flops"], precision)
        rows.append(row)
    return sorted(rows, key=lambda row: -row["us"])
