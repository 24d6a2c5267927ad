#!/usr/bin/env python3
"""Prints the peak memory of `sfcred` for many shapes of input, and the bound: 64 MiB plus 12 times the input.

usage: memory.py [--binary PATH] [--mib M] [DIMENSION ...]

Each dimension of `dimensions.py` is generated with as many items as give about M MiB of files. The peak is what the
operating system counted for the process. Exits with 1 if a dimension exceeds the bound.
"""

import argparse
import pathlib
import subprocess
import sys

from dimensions import DIMENSIONS, prepared

MIB = 1 << 20
FIXED = 64 * MIB
PER_BYTE = 12

# Starts the command from a small process, because the peak of a process includes that of the process it was forked from.
LAUNCHER = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
process.returncode = os.waitstatus_to_exitcode(status)
print(usage.ru_maxrss, process.returncode)
"""


def size(name, count):
    make, _, _ = DIMENSIONS[name]
    return sum(len(text.encode()) for text in make(count).values())


def measured(binary, name, mib):
    few = 200
    per_item = max(1, (size(name, 2 * few) - size(name, few)) / few)
    count = int(mib * MIB / per_item)
    with prepared(binary, name, count) as (folder, bytes_, words, environment):
        # Two threads, as on the usual machine of a CI service.
        done = subprocess.run([sys.executable, "-c", LAUNCHER, binary, *words], cwd=folder, env={**environment, "RAYON_NUM_THREADS": "2"},
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=True)
        peak, status = map(int, done.stdout.split())
        return count, bytes_, peak * 1024, status, done.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="target/release/sfcred")
    parser.add_argument("--mib", type=float, default=8, help="the size of the input in MiB")
    parser.add_argument("dimensions", nargs="*", metavar="DIMENSION")
    arguments = parser.parse_args()
    binary = str(pathlib.Path(arguments.binary).resolve())
    if unknown := set(arguments.dimensions) - set(DIMENSIONS):
        sys.exit(f"unknown dimension: {', '.join(sorted(unknown))}; known: {', '.join(DIMENSIONS)}")
    failed = []
    for name in arguments.dimensions or DIMENSIONS:
        count, bytes_, peak, status, errors = measured(binary, name, arguments.mib)
        share = peak / (FIXED + PER_BYTE * bytes_)
        mark = "  <-- above the bound" if share > 1 else ""
        if status not in (0, 1, 2):
            mark = f"  <-- ended with {status}: {errors.strip()[-200:]}"
        failed += [name] * bool(mark)
        refused = f"  refused: {errors.strip().splitlines()[0][:70]}" if status == 2 and errors.strip() else ""
        print(f"{name:36} {count:8} items {bytes_ / MIB:6.1f} MiB  peak {peak / MIB:7.1f} MiB  {share:5.2f} of the bound{mark}{refused}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
