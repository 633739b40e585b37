"""What it takes to export an architecture: how to build it, and inputs to trace it with."""
from collections.abc import Callable
from typing import NamedTuple

import torch

Inputs = dict[str, torch.Tensor]
Make = Callable[[int], Inputs]  # example inputs as a function of the batch size
Build = Callable[[], torch.nn.Module]
BATCH = {0: "batch"}
SEQUENCE = {0: "batch", 1: "sequence"}
SIZE = {0: "batch", 2: "height", 3: "width"}


class Export(NamedTuple):
    """One file: its name, how to build the model and its inputs, the exporter, dynamic axes."""
    name: str
    build: Build
    inputs: Make
    mode: str
    axes: dict[int, str] = BATCH


def pair(name: str, build: Build, legacy: Make, dynamo: Make | None = None,
         axes: dict[int, str] = BATCH) -> list[Export]:
    """The same model from both exporters."""
    return [Export(f"{name}-legacy", build, legacy, "legacy", axes),
            Export(f"{name}-dynamo", build, dynamo or legacy, "dynamo", axes)]


def images(size: int) -> Make:
    """Example inputs of an image classifier."""
    return lambda batch: {"x": torch.randn(batch, 3, size, size)}


def masked(vocabulary: int, length: int) -> Make:
    """Token ids, of which the second half is masked out."""
    mask = (torch.arange(length) < length // 2).long()
    return lambda batch: {"input_ids": torch.randint(0, vocabulary, (batch, length)),
                          "attention_mask": mask.repeat(batch, 1)}


def tokens(vocabulary: int, length: int, mask: torch.dtype = torch.int64) -> Make:
    """Example inputs of a text classifier: the second half of each sequence is masked out."""
    ids = torch.arange(length)
    return lambda batch: {"input_ids": torch.randint(0, vocabulary, (batch, length)),
                          "attention_mask": (ids < length // 2).to(mask).repeat(batch, 1),
                          "token_type_ids": (ids >= length // 4).long().repeat(batch, 1)}
