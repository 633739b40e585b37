"""The CUDA executor without a GPU: models and merged models on the emulated device, ONNX Runtime judges.

Whatever the zoo holds runs there with all of its steps, but for what is listed below. The driver's
device is tried over a driver that the emulator stands in for (tests/fake_driver). With --full all models
of the zoo; else one of each kind.
"""
# labels: slow

from __future__ import annotations

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnx.parser

import support
from support import BRAID, MODELS, braid, run, sample, session, synth
from test_errors import run_cases

COUNT = 3
SIZES = {"batch": 1, "sequence": 16, "height": 48, "width": 64, "length": 40}
SOME = ["bert-small-dynamo", "resnet-small-dynamo", "resnext-small-legacy", "xlnet-small-dynamo", "zoo/lstm-dynamo",
        "zoo/deberta-legacy", "zoo/unet-transposed-dynamo", "zoo/mobilenet-v3-dynamo", "zoo/clip-text-dynamo"]

# Models with steps on the host, and the operators that these are.
ON_THE_HOST = {"mixtral-legacy": "the rows of an expert are known at run time only"}

FAKE_DRIVER = pathlib.Path(BRAID).parent / "tests/fake_driver"


# What values of 16 bits are rounded to, of the largest number, in the outputs of some layers.
ROUNDINGS = 16
HALVES = {"fp16": 2.0**-11, "bf16": 2.0**-8}


def program_of(model: pathlib.Path, inputs: pathlib.Path, out: pathlib.Path, device: str,
               precision: str = "fp32") -> dict:
    answer = braid("run", model, "--inputs", inputs, "--outputs", out, "--force", "--device", device,
                   "--precision", precision, "--dump-program", "--json", "-")
    return json.loads(answer.stdout)["program"]


def expect_close(found: dict[str, np.ndarray], expected: dict[str, np.ndarray], prefix: str) -> None:
    for name, value in expected.items():
        np.testing.assert_allclose(found[prefix + name], value, rtol=support.RELATIVE,
                                   atol=support.ABSOLUTE, err_msg=prefix + name)


class MergedSet:
    """COUNT members with weights of their own, merged; inputs for them, and what ONNX Runtime makes of these."""

    def __init__(self, name: str, folder: pathlib.Path) -> None:
        self.members = synth(MODELS / f"{name}.onnx", COUNT, "different", folder)
        self.merged = folder / "merged.onnx"
        braid("merge", *self.members, "-o", self.merged, "--force")
        self.inputs, self.out = folder / "inputs.npz", folder / "out.npz"
        self.wanted, given = [], {}
        for i, member in enumerate(self.members):
            judge = session(member)
            inputs = sample(judge, i, SIZES)
            self.wanted.append(run(judge, inputs))
            given |= {f"{member.stem}/{key}": value for key, value in inputs.items()}
        np.savez(self.inputs, **given)

    def run(self, precision: str = "fp32") -> tuple[dict, list[dict[str, np.ndarray]]]:
        """The Program, and the outputs of each member."""
        program = program_of(self.merged, self.inputs, self.out, "cuda-emulated", precision)
        found = dict(np.load(self.out))
        return program, [{key: found[f"{member.stem}/{key}"] for key in expected}
                         for member, expected in zip(self.members, self.wanted)]


def check_model(name: str, folder: pathlib.Path) -> None:
    models = MergedSet(name, folder)
    program, found = models.run()
    for own, expected in zip(found, models.wanted):
        expect_close(own, expected, "")
    different = any(not np.allclose(found[0][key], found[1][key]) for key in found[0])
    assert different, f"{name}: members yield the same, the comparison proves nothing"
    on_host = [step["op"] for step in program["steps"] if step["kernel"].startswith("on the host")]
    if pathlib.Path(name).name not in ON_THE_HOST:
        assert not on_host, f"{name}: on the host: {on_host}"
    assert program["launches"] >= len(program["steps"]) - len(on_host), program["launches"]


def error_of(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> float:
    """The largest error of any output, as a share of its largest number."""
    assert all(found[key].dtype == value.dtype for key, value in expected.items())
    return max(float(np.max(np.abs(found[key] - value)) / np.max(np.abs(value)))
               for key, value in expected.items())


def check_16_bits(name: str, precision: str, models: MergedSet, whole: dict) -> None:
    program, found = models.run(precision)
    errors = [error_of(own, expected) for own, expected in zip(found, models.wanted)]
    swapped = [error_of(own, expected) for own, expected in zip(found[1:], models.wanted)]
    limit = ROUNDINGS * HALVES[precision]
    assert max(errors) <= limit < min(swapped), f"{name}, {precision}: {errors}, of others {swapped}"
    assert max(errors) > HALVES["fp16"] / 64, f"{name}, {precision}: nothing was rounded: {errors}"
    for counter in ("bytes_moved", "packed_bytes", "arena_bytes"):
        share = program[counter] / whole[counter]
        assert share < 0.56, f"{name}, {precision}: {counter} is {share:.3f} of that of fp32"
    assert program["launches"] <= 1.25 * whole["launches"], (program["launches"], whole["launches"])


def case_16_bits_halve_what_moves(folder: pathlib.Path) -> None:
    for name in ["bert-small-dynamo", "resnet-small-dynamo", "zoo/lstm-dynamo"]:
        models = MergedSet(name, folder)
        whole, _ = models.run()
        for precision in HALVES:
            check_16_bits(name, precision, models, whole)


def case_verify_tells_what_16_bits_cost(folder: pathlib.Path) -> None:
    models = MergedSet("bert-small-dynamo", folder)
    verify = ["verify", models.merged, *models.members, "--device", "cuda-emulated", "--json", "-"]
    worst = {}
    for precision in HALVES:
        report = json.loads(braid(*verify, "--precision", precision, "--strict").stdout)
        assert report["options"]["peak"] == ROUNDINGS * HALVES[precision], report["options"]
        worst[precision] = max(entry["max_absolute_error"] for entry in report["outputs"])
    assert 1e-5 < worst["fp16"] < worst["bf16"], worst
    braid(*verify, "--precision", "fp16", "--atol", "1e-6", "--rtol", "0", code=1)


def case_16_bits_that_cannot_be(folder: pathlib.Path) -> None:
    model = folder / "large.onnx"
    onnx.save(onnx.parser.parse_model("""<ir_version: 8, opset_import: ["" : 17]>
        g (float[1,2] x) => (float[1,2] y) <float[2,2] huge = {1, 2, 3, 1e6}> { y = MatMul(x, huge) }"""), model)
    warned = braid("run", model, "--device", "cuda-emulated", "--precision", "fp16")
    assert "'huge': 1 of its numbers" in warned.stderr and "beyond float16" in warned.stderr, warned.stderr
    quiet = braid("run", model, "--device", "cuda-emulated", "--precision", "bf16")
    assert "WARNING" not in quiet.stderr, quiet.stderr
    refused = braid("run", model, "--precision", "fp16", code=2)
    assert "--device cuda" in refused.stderr, refused.stderr


def case_models_run_on_the_device(folder: pathlib.Path) -> None:
    for name in SOME:
        check_model(name, folder)


def case_tf32_rounds_factors(folder: pathlib.Path) -> None:
    members = synth(MODELS / "bert-small-dynamo.onnx", 2, "different", folder)
    merged = folder / "merged.onnx"
    braid("merge", *members, "-o", merged)
    verify = ["verify", merged, *members, "--device", "cuda-emulated", "--json", "-"]
    errors = {}
    for precision in ("fp32", "tf32"):
        report = json.loads(braid(*verify, "--precision", precision, "--atol", "0.05").stdout)
        errors[precision] = max(entry["max_absolute_error"] for entry in report["outputs"])
    assert errors["fp32"] < 1e-4 < errors["tf32"], errors
    braid("run", merged, "--precision", "tf32", code=2)


def run_with_fake_driver(*arguments: object, folders: tuple = (FAKE_DRIVER,)) -> subprocess.CompletedProcess:
    with tempfile.TemporaryDirectory() as cache:
        environment = os.environ | {"LD_LIBRARY_PATH": ":".join(map(str, folders)), "XDG_CACHE_HOME": cache}
        return subprocess.run([BRAID, *map(str, arguments)], capture_output=True, text=True, env=environment)


def choices_of(answer: str) -> list[str]:
    return [step["choice"] for step in json.loads(answer)["program"]["steps"] if step["choice"]]


def case_kernels_are_chosen_by_measuring(folder: pathlib.Path) -> None:
    [model] = synth(MODELS / "zoo/mobilenet-v3-dynamo.onnx", 1, "different", folder)
    judge = session(model)
    inputs = sample(judge, 1, SIZES)
    np.savez(folder / "inputs.npz", **inputs)
    file = folder / "tuned.json"

    def run_with(*flags: object) -> subprocess.CompletedProcess:
        done = braid("run", model, "--inputs", folder / "inputs.npz", "--outputs", folder / "out.npz", "--force",
                     "--device", "cuda-emulated", "--dump-program", "--json", "-", *flags)
        expect_close(dict(np.load(folder / "out.npz")), run(judge, inputs), "")
        return done

    modelled = choices_of(run_with().stdout)
    assert modelled and all(": modelled " in choice for choice in modelled), modelled
    measured = choices_of(run_with("--tune", "--tune-cache", file).stdout)
    assert len(measured) == len(modelled) and all(": measured " in choice for choice in measured), measured
    written = file.read_text()
    assert choices_of(run_with("--tune", "--tune-cache", file).stdout) == measured
    assert file.read_text() == written
    file.write_text(written[:-30])
    again = run_with("--tune", "--tune-cache", file)
    assert choices_of(again.stdout) == measured and "is damaged" in again.stderr, again.stderr
    assert json.loads(file.read_text()) == json.loads(written)
    braid("run", model, "--tune", code=2)


def case_driver(folder: pathlib.Path) -> None:
    [model] = synth(MODELS / "resnet-small-dynamo.onnx", 1, "different", folder)
    judge = session(model)
    inputs = sample(judge, 1, SIZES)
    np.savez(folder / "inputs.npz", **inputs)
    for folders in (FAKE_DRIVER,), (FAKE_DRIVER / "no_library", FAKE_DRIVER):
        done = run_with_fake_driver("run", model, "--inputs", folder / "inputs.npz", "--outputs", folder / "out.npz",
                                    "--force", "--device", "cuda", "--repeat", 3, "--dump-program", "--json", "-",
                                    folders=folders)
        assert done.returncode == 0, done.stderr
        expect_close(dict(np.load(folder / "out.npz")), run(judge, inputs), "")
        # The clock of the fake driver counts threads of kernels: the library takes no time.
        from_library = [choice for choice in choices_of(done.stdout) if choice.startswith("cublasLt 0")]
        assert bool(from_library) == (len(folders) == 1), choices_of(done.stdout)
        assert all(": measured " in choice for choice in choices_of(done.stdout)), choices_of(done.stdout)
        doctor = run_with_fake_driver("doctor", folders=folders)
        assert doctor.returncode == 0 and "fake device, sm_61" in doctor.stdout, doctor.stdout + doctor.stderr
        finding = "libcublasLt.so.13, 12.0.0" if len(folders) == 1 else "libcublasLt.so.13 has no cublasLt"
        assert finding in doctor.stdout, doctor.stdout


def case_bench_with_driver(folder: pathlib.Path) -> None:
    """Streams, events and branches of graphs as the driver has them."""
    members = synth(MODELS / "zoo/tcn-dynamo.onnx", 2, "different", folder)
    braid("merge", *members, "-o", folder / "merged.onnx")
    done = run_with_fake_driver("bench", folder / "merged.onnx", "--members", *members, "--device", "cuda",
                                "--batch", 1, "--min-time", 0.01, "--json", "-")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["rows"]
    assert len(rows) == 5 and all(row["gpu_median_ms"] > 0 for row in rows), rows


def case_no_driver(folder: pathlib.Path) -> None:
    [model] = synth(MODELS / "resnet-small-dynamo.onnx", 1, "different", folder)
    done = subprocess.run([BRAID, "run", str(model), "--device", "cuda"], capture_output=True, text=True)
    if done.returncode == 0:
        return  # this machine has a GPU
    assert done.returncode == 6 and "--device cpu" in done.stderr, done.stderr


def case_doctor(folder: pathlib.Path) -> None:
    del folder
    report = json.loads(braid("doctor", "--json", "-").stdout)
    assert all(check["passed"] for check in report["kernels"]), report
    assert not any("on the host" in kernel for check in report["kernels"] for kernel in check["kernels"]), report


def all_models() -> list[str]:
    zoo = sorted(path.stem for path in (MODELS / "zoo").glob("*.onnx"))
    return SOME + [f"zoo/{name}" for name in zoo if f"zoo/{name}" not in SOME]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="all models of the zoo")
    if not parser.parse_args(arguments).full:
        return run_cases(globals())
    failed = 0
    for name in all_models():
        with tempfile.TemporaryDirectory() as folder:
            try:
                check_model(name, pathlib.Path(folder))
                print(f"{name}: ok")
            except AssertionError as error:
                failed += 1
                print(f"{name}: {error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
