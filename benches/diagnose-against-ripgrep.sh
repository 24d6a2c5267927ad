#!/usr/bin/env bash
# Measures `sfcred diagnose` against ripgrep, which searches for the patterns of all answer pages, on Apex debug logs of 20 MB
# (the largest that Salesforce keeps) and 200 MB, each in one run of hyperfine; and its peak memory.
#
#   benches/diagnose-against-ripgrep.sh [RATIO]    fails if the ratio of the means is above RATIO (default 1.0) for either log, or
#                                                  if the peak memory is above 64 MiB
#
# RUNS is how often each is run (default 20), SFCRED the program (default: a release build). Needs hyperfine, rg, python3 and
# GNU time.
set -euo pipefail
cd "$(dirname "$0")/.."
limit=${1:-1.0}
if [ -z "${SFCRED:-}" ]; then
  cargo build --release --quiet
  SFCRED=${CARGO_TARGET_DIR:-$PWD/target}/release/sfcred
fi
sfcred=$(realpath "$SFCRED")
make_log=$PWD/benches/make_log.py
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# ripgrep joins the patterns to one, in which a name may occur only once.
python3 - "$folder/patterns" <<'PY'
import pathlib, re, sys, tomllib
patterns = []
for page in sorted(pathlib.Path("rules/answers").glob("*.md")):
    head = page.read_text(encoding="utf-8").split("```toml\n")[1].split("\n```")[0]
    patterns += tomllib.loads(head)["matches"]
text = "".join(re.sub(r"\(\?P<\w+>", "(?:", pattern) + "\n" for pattern in patterns)
pathlib.Path(sys.argv[1]).write_text(text, encoding="utf-8")
PY

mkdir "$folder/empty"
cd "$folder/empty"

# measure MEGABYTES
measure() {
  local log=$folder/$1.log report=$folder/$1.json memory
  "$make_log" "$log" --megabytes "$1"
  # Both must find the same lines, or the times mean nothing.
  [ "$(rg -c -i -f "$folder/patterns" "$log")" = "$(grep -c FATAL_ERROR "$log")" ]
  memory=$(/usr/bin/time -f %M "$sfcred" diagnose --format json "$log" 2>&1 >"$folder/out.json")
  grep -q '"answer": "user-not-approved"' "$folder/out.json"
  grep -q "\"count\": $(grep -c FATAL_ERROR "$log")" "$folder/out.json"
  grep -q '"named_credential": "Spoke_Org"' "$folder/out.json"
  hyperfine --warmup 3 --runs "${RUNS:-20}" --shell=none --export-json "$report" \
    "$sfcred diagnose --format json $log" \
    "rg -c -i -f $folder/patterns $log" 2>/dev/null
  python3 - "$report" "$limit" "$memory" <<'PY'
import json, sys
ours, theirs = json.load(open(sys.argv[1]))["results"]
limit, memory = float(sys.argv[2]), int(sys.argv[3])
ratio = ours["mean"] / theirs["mean"]
print(f"ratio of the means: {ratio:.2f} (at most {limit}), of the medians: {ours['median'] / theirs['median']:.2f}")
print(f"peak memory: {memory} KiB (at most 65536)")
sys.exit(ratio > limit or memory > 65536)
PY
}

failed=0
echo "== 20 MB" && { measure 20 || failed=1; }
echo "== 200 MB" && { measure 200 || failed=1; }
exit "$failed"
