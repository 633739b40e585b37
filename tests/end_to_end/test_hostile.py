"""Some hundreds of hostile files: each ends with an exit code, within bounds, and leaves nothing."""
# labels: slow

from __future__ import annotations

import sys

import hostile

if __name__ == "__main__":
    sys.exit(1 if hostile.run(first=0, count=400) else 0)
