#!/usr/bin/env python3
"""Writes a Salesforce DX monorepo of made-up content, for measurements of speed and memory.

    benches/make_tree.py FOLDER [--scale N] [--seed N]

At scale 1: 20,061 files, 56 MB. Most files have nothing to do with credentials (Apex, fields, Lightning components); most
bytes are in permission sets and profiles. Among them are 60 complete JWT setups, each with an external and a named credential,
a permission set and a connected app. The same scale and seed give the same bytes everywhere.
"""

import argparse
import hashlib
import pathlib
import random
import string

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def element(name, content, depth=1):
    """One element, with a string or elements as its content."""
    pad = "    " * depth
    if isinstance(content, str):
        return f"{pad}<{name}>{content}</{name}>\n"
    inner = "".join(element(child, value, depth + 1) for child, value in content)
    return f"{pad}<{name}>\n{inner}{pad}</{name}>\n"


def metadata(root, content):
    body = "".join(element(name, value) for name, value in content)
    return f'{HEAD}<{root} xmlns="http://soap.sforce.com/2006/04/metadata">\n{body}</{root}>\n'


class Tree:
    def __init__(self, folder, scale, seed):
        self.folder, self.scale, self.chance = pathlib.Path(folder), scale, random.Random(seed)
        self.seed, self.files, self.size = seed, 0, 0

    def count(self, number):
        return range(max(1, round(number * self.scale)))

    def write(self, path, text):
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="\n")
        self.files += 1
        self.size += len(text)

    def consumer_key(self, number):
        letters = string.ascii_letters + string.digits
        digest = hashlib.sha512(f"{self.seed} {number}".encode()).digest() * 2
        return "3MVG9" + "".join(letters[byte % len(letters)] for byte in digest[:80])

    def field_permissions(self, number):
        return [
            (
                "fieldPermissions",
                [
                    ("editable", self.chance.choice(["true", "false"])),
                    ("field", f"Thing_{self.chance.randrange(500)}__c.Value_{index}__c"),
                    ("readable", "true"),
                ],
            )
            for index in range(number)
        ]

    def apex(self, number):
        methods = []
        for index in range(self.chance.randrange(5, 60)):
            methods.append(f"    public void step{index}() {{ Integer count = {index}; System.debug('step ' + count); }}")
        if number % 97 == 0:
            methods.append(f"    public void send() {{ HttpRequest request = new HttpRequest(); request.setEndpoint('callout:Org_{number % 60}/services/data'); }}")
        self.write(f"hub/main/default/classes/Work_{number}.cls", f"public with sharing class Work_{number} {{\n" + "\n".join(methods) + "\n}\n")
        self.write(f"hub/main/default/classes/Work_{number}.cls-meta.xml", metadata("ApexClass", [("apiVersion", "62.0"), ("status", "Active")]))

    def thing(self, number):
        folder = f"hub/main/default/objects/Thing_{number}__c"
        self.write(f"{folder}/Thing_{number}__c.object-meta.xml", metadata("CustomObject", [("label", f"Thing {number}")]))
        for index in range(40):
            field = [("fullName", f"Value_{index}__c"), ("label", f"Value {index}"), ("length", "80"), ("type", "Text")]
            self.write(f"{folder}/fields/Value_{index}__c.field-meta.xml", metadata("CustomField", field))

    def component(self, number):
        base = f"hub/main/default/lwc/part{number}/part{number}"
        self.write(f"{base}.js", "import { LightningElement } from 'lwc';\nexport default class Part extends LightningElement {}\n" * 10)
        self.write(f"{base}.html", "<template><p>a part of a page</p></template>\n" * 10)
        self.write(f"{base}.js-meta.xml", metadata("LightningComponentBundle", [("apiVersion", "62.0")]))

    def access(self, number):
        content = self.field_permissions(self.chance.choice([30, 200, 1000, 5000])) + [("hasActivationRequired", "false"), ("label", f"Access {number}")]
        self.write(f"hub/main/default/permissionsets/Access_{number}.permissionset-meta.xml", metadata("PermissionSet", content))

    def profile(self, number):
        content = [("custom", "true")] + self.field_permissions(self.chance.choice([1500, 5000, 10000])) + [("userLicense", "Salesforce")]
        self.write(f"hub/main/default/profiles/People_{number}.profile-meta.xml", metadata("Profile", content))

    def setup(self, number):
        key, host = self.consumer_key(number), f"https://org{number}--uat.sandbox.my.salesforce.com"

        def parameter(kind, name, value):
            return ("externalCredentialParameters", [("parameterName", name), ("parameterType", kind), ("parameterValue", value)])

        principal = [("parameterGroup", "Principal"), ("parameterName", "Principal"), ("parameterType", "NamedPrincipal"), ("sequenceNumber", "1")]
        signing = [("certificate", f"Key_{number}"), ("parameterName", "SigningCertificate"), ("parameterType", "SigningCertificate")]
        external = [
            ("authenticationProtocol", "Oauth"),
            parameter("AuthProtocolVariant", "Oauth", "JwtBearer"),
            parameter("AuthProviderUrl", "AuthProviderUrl", f"{host}/services/oauth2/token"),
            parameter("JwtBodyClaim", "iss", key),
            parameter("JwtBodyClaim", "sub", f"integration@org{number}.com.uat"),
            parameter("JwtBodyClaim", "aud", "&quot;https://test.salesforce.com&quot;"),
            ("externalCredentialParameters", signing),
            ("externalCredentialParameters", principal),
            ("label", f"Org {number}"),
        ]
        self.write(f"hub/main/default/externalCredentials/Org_{number}.externalCredential-meta.xml", metadata("ExternalCredential", external))
        named = [
            ("allowMergeFieldsInBody", "false"),
            ("allowMergeFieldsInHeader", "false"),
            ("calloutStatus", "Enabled"),
            ("generateAuthorizationHeader", "true"),
            ("label", f"Org {number}"),
            ("namedCredentialParameters", [("parameterName", "Url"), ("parameterType", "Url"), ("parameterValue", host)]),
            ("namedCredentialParameters", [("externalCredential", f"Org_{number}"), ("parameterName", "ExternalCredential"), ("parameterType", "Authentication")]),
            ("namedCredentialType", "SecuredEndpoint"),
        ]
        self.write(f"hub/main/default/namedCredentials/Org_{number}.namedCredential-meta.xml", metadata("NamedCredential", named))
        grant = [("externalCredentialPrincipalAccesses", [("enabled", "true"), ("externalCredentialPrincipal", f"Org_{number}-Principal")])]
        rights = ["allowCreate", "allowDelete", "allowEdit", "allowRead", "modifyAllRecords"]
        tokens = [(right, "true" if right == "allowRead" else "false") for right in rights]
        tokens += [("object", "UserExternalCredential"), ("viewAllRecords", "false")]
        content = grant + self.field_permissions(50) + [("hasActivationRequired", "false"), ("label", f"Org {number}"), ("objectPermissions", tokens)]
        self.write(f"hub/main/default/permissionsets/Org_{number}_Callout.permissionset-meta.xml", metadata("PermissionSet", content))
        app = [
            ("contactEmail", "team@example.com"),
            ("label", f"Hub {number}"),
            (
                "oauthConfig",
                [
                    ("callbackUrl", "https://hub.my.salesforce.com/services/oauth2/callback"),
                    ("consumerKey", key),
                    ("isAdminApproved", "true"),
                    ("scopes", "Api"),
                    ("scopes", "RefreshToken"),
                ],
            ),
            ("oauthPolicy", [("ipRelaxation", "ENFORCE"), ("refreshTokenPolicy", "infinite")]),
            ("permissionSetName", "Integration"),
        ]
        self.write(f"spoke/main/default/connectedApps/Hub_{number}.connectedApp-meta.xml", metadata("ConnectedApp", app))

    def grow(self):
        self.write(
            "sfdx-project.json",
            '{"packageDirectories":[{"path":"hub","default":true},{"path":"spoke"}],"name":"large","sfdcLoginUrl":"https://login.salesforce.com","sourceApiVersion":"62.0"}\n',
        )
        parts = [(self.apex, 5000), (self.thing, 200), (self.component, 500), (self.access, 100), (self.profile, 20), (self.setup, 60)]
        for make, number in parts:
            for index in self.count(number):
                make(index)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=pathlib.Path, help="a folder that does not exist yet")
    arguments.add_argument("--scale", type=float, default=1.0)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    if given.folder.exists():
        arguments.error(f"{given.folder} already exists")
    tree = Tree(given.folder, given.scale, given.seed)
    tree.grow()
    print(f"{tree.files} files, {tree.size / 1e6:.0f} MB")


main()
