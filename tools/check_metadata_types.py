#!/usr/bin/env python3
"""Compares src/model/metadata_types.txt with what Salesforce publishes.

    npm pack @salesforce/types@1.9.0 && tar xzf salesforce-types-1.9.0.tgz
    tools/check_metadata_types.py package/lib/metadata.d.ts
    tools/check_metadata_types.py package/lib/metadata.d.ts --wsdl 65=old/metadata.wsdl --wsdl 66=metadata.wsdl

The package describes the newest API version: every element and value in it must be in the table, and everything else in the
table must have a last version (or `?`). A WSDL from `forcedotcom/wsdl` (resources/metadata.wsdl) is compared for its version.
For a new API version: run this, add what it lists with that version as the first one, and raise `newest`.
"""

import argparse
import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "src/model/metadata_types.txt"
XSD = "{http://www.w3.org/2001/XMLSchema}"
# Maintained by hand, because the published types declare them as strings.
OWN = {
    "ExternalCredentialVariant", "ConnectedAppIpRelaxation", "ConnectedAppRefreshTokenPolicy", "ConnectedAppSessionLevel",
    "ConnectedAppPolicyAction", "ExtlClntAppIpRelaxation", "ExtlClntAppRefreshTokenUnit", "ExtlClntAppOauthScope",
    "ExtlIdentityProviderClientAuthentication",
}
# Missing from a few published versions in between; the table has one range for them.
GAPS = {"ExternalCredentialParameter.parameterGroup", "ExtlClntAppOauthSettings.singleLogoutUrl", "ExternalAppIdTokenConfig.idTokenIncludeAttributes", "ExtlClntAppDistState.Managed"}


def versions(text):
    """First and last version; None if there is no bound. Rules ignore a last version that ends in `?`."""
    if not text:
        return None, None
    first, dash, last = text.partition("-")
    return (int(first) if first else None), (int(last.rstrip("?")) if dash else None)


def read_table():
    types, newest, name = {}, 0, None
    for line in TABLE.read_text().splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        words = line.split()
        if not line.startswith(" "):
            if words[0] == "newest":
                newest = int(words[1])
                continue
            kind, name = words[0], words[1]
            own = words[2] if len(words) > 2 and words[2] != "ignore-case" else ""
            types[name] = {"kind": kind, "versions": versions(own), "entries": {}}
        elif words[0] in "!?":
            continue
        elif types[name]["kind"] == "enum":
            for item in filter(None, (part.strip() for part in line.split(","))):
                value, _, bound = item.partition(" ")
                types[name]["entries"][value] = versions(bound)
        else:
            found = re.fullmatch(r"\s+(\w+)(?:: .*?)?(?: (\d+|\d*-\d+\??))?", line)
            bound = versions(found[2]) if found[2] else types[name]["versions"]
            types[name]["entries"][found[1]] = bound
    return types, newest


def read_package(path):
    text, bases, fields, result = Path(path).read_text(), {}, {}, {}
    for found in re.finditer(r"^export type (\w+) = ((?:\w+ & )*)\{\n(.*?)^\};", text, re.S | re.M):
        bases[found[1]] = [base for base in found[2].split(" & ") if base]
        fields[found[1]] = set(re.findall(r"^\s+(\w+)\??:", found[3], re.M))

    def inherited(name):
        return fields.get(name, set()).union(*(inherited(base) for base in bases.get(name, [])))

    for name in fields:
        result[name] = inherited(name) - {"fullName"}
    for found in re.finditer(r"^export type (\w+) = ('.*?');", text, re.M):
        result[found[1]] = set(re.findall(r"'([^']*)'", found[2]))
    return result


def read_wsdl(path):
    bases, fields, result = {}, {}, {}
    for element in ElementTree.parse(path).iter():
        name = element.get("name")
        if element.tag == XSD + "complexType" and name:
            extension = element.find(f"{XSD}complexContent/{XSD}extension")
            bases[name] = extension.get("base").split(":")[1] if extension is not None else None
            fields[name] = {field.get("name") for field in element.iter(XSD + "element")}
        elif element.tag == XSD + "simpleType" and name:
            result[name] = {value.get("value") for value in element.iter(XSD + "enumeration")}
    for name in fields:
        own, base = set(fields[name]), bases.get(name)
        while base:
            own |= fields.get(base, set())
            base = bases.get(base)
        result[name] = own - {"fullName"}
    return result


def within(bound, version):
    first, last = bound
    return (first is None or version >= first) and (last is None or version <= last)


def compare(types, published, version):
    """Differences between the table and one published version, one per line."""
    for name, entry in types.items():
        if name in OWN:
            continue
        there = published.get(name)
        expected = {value for value, bound in entry["entries"].items() if within(bound, version) and within(entry["versions"], version)}
        if there is None:
            if entry["kind"] == "type" and expected:
                yield f"{version}: {name} is not published"
            continue
        if entry["kind"] == "enum" and not there:
            continue
        for value in sorted(there - expected):
            yield f"{version}: {name}.{value} is published and not in the table for this version"
        for value in sorted(expected - there):
            if f"{name}.{value}" in GAPS and version <= 60:
                continue
            yield f"{version}: {name}.{value} is in the table and not published"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package", help="lib/metadata.d.ts of @salesforce/types")
    parser.add_argument("--wsdl", action="append", default=[], metavar="VERSION=FILE", help="also compare with a metadata.wsdl")
    arguments = parser.parse_args()
    types, newest = read_table()
    lines = list(compare(types, read_package(arguments.package), newest))
    for pair in arguments.wsdl:
        version, _, path = pair.partition("=")
        lines += compare(types, read_wsdl(path), int(version))
    print("\n".join(lines) if lines else f"{len(types)} types and enumerations match")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
