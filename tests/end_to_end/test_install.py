"""Installs the build that the program belongs to, and builds a project against the package."""
# labels: slow

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import support

CONSUMER = support.ROOT / "tests/consumer"
EXPECTED = "a/y: 1 2 3\nb/y: 40 50 60\n"


def run(*command: object) -> str:
    result = subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=900)
    line = " ".join(map(str, command))
    assert result.returncode == 0, f"{line}: {result.returncode}\n{result.stdout}\n{result.stderr}"
    return result.stdout


def check_files(prefix: pathlib.Path) -> None:
    """Every public header is there, and the installed program runs."""
    public = {path.name for path in (support.ROOT / "include/braid").glob("*.hpp")}
    installed = {path.name for path in (prefix / "include/braid").glob("*.hpp")}
    assert public == installed, public ^ installed
    assert run(prefix / "bin/braid", "--version") == run(support.BRAID, "--version")


def check_consumer(prefix: pathlib.Path, folder: pathlib.Path) -> None:
    # The package must be found where it was installed, and name nothing of the build tree.
    generator = ["-G", "Ninja"] if shutil.which("ninja") else []
    run("cmake", "-S", CONSUMER, "-B", folder, *generator, f"-DCMAKE_PREFIX_PATH={prefix}",
        "-DCMAKE_BUILD_TYPE=Release")
    run("cmake", "--build", folder)
    output = run(folder / "consumer")
    assert output == EXPECTED, output


def main() -> int:
    build = pathlib.Path(support.BRAID).resolve().parent
    assert (build / "CMakeCache.txt").is_file(), f"{support.BRAID} is not in a build folder"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        run("cmake", "--install", build, "--prefix", folder / "before")
        # Moved, so that nothing works by the path given to the installation.
        os.rename(folder / "before", folder / "prefix")
        check_files(folder / "prefix")
        check_consumer(folder / "prefix", folder / "build")
        for package_file in (folder / "prefix").rglob("*.cmake"):
            text = package_file.read_text()
            assert str(build) not in text, f"{package_file.name} names the build folder"
            assert str(support.ROOT) not in text, f"{package_file.name} names the sources"
    print("ok     installed, and a project built against it")
    return 0


if __name__ == "__main__":
    sys.exit(main())
