#!/usr/bin/env python3
"""Writes an Apex debug log of made-up content, for measurements of speed and memory.

    benches/make_log.py FILE [--megabytes N]

Most records are ordinary. After every 400,000 of them, and at the end, a callout fails. The same
size gives the same bytes everywhere.
"""

import argparse
import pathlib
import random

CLASSES = ["AccountService", "OrderTrigger", "InvoiceBatch", "ContactSelector"]
CLASSES += ["SpokeLimits", "PriceBook", "QuoteHandler", "CaseRouter"]
FIELDS = ["Id, Name, OwnerId", "Id, Status, CreatedDate"]
FIELDS += ["Id, Email, Phone, AccountId", "Id, Amount, StageName, CloseDate"]
FAILURE = """\
10:00:00.0 (1)|EXECUTION_STARTED
10:00:00.0 (8)|CALLOUT_REQUEST|[85]|System.HttpRequest[Endpoint=callout:Spoke_Org/services/data/v61.0/limits, Method=GET]
10:00:00.0 (9)|FATAL_ERROR|System.CalloutException: Unable to complete the JWT token exchange. Error: invalid_grant. Error description: user hasn't approved this consumer..
"""


def record(chance, index):
    clock = f"{10 + index // 3600000 % 12:02}:{index // 60000 % 60:02}:{index // 1000 % 60:02}.{index % 1000} ({index * 997})"
    name, line = chance.choice(CLASSES), chance.randrange(1, 900)
    kind = chance.randrange(40)
    if kind < 10:
        return f"{clock}|METHOD_ENTRY|[{line}]|01p5g00000AbCdE|{name}.save(List<SObject>, Map<Id,SObject>)"
    if kind < 20:
        return f"{clock}|METHOD_EXIT|[{line}]|01p5g00000AbCdE|{name}.save(List<SObject>, Map<Id,SObject>)"
    if kind < 26:
        return f"{clock}|STATEMENT_EXECUTE|[{line}]"
    if kind < 30:
        fields = f'{{"Id":"0015g00000{chance.randrange(10**8):08}","Name":"Account {line}","Status__c":"Open"}}'
        return f"{clock}|VARIABLE_ASSIGNMENT|[{line}]|record|{fields}|0x{chance.randrange(2**32):x}"
    if kind < 33:
        query = f"SELECT {chance.choice(FIELDS)} FROM Account WHERE Id IN :ids LIMIT {line}"
        return f"{clock}|SOQL_EXECUTE_BEGIN|[{line}]|Aggregations:0|{query}"
    if kind < 35:
        return f"{clock}|SOQL_EXECUTE_END|[{line}]|Rows:{line}"
    if kind < 38:
        text = f"{name}: {line} records were read, {line // 2} of them are to be written"
        return f"{clock}|USER_DEBUG|[{line}]|DEBUG|{text}"
    if kind < 39:
        return f"{clock}|HEAP_ALLOCATE|[{line}]|Bytes:{line}"
    queries, time = f"Number of SOQL queries: {line % 100} out of 100", f"Maximum CPU time: {line} out of 10000"
    usage = f"{clock}|LIMIT_USAGE_FOR_NS|(default)|\n  {queries}\n  {time}"
    return f"{clock}|CUMULATIVE_LIMIT_USAGE\n{usage}\n{clock}|CUMULATIVE_LIMIT_USAGE_END"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("file", type=pathlib.Path)
    arguments.add_argument("--megabytes", type=int, default=20)
    given = arguments.parse_args()
    chance = random.Random(7)
    written = index = 0
    with given.file.open("w", encoding="utf-8", newline="\n") as out:
        while written < given.megabytes << 20:
            lines = "".join(record(chance, index + step) + "\n" for step in range(5000))
            index += 5000
            if index % 400000 == 0:
                lines += FAILURE
            written += out.write(lines)
        out.write(FAILURE)


main()
