#!/usr/bin/env python3
"""Prints how the work of `sfcred` grows when a project grows: instructions at 4 n divided by those at n.

usage: growth.py [--binary PATH] [--size N] [--jobs J] [--profile DIR] [DIMENSION ...]

Each dimension is a generated project, or log, that consists of N items of one sort, and a command. The command runs
under `valgrind --tool=callgrind` on one thread at 1, N and 4 N items; the first run is what starting costs and is
subtracted. Instructions do not depend on the load of the machine. Linear work has ratio 4, sorting adds a little.
Exits with 1 if a ratio is above 5. `--profile DIR` keeps the profiles for `callgrind_annotate`.
"""

import argparse
import concurrent.futures
import pathlib
import re
import subprocess
import sys

from dimensions import DIMENSIONS, prepared

LIMIT = 5.0


def instructions(arguments, name, count):
    with prepared(arguments.binary, name, count) as (folder, _, words, environment):
        profile = pathlib.Path(arguments.profile or folder, f"{name}.{count}.callgrind")
        valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", arguments.binary, *words]
        done = subprocess.run(valgrind, cwd=folder, env={**environment, "RAYON_NUM_THREADS": "1"}, capture_output=True, text=True)
        found = re.search(r"Collected : (\d+)", done.stderr)
        if not found or done.returncode not in (0, 1):
            raise RuntimeError(f"{name}: `{' '.join(words)}` ended with {done.returncode}\n{done.stderr}")
        return int(found[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="target/release/sfcred")
    parser.add_argument("--size", type=int, default=250, help="the smaller number of items")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--profile", help="a folder that keeps the profiles")
    parser.add_argument("dimensions", nargs="*", metavar="DIMENSION")
    arguments = parser.parse_args()
    arguments.binary = str(pathlib.Path(arguments.binary).resolve())
    if unknown := set(arguments.dimensions) - set(DIMENSIONS):
        sys.exit(f"unknown dimension: {', '.join(sorted(unknown))}; known: {', '.join(DIMENSIONS)}")
    names = arguments.dimensions or list(DIMENSIONS)

    def ratio(name):
        start, few, many_ = (instructions(arguments, name, count) for count in (1, arguments.size, 4 * arguments.size))
        return name, few - start, many_ - start

    too_fast = []
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for name, few, many_ in pool.map(ratio, names):
            growth = many_ / max(few, 1)
            mark = "  <-- above the limit" if growth > LIMIT else ""
            too_fast += [name] * (growth > LIMIT)
            print(f"{name:36} {few / 1e6:10.1f} M {many_ / 1e6:10.1f} M {growth:6.2f}{mark}", flush=True)
    sys.exit(1 if too_fast else 0)


if __name__ == "__main__":
    main()
