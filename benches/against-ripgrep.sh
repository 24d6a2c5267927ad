#!/usr/bin/env bash
# Measures `sfcred lint` against ripgrep on the same tree, in one run of hyperfine, and its peak memory.
#
#   benches/against-ripgrep.sh TREE [RATIO]    one tree; fails if the ratio of the means is above RATIO (default 1.0)
#   benches/against-ripgrep.sh --all [FOLDER]  20,061 and 100,301 files: a ratio of at most 1.0, at most 60 MiB for the first, and
#                                              for the second no more time per file. The trees are made in FOLDER (default
#                                              target/trees, 700 MB) unless they exist
#
# RUNS is how often each is run (default 30), SFCRED the program (default: a release build). Needs hyperfine, rg, python3 and GNU
# time.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -z "${SFCRED:-}" ]; then
  cargo build --release --quiet
  SFCRED=${CARGO_TARGET_DIR:-$PWD/target}/release/sfcred
fi
sfcred=$(realpath "$SFCRED")
report=$(mktemp)
trap 'rm -f "$report"' EXIT

# measure TREE RATIO: prints the ratio, and fails if it is above RATIO. Leaves the report of hyperfine in $report.
measure() {
  hyperfine --warmup 3 --runs "${RUNS:-30}" --ignore-failure --shell=none --export-json "$report" \
    "$sfcred lint --today 2026-11-22 --format json $1" \
    "rg -c externalCredentialPrincipal $1" 2>/dev/null
  python3 - "$report" "$2" <<'PY'
import json, sys
ours, theirs = json.load(open(sys.argv[1]))["results"]
ratio = ours["mean"] / theirs["mean"]
print(f"ratio of the means: {ratio:.2f} (at most {sys.argv[2]}), of the medians: {ours['median'] / theirs['median']:.2f}")
sys.exit(ratio > float(sys.argv[2]))
PY
}

# Peak memory in KiB.
memory() {
  { /usr/bin/time -f %M "$sfcred" lint --today 2026-11-22 --format json "$1" >/dev/null || true; } 2>&1 | tail -1
}

if [ "${1:-}" != --all ]; then
  tree=${1:?a tree, or --all}
  status=0
  measure "$tree" "${2:-1.0}" || status=$?
  echo "peak memory: $(memory "$tree") KiB"
  exit "$status"
fi

trees=${2:-target/trees}
mkdir -p "$trees"
[ -d "$trees/1" ] || benches/make_tree.py "$trees/1"
[ -d "$trees/5" ] || benches/make_tree.py "$trees/5" --scale 5
# Milliseconds per 1,000 files in the last report.
per_file() {
  python3 -c 'import json, sys; print(round(json.load(open(sys.argv[1]))["results"][0]["mean"] / int(sys.argv[2]) * 1e6, 2))' "$report" "$1"
}

failed=0
echo "== 20,061 files" && { measure "$trees/1" 1.0 || failed=1; }
few=$(per_file 20061)
echo "== 100,301 files" && { measure "$trees/5" 1.0 || failed=1; }
many=$(per_file 100301)
echo "time per 1,000 files: $few ms, $many ms"
# Two measurements differ by some percent even if nothing else does.
python3 -c 'import sys; sys.exit(float(sys.argv[2]) > 1.05 * float(sys.argv[1]))' "$few" "$many" || failed=1
memory=$(memory "$trees/1")
echo "peak memory: $memory KiB (at most 61440), $(memory "$trees/5") KiB"
[ "$memory" -le 61440 ] && [ "$failed" = 0 ]
