"""Reads the .npz files that `braid run` writes, without NumPy: machines with a GPU may lack it."""

from __future__ import annotations

import array
import ast
import pathlib
import zipfile

CODES = {"<f4": "f", "<f8": "d", "<i4": "i", "<i8": "q", "|b1": "b", "|i1": "b", "|u1": "B"}


def read_npz(path: pathlib.Path) -> dict[str, tuple[tuple[int, ...], array.array]]:
    """Dims and elements by name."""
    arrays = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            arrays[name.removesuffix(".npy")] = parse_npy(archive.read(name))
    return arrays


def parse_npy(data: bytes) -> tuple[tuple[int, ...], array.array]:
    is_long = data[6] > 1  # version 2 has a longer header
    start = 12 if is_long else 10
    end = start + int.from_bytes(data[8:start], "little")
    header = ast.literal_eval(data[start:end].decode("latin-1"))
    elements = array.array(CODES[header["descr"]])
    elements.frombytes(data[end:])
    return header["shape"], elements
