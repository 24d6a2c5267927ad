#!/usr/bin/env python3
"""Compares an edit in `sfcred lsp` with a full `sfcred lint` of the same folder, in turn, and prints the ratio of the medians.

usage: lsp_edit.py [--binary PATH] [--edits N] [--rounds N] [--bound RATIO] TREE

Each edit changes an external credential and waits for its diagnostics. The peak of memory is that of the server after all edits. Exits with 1
if an edit takes more than RATIO of a run, or the server more than 150 MiB.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import time

MIB = 1 << 10  # of the KiB in /proc


class Client:
    def __init__(self, binary, folder):
        self.server = subprocess.Popen([binary, "lsp"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.number = 0
        self.request("initialize", {"capabilities": {}, "rootUri": folder.as_uri()})
        self.notify("initialized", {})

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.server.stdin.flush()

    def receive(self):
        length = int(self.server.stdout.readline().split()[1])
        self.server.stdout.readline()
        return json.loads(self.server.stdout.read(length))

    def request(self, method, params):
        self.number += 1
        self.send({"id": self.number, "method": method, "params": params})
        while (answer := self.receive()).get("id") != self.number or "method" in answer:
            pass
        return answer["result"]

    def notify(self, method, params):
        self.send({"method": method, "params": params})

    def memory(self):
        """Current and peak memory in KiB, if the system says so."""
        try:
            lines = pathlib.Path(f"/proc/{self.server.pid}/status").read_text().splitlines()
        except OSError:
            return 0, 0
        values = {line.split(":")[0]: line.split()[1] for line in lines if line.startswith("Vm")}
        return int(values["VmRSS"]), int(values["VmHWM"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default="target/release/sfcred")
    parser.add_argument("--edits", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--bound", type=float, default=0.15)
    parser.add_argument("tree")
    arguments = parser.parse_args()
    folder = pathlib.Path(arguments.tree).resolve()
    binary = str(pathlib.Path(arguments.binary).resolve())
    credential = next(iter(sorted(folder.rglob("*.externalCredential-meta.xml"))))
    text, uri = credential.read_text(), credential.as_uri()

    client = Client(binary, folder)
    pulled = {"textDocument": {"uri": uri}}
    client.notify("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "xml", "version": 0, "text": text}})
    before = client.request("textDocument/diagnostic", pulled)["items"]

    def edit(number):
        # Every other edit breaks the protocol, so that the diagnostics change.
        new = text.replace("<authenticationProtocol>Oauth<", "<authenticationProtocol>Oaut<") if number % 2 else f"{text}<!-- {number} -->\n"
        start = time.perf_counter()
        document = {"uri": uri, "version": number + 1}
        client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": new}]})
        found = client.request("textDocument/diagnostic", pulled)["items"]
        taken = time.perf_counter() - start
        assert (found != before) == bool(number % 2), "the diagnostics are not those of the edit"
        return taken

    def lint():
        start = time.perf_counter()
        subprocess.run([binary, "lint", "."], cwd=folder, stdout=subprocess.DEVNULL, check=False)
        return time.perf_counter() - start

    edit(0), edit(1), lint()
    first, _ = client.memory()
    edits, runs, number = [], [], 2
    for _ in range(arguments.rounds):
        runs.append(lint())
        for _ in range(arguments.edits // arguments.rounds):
            edits.append(edit(number))
            number += 1
    last, peak = client.memory()
    ratio = statistics.median(edits) / statistics.median(runs)
    print(f"lint {statistics.median(runs) * 1000:.1f} ms, edit {statistics.median(edits) * 1000:.1f} ms (worst {max(edits) * 1000:.1f} ms), ratio {ratio:.3f}")
    print(f"memory {first / MIB:.1f} MiB after 2 edits, {last / MIB:.1f} MiB after {number}, peak {peak / MIB:.1f} MiB")
    client.request("shutdown", None)
    client.notify("exit", None)
    sys.exit(ratio > arguments.bound or peak > 150 * MIB)


if __name__ == "__main__":
    main()
