#!/usr/bin/env bash
# Measures `sfcred lint` against ripgrep on the same tree, in one run of hyperfine, and its peak memory.
#
#   benches/against-ripgrep.sh TREE [RATIO]
#
# Fails if the ratio of the means is above RATIO (default 1.5). Needs hyperfine, rg, python3 and GNU time.
set -euo pipefail
tree=$1
limit=${2:-1.5}
cd "$(dirname "$0")/.."
cargo build --release --quiet
sfcred=$PWD/target/release/sfcred
if [ -n "${CARGO_TARGET_DIR:-}" ]; then sfcred=$CARGO_TARGET_DIR/release/sfcred; fi
report=$(mktemp)
hyperfine --warmup 2 --ignore-failure --shell=none --export-json "$report" \
  "$sfcred lint --today 2026-11-22 --format json $tree" \
  "rg -c externalCredentialPrincipal $tree"
/usr/bin/time -f 'peak memory: %M KiB' "$sfcred" lint --today 2026-11-22 --format json "$tree" >/dev/null || true
python3 - "$report" "$limit" <<'PY'
import json, sys
ours, theirs = (result["mean"] for result in json.load(open(sys.argv[1]))["results"])
ratio = ours / theirs
print(f"ratio: {ratio:.2f} (at most {sys.argv[2]})")
sys.exit(ratio > float(sys.argv[2]))
PY
