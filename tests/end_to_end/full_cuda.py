"""Runs every model of the zoo, merged, on the emulated GPU: test_cuda.py without leaving any out."""

import sys

import test_cuda

if __name__ == "__main__":
    sys.exit(test_cuda.main(["--full"]))
