"""Ten thousand hostile files, meant for a build with sanitizers:

    BRAID=build/asan/braid full_hostile.py [FIRST [COUNT]]

A case that failed is repeated by its number as FIRST and a COUNT of 1.
"""

from __future__ import annotations

import sys

import hostile

if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:3]]
    first, count = (*numbers, *(0, 10_000)[len(numbers) :])
    sys.exit(1 if hostile.run(first, count) else 0)
