#!/usr/bin/env bash
# Compares `sfcred diagnose` with ripgrep over one large Apex debug log, in one hyperfine run, and says how much memory it takes.
# Usage: benches/diagnose-against-ripgrep.sh [RATIO [MEGABYTES]]; fails where sfcred takes more than RATIO times (3) as long, or 64 MiB.
set -euo pipefail
cd "$(dirname "$0")/.."
limit=${1:-3}
megabytes=${2:-200}
sfcred=${SFCRED:-target/release/sfcred}
[ -x "$sfcred" ] || { cargo build --release --quiet && sfcred=target/release/sfcred; }
sfcred=$(realpath "$sfcred")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/empty"

python3 - "$folder/big.log" "$megabytes" <<'PY'
import random, sys
path, size = sys.argv[1], int(sys.argv[2]) << 20
chance = random.Random(7)
classes = ["AccountService", "OrderTrigger", "InvoiceBatch", "ContactSelector", "SpokeLimits", "PriceBook", "QuoteHandler", "CaseRouter"]
fields = ["Id, Name, OwnerId", "Id, Status, CreatedDate", "Id, Email, Phone, AccountId", "Id, Amount, StageName, CloseDate"]
def record(index):
    clock = f"{10 + index // 3600000 % 12:02}:{index // 60000 % 60:02}:{index // 1000 % 60:02}.{index % 1000} ({index * 997})"
    name, line = chance.choice(classes), chance.randrange(1, 900)
    kind = chance.randrange(40)
    if kind < 10: return f"{clock}|METHOD_ENTRY|[{line}]|01p5g00000AbCdE|{name}.save(List<SObject>, Map<Id,SObject>)"
    if kind < 20: return f"{clock}|METHOD_EXIT|[{line}]|01p5g00000AbCdE|{name}.save(List<SObject>, Map<Id,SObject>)"
    if kind < 26: return f"{clock}|STATEMENT_EXECUTE|[{line}]"
    if kind < 30: return f"{clock}|VARIABLE_ASSIGNMENT|[{line}]|record|{{\"Id\":\"0015g00000{chance.randrange(10**8):08}\",\"Name\":\"Account {line}\",\"Status__c\":\"Open\"}}|0x{chance.randrange(2**32):x}"
    if kind < 33: return f"{clock}|SOQL_EXECUTE_BEGIN|[{line}]|Aggregations:0|SELECT {chance.choice(fields)} FROM Account WHERE Id IN :ids LIMIT {line}"
    if kind < 35: return f"{clock}|SOQL_EXECUTE_END|[{line}]|Rows:{line}"
    if kind < 38: return f"{clock}|USER_DEBUG|[{line}]|DEBUG|{name}: {line} records were read, {line // 2} of them are to be written"
    if kind < 39: return f"{clock}|HEAP_ALLOCATE|[{line}]|Bytes:{line}"
    return f"{clock}|CUMULATIVE_LIMIT_USAGE\n{clock}|LIMIT_USAGE_FOR_NS|(default)|\n  Number of SOQL queries: {line % 100} out of 100\n  Maximum CPU time: {line} out of 10000\n{clock}|CUMULATIVE_LIMIT_USAGE_END"
failure = """10:00:00.0 (1)|EXECUTION_STARTED
10:00:00.0 (8)|CALLOUT_REQUEST|[85]|System.HttpRequest[Endpoint=callout:Spoke_Org/services/data/v61.0/limits, Method=GET]
10:00:00.0 (9)|FATAL_ERROR|System.CalloutException: Unable to complete the JWT token exchange. Error: invalid_grant. Error description: user hasn't approved this consumer..
"""
written = index = 0
with open(path, "w") as out:
    while written < size:
        lines = "\n".join(record(index + step) for step in range(5000)) + "\n"
        index += 5000
        if index % 400000 == 0: lines += failure
        out.write(lines)
        written += len(lines)
    out.write(failure)
PY

cd "$folder/empty"
report="$folder/report.json"
hyperfine --warmup 2 --shell=none --export-json "$report" \
  "$sfcred diagnose --format json $folder/big.log" \
  "rg -c 'Unable to complete the JWT token exchange' $folder/big.log"
memory=$(/usr/bin/time -f '%M' "$sfcred" diagnose --format json "$folder/big.log" 2>&1 >"$folder/out.json")
grep -q '"answer": "user-not-approved"' "$folder/out.json"
grep -q '"named_credential": "Spoke_Org"' "$folder/out.json"
echo "peak memory: $memory KiB (at most 65536)"
python3 - "$report" "$limit" "$memory" <<'PY'
import json, sys
ours, theirs = (result["mean"] for result in json.load(open(sys.argv[1]))["results"])
ratio = ours / theirs
print(f"ratio: {ratio:.2f} (at most {sys.argv[2]})")
sys.exit(ratio > float(sys.argv[2]) or int(sys.argv[3]) > 65536)
PY
