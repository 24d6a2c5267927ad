#!/usr/bin/env bash
# Measures `sfcred lint` against ripgrep on the same tree, in one run of hyperfine, and its peak memory.
#
#   benches/against-ripgrep.sh TREE [RATIO]    one tree; fails if the ratio of the means is above RATIO (default 1.0)
#   benches/against-ripgrep.sh --all [FOLDER]  ten files, 20,000 and 100,000, and the bounds that CONTRIBUTING.md promises; the
#                                              trees are made in FOLDER (default target/trees, 700 MB) unless they are there
#
# RUNS is how often each is run (default 30). Needs hyperfine, rg, python3 and GNU time.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --quiet
sfcred=${CARGO_TARGET_DIR:-$PWD/target}/release/sfcred
report=$(mktemp)
trap 'rm -f "$report"' EXIT

# measure TREE RATIO [RUNS]: prints the ratio, and fails if it is above RATIO.
measure() {
  hyperfine --warmup 3 --runs "${3:-${RUNS:-30}}" --ignore-failure --shell=none --export-json "$report" \
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
failed=0
echo "== ten files" && { measure fixtures/setups/connected-app 1.3 300 || failed=1; }
echo "== 20,000 files" && { measure "$trees/1" 1.0 || failed=1; }
echo "== 100,000 files" && { measure "$trees/5" 1.0 || failed=1; }
one=$(memory "$trees/1")
five=$(memory "$trees/5")
echo "peak memory: $one KiB (at most 61440), $five KiB (at most $((4 * one)))"
[ "$one" -le 61440 ] && [ "$five" -le $((4 * one)) ] && [ "$failed" = 0 ]
