"""Merges every model of the zoo: test_zoo.py without leaving any out."""

import sys

import test_zoo

if __name__ == "__main__":
    sys.exit(test_zoo.main(["--full"]))
