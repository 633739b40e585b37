"""Runs all models of ONNX's backend test data: test_backend.py in full."""

import sys

import test_backend

if __name__ == "__main__":
    sys.exit(test_backend.main(["--full"]))
