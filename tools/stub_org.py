#!/usr/bin/env python3
"""A Salesforce org on loopback, as far as the Salesforce CLI needs one for `sfcred pull`.

Usage: stub_org.py PORT FOLDER ORG

FOLDER contains a setup with a folder for each org, such as fixtures/setups/connected-app. ORG is `hub` or `spoke`. The org answers
a login with any access token, the queries of sfcred, a retrieve of its part of the setup, and requests of the Connect API.
"""
import base64
import datetime
import gzip
import io
import json
import pathlib
import re
import sys
import urllib.parse
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT, SETUP, ORG = int(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
IDS = {"hub": "1", "spoke": "2"}
ORG_ID = f"00D00000000000{IDS[ORG]}AAA"
USER_ID = f"00500000000000{IDS[ORG]}AAA"
ADMIN = f"admin@{ORG}.example"
RUNNER, SUBJECT = "batch@acme.example.uat", "integration@billing.example.uat"
VERSION = "67.0"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
METADATA = "http://soap.sforce.com/2006/04/metadata"

FIELDS = {
    "User": ["Id", "Username", "IsActive", "ProfileId"],
    "UserLogin": ["Id", "UserId", "IsFrozen"],
    "PermissionSetAssignment": ["Id", "AssigneeId", "PermissionSetId", "PermissionSetGroupId", "ExpirationDate", "IsActive"],
    "SetupEntityAccess": ["Id", "ParentId", "SetupEntityId", "SetupEntityType"],
    "ConnectedApplication": ["Id", "Name"],
    "ExternalClientApplication": ["Id", "DeveloperName", "NamespacePrefix"],
    "LoginHistory": ["Id", "UserId", "LoginTime", "Status", "LoginType", "Application"],
}


def user(name, number):
    return {"Id": f"00500000000000{number}AAA", "Username": name, "IsActive": True, "Profile": {"Name": "Minimum Access"}}


def rows(query):
    """The records of a query: in the calling org no user has the permission set, in the target org no user is approved."""
    source = re.search(r" FROM (\w+)", query).group(1)
    if source == "Organization":
        return [{"Id": ORG_ID, "Name": ORG, "InstanceName": "CS1", "IsSandbox": True, "TrialExpirationDate": None,
                 "NamespacePrefix": None, "OrganizationType": "Enterprise Edition"}]
    if source == "User":
        known = [user(ADMIN, IDS[ORG]), user(SUBJECT if ORG == "spoke" else RUNNER, "7")]
        return [row for row in known if f"'{row['Username']}'" in query]
    if source == "PermissionSet":
        return [{"Id": "0PS000000000001AAA"}]
    if source == "PermissionSetAssignment" and " PermissionSet.Name = '" in query:
        return [{"Id": "0Pa000000000001AAA"}]
    if source == "PermissionSetAssignment" and "PermissionsApiEnabled" in query:
        return [{"Assignee": {"Username": SUBJECT}}]
    if source == "ConnectedApplication":
        return [{"Id": "0H4000000000001AAA", "Name": "Hub Org"}]
    if source == "SetupEntityAccess":
        parent = {"Name": "Hub_Access", "Label": "Hub Access", "NamespacePrefix": None, "IsOwnedByProfile": False, "Profile": None}
        return [{"ParentId": "0PS000000000001AAA", "Parent": parent, "SetupEntityId": "0H4000000000001AAA",
                 "SetupEntityType": "ConnectedApplication"}] if ORG == "spoke" else []
    if source == "LoginHistory":
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        return [{"LoginTime": now, "Status": "Failed: Not approved for access", "LoginType": "Remote Access 2.0",
                 "Application": "Hub Org"}]
    return []


def columns(query):
    """What the CLI asks besides the records, to print a table."""
    def column(name):
        first, _, rest = name.partition(".")
        return {"aggregate": False, "apexType": "String", "booleanType": False, "columnName": first, "custom": False,
                "displayName": first, "foreignKeyName": None, "insertable": False, "numberType": False, "textType": True,
                "updatable": False, "joinColumns": [column(rest)] if rest else []}
    names = re.search(r"SELECT (.*?) FROM", query).group(1).split(",")
    return {"columnMetadata": [column(name.strip()) for name in names], "entityName": "x", "groupBy": False, "idSelected": True,
            "keyPrefix": "000"}


def archive():
    """The setup as a retrieve returns it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        zipped.writestr("unpackaged/package.xml", f'<?xml version="1.0"?><Package xmlns="{METADATA}"><version>{VERSION}</version></Package>')
        for path in sorted((SETUP / ORG).rglob("*")):
            if not path.is_file() or path.name.startswith(".") or path.name in ("sfdx-project.json", "package.xml"):
                continue
            name = path.name
            if ".crt" not in name and ".cls" not in name:
                name = name.removesuffix("-meta.xml")
            zipped.writestr(f"unpackaged/{path.parent.name}/{name}", path.read_bytes())
    return base64.b64encode(out.getvalue()).decode()


# The paths and texts of the files of the last deployment.
DEPLOYED = []


def deployed(file):
    """A file as the status of a deployment lists it."""
    path, text = file
    kind = re.search(r"<(\w+)[\s>]", text).group(1)
    name = pathlib.PurePath(path).name.rpartition(".")[0]
    return (f"<componentSuccesses><changed>true</changed><componentType>{kind}</componentType><created>true</created><deleted>false</deleted>"
            f"<fileName>{path}</fileName><fullName>{name}</fullName><success>true</success></componentSuccesses>")


def anonymous_apex(data):
    """The log of Apex that asks who is logged in."""
    if "/services/oauth2/userinfo" not in data:
        raise ValueError("unknown Apex")
    log = f"USER_DEBUG|[10]|DEBUG|SMOKE TEST: 200 {ORG_ID} {SUBJECT}"
    return (f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{SOAP}" xmlns="http://soap.sforce.com/2006/08/apex" '
            'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Header><DebuggingInfo>'
            f"<debugLog>{log}</debugLog></DebuggingInfo></soapenv:Header><soapenv:Body><executeAnonymousResponse><result><column>-1</column>"
            '<compileProblem xsi:nil="true"/><compiled>true</compiled><exceptionMessage xsi:nil="true"/><exceptionStackTrace xsi:nil="true"/>'
            "<line>-1</line><success>true</success></result></executeAnonymousResponse></soapenv:Body></soapenv:Envelope>")


def envelope(body):
    return f'<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="{SOAP}" xmlns="{METADATA}"><e:Body>{body}</e:Body></e:Envelope>'


class Org(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def body(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            data = b"".join(parts)
        else:
            data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return gzip.decompress(data) if self.headers.get("Content-Encoding") == "gzip" else data

    def reply(self, content, status=200):
        kind = "text/xml;charset=UTF-8" if isinstance(content, str) else "application/json"
        data = (content if isinstance(content, str) else json.dumps(content)).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def answer(self):
        data = self.body().decode("utf-8", "replace")
        parts = urllib.parse.urlsplit(self.path)
        path, query = parts.path.rstrip("/"), urllib.parse.parse_qs(parts.query)
        rest = re.sub(r"^/services/data/v[\d.]+", "", path)
        if path == "/services/oauth2/userinfo":
            return self.reply({"sub": f"{ORG_ID}/{USER_ID}", "user_id": USER_ID, "organization_id": ORG_ID, "preferred_username": ADMIN,
                               "username": ADMIN, "nickname": "a", "name": "A", "email": "a@acme.example",
                               "urls": {"rest": f"http://localhost:{PORT}/services/data/v{{version}}/"}})
        if path == "/services/data":
            return self.reply([{"label": "x", "url": f"/services/data/v{VERSION}", "version": VERSION}])
        if rest == "":
            return self.reply({"query": f"{path}/query", "sobjects": f"{path}/sobjects"})
        if rest.endswith("/query"):
            soql = query["q"][0]
            if "columns" in query:
                return self.reply(columns(soql))
            found = [{"attributes": {"type": "x", "url": "/x"}, **row} for row in rows(soql)]
            return self.reply({"totalSize": len(found), "done": True, "records": found})
        described = re.fullmatch(r"/sobjects/(\w+)/describe", rest)
        if described and described[1] in FIELDS:
            return self.reply({"name": described[1], "fields": [{"name": name, "picklistValues": []} for name in FIELDS[described[1]]]})
        if rest.startswith("/sobjects/User/"):
            return self.reply({"Id": USER_ID, "Username": ADMIN, "attributes": {"type": "User", "url": path}})
        credential = re.fullmatch(r"/named-credentials/external-credentials/(\w+)", rest)
        if credential:
            return self.reply({"developerName": credential[1], "principals": [
                {"id": "0pF000000000001AAA", "principalName": "SpokePrincipal", "authenticationStatus": "Configured"}]})
        if rest == "/sobjects/PermissionSetAssignment" and self.command == "POST":
            return self.reply({"id": "0Pa000000000001AAA", "success": True, "errors": []}, 201)
        if "/services/Soap/s/" in path:
            return self.reply(anonymous_apex(data))
        if "/services/Soap/m/" in path:
            if "checkDeployStatus" in data:
                return self.reply(envelope(
                    "<checkDeployStatusResponse><result><checkOnly>false</checkOnly><done>true</done><id>0Af000000000001AAA</id>"
                    "<status>Succeeded</status><success>true</success><numberComponentErrors>0</numberComponentErrors>"
                    f"<numberComponentsDeployed>{len(DEPLOYED)}</numberComponentsDeployed>"
                    f"<numberComponentsTotal>{len(DEPLOYED)}</numberComponentsTotal><details>{''.join(map(deployed, DEPLOYED))}"
                    "<runTestResult><numFailures>0</numFailures><numTestsRun>0</numTestsRun><totalTime>0</totalTime></runTestResult>"
                    "</details></result></checkDeployStatusResponse>"))
            if "ZipFile" in data:
                encoded = re.search(r"<(?:\w+:)?ZipFile>(.*?)</", data, re.DOTALL).group(1)
                with zipfile.ZipFile(io.BytesIO(base64.b64decode(encoded))) as files:
                    DEPLOYED[:] = [(name, files.read(name).decode()) for name in files.namelist() if "." in name and name != "package.xml"]
                return self.reply(envelope(
                    "<deployResponse><result><done>false</done><id>0Af000000000001AAA</id><state>Queued</state></result></deployResponse>"))
            if "checkRetrieveStatus" in data:
                return self.reply(envelope(
                    "<checkRetrieveStatusResponse><result><done>true</done><id>09S000000000001AAA</id><status>Succeeded</status>"
                    f"<success>true</success><zipFile>{archive()}</zipFile></result></checkRetrieveStatusResponse>"))
            return self.reply(envelope(
                "<retrieveResponse><result><done>false</done><id>09S000000000001AAA</id><state>Queued</state></result></retrieveResponse>"))
        return self.reply([{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}], 404)

    do_GET = do_POST = do_HEAD = answer


ThreadingHTTPServer(("127.0.0.1", PORT), Org).serve_forever()
