"""Prints what a release binary of jot costs: scripts/bench binary

Builds jot from nothing and prints the CPU time of the build, the size of the binary, and how long
it runs: `jot --version`, and `jot check` of an example, the median and the slowest of 50 runs each.
Variables such as CARGO_PROFILE_RELEASE_LTO change the profile.
"""

import os
import pathlib
import resource
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "increment-vector"
RUNS = 50


def build(folder):
    """The binary, and the CPU time and wall time of its build in minutes."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    cargo = ["cargo", "build", "--locked", "--bin", "jot", "--release"]
    subprocess.run([*cargo, "--target-dir", folder], cwd=ROOT, check=True)
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return pathlib.Path(folder) / "release" / "jot", cpu / 60, wall / 60


def run(binary, argument):
    """The wall times of the runs in ms, the first few left out."""
    times = []
    for _ in range(RUNS + 5):
        start = time.perf_counter()
        subprocess.run([binary, argument], cwd=EXAMPLE, stdout=subprocess.DEVNULL, check=True)
        times.append((time.perf_counter() - start) * 1000)
    return times[5:]


def main():
    with tempfile.TemporaryDirectory() as folder:
        binary, cpu, wall = build(folder)
        cells = [f"{cpu:.1f} min", f"{wall:.1f} min", f"{os.stat(binary).st_size / 1e6:.1f} MB"]
        for argument in ("--version", "check"):
            times = run(binary, argument)
            cells.append(f"{statistics.median(times):.1f} ms ({max(times):.1f})")
    print("| CPU of the build | wall | size | `--version` | `check` |")
    print("| --- | --- | --- | --- | --- |")
    print("|", " | ".join(cells), "|")


main()
