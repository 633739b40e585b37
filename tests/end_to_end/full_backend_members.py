"""Merges members of every model of ONNX's backend test data: test_backend_members.py in full."""

import sys

import test_backend_members

if __name__ == "__main__":
    sys.exit(test_backend_members.main(["--full"]))
