"""Generated projects and logs, each of N items of one sort, and the command that reads them.

`growth.py` and `memory.py` run the commands at several N.
"""

import contextlib
import json
import os
import pathlib
import subprocess
import tempfile
import zipfile

NAMESPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'


def xml(root, inside):
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} {NAMESPACE}>\n{inside}</{root}>\n'


def key(number):
    return "3MVG9" + str(number).rjust(80, "a")


def parameter(kind, name, value="", holder="parameterValue"):
    value = f"<{holder}>{value}</{holder}>" if value else ""
    return (
        f"<externalCredentialParameters><parameterGroup>{name}</parameterGroup><parameterName>{name}</parameterName>"
        f"<parameterType>{kind}</parameterType>{value}</externalCredentialParameters>\n"
    )


def external(number, issuer="x", certificate=None, principal="P", host="acme"):
    inside = "".join(
        [
            "<authenticationProtocol>Oauth</authenticationProtocol>\n",
            f"<label>E{number}</label>\n",
            parameter("AuthProtocolVariant", "v", "JwtBearer"),
            parameter("AuthProviderUrl", "u", f"https://{host}.my.salesforce.com/services/oauth2/token"),
            parameter("JwtBodyClaim", "iss", issuer),
            parameter("JwtBodyClaim", "sub", "user@example.com"),
            parameter("JwtBodyClaim", "aud", "https://login.salesforce.com"),
            parameter("SigningCertificate", "c", certificate or f"C{number}", "certificate"),
            parameter("NamedPrincipal", principal),
        ]
    )
    return {f"e/E{number}.externalCredential-meta.xml": xml("ExternalCredential", inside)}


def named(number, credential, host="acme"):
    inside = (
        f"<label>N{number}</label>\n<namedCredentialParameters><parameterName>Url</parameterName><parameterType>Url</parameterType>"
        f"<parameterValue>https://{host}.my.salesforce.com</parameterValue></namedCredentialParameters>\n"
        f"<namedCredentialParameters><externalCredential>{credential}</externalCredential><parameterName>E</parameterName>"
        "<parameterType>Authentication</parameterType></namedCredentialParameters>\n"
        "<namedCredentialType>SecuredEndpoint</namedCredentialType>\n"
    )
    return {f"n/N{number}.namedCredential-meta.xml": xml("NamedCredential", inside)}


def grant(reference, enabled="true"):
    return (
        f"<externalCredentialPrincipalAccesses><enabled>{enabled}</enabled><externalCredentialPrincipal>{reference}"
        "</externalCredentialPrincipal></externalCredentialPrincipalAccesses>\n"
    )


def permission_set(number, grants, name=None):
    name = name or f"S{number}"
    return {f"p/{name}.permissionset-meta.xml": xml("PermissionSet", f"{grants}<label>{name}</label>\n")}


def group(number, *sets):
    members = "".join(f"<permissionSets>{name}</permissionSets>\n" for name in sets)
    return {f"g/G{number}.permissionsetgroup-meta.xml": xml("PermissionSetGroup", f"<label>G{number}</label>\n{members}")}


def app(number, consumer_key=None, approved=(), profiles=()):
    approved = "".join(f"<permissionsetName>{name}</permissionsetName>\n" for name in approved)
    profiles = "".join(f"<profileName>{name}</profileName>\n" for name in profiles)
    inside = (
        f"<contactEmail>a@b.example</contactEmail>\n<label>A{number}</label>\n<oauthConfig>"
        f"<consumerKey>{consumer_key or key(number)}</consumerKey><isAdminApproved>true</isAdminApproved>"
        f"<scopes>Api</scopes></oauthConfig>\n{approved}{profiles}"
    )
    return {f"a/A{number}.connectedApp-meta.xml": xml("ConnectedApp", inside)}


def apex(number, body):
    return {f"k/K{number}.cls": f"public class K{number} {{\n{body}}}\n"}


def callout(number, name):
    return f"void m{number}() {{ r.setEndpoint('callout:{name}/x'); }}\n"


def certificate(number, name=None):
    inside = (
        "<caSigned>false</caSigned>\n<encryptedWithPlatformEncryption>false</encryptedWithPlatformEncryption>\n"
        f"<expirationDate>2027-01-01T00:00:00.000Z</expirationDate>\n<keySize>2048</keySize>\n<masterLabel>C{number}</masterLabel>\n"
        "<privateKeyExportable>true</privateKeyExportable>\n"
    )
    return {f"c/{name or f'C{number}'}.crt-meta.xml": xml("Certificate", inside)}


def many(count, *makers):
    files = {}
    for number in range(count):
        for make in makers:
            files.update(make(number))
    return files


def setup(files=None):
    return {**external(0), **named(0, "E0"), **(files or {})}


def chains(count):
    return many(
        count,
        lambda n: external(n, key(n)),
        lambda n: named(n, f"E{n}"),
        lambda n: permission_set(n, grant(f"E{n}-P")),
        app,
        lambda n: apex(n, callout(n, f"N{n}")),
    )


DIMENSIONS = {}


def dimension(*command, after=None):
    """Registers a generator. `after(folder, files, count)` prepares what the command needs."""

    def register(make):
        DIMENSIONS[make.__name__.replace("_", "-")] = (make, list(command) or ["lint"], after)
        return make

    return register


def command(name, make, *arguments, after=None):
    DIMENSIONS[name] = (make, list(arguments), after)


for form in ["text", "compact", "json", "jsonl", "sarif", "junit", "checkstyle", "github", "gitlab", "azure", "csv", "markdown"]:
    command(f"format-{form}", chains, "lint", "--format", form)
command("trace", chains, "trace")
command("trace-json", chains, "trace", "--format", "json")
command("init", chains, "init", "--stdout")
command("fix", chains, "lint", "--fix", "--unsafe-fixes")
command("diff", chains, "lint", "--diff", "--unsafe-fixes")
command("write-baseline", chains, "lint", "--write-baseline", "new.json")
command("statistics", chains, "lint", "--statistics")


def with_baseline(run, folder, files, count):
    run(["lint", "--write-baseline", "known.json", "."])


def with_git(run, folder, files, count):
    def git(*arguments):
        subprocess.run(["git", "-C", folder, "-c", "user.name=a", "-c", "user.email=a@b", *arguments],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    git("init", "-q")
    git("config", "gc.auto", "0")
    git("add", ".")
    git("commit", "-qm", "all")
    for number, name in enumerate(sorted(files)):
        path = pathlib.Path(folder, name)
        if number % 5 == 0:
            path.unlink()
        elif number % 2:
            path.write_text(files[name].replace("\n", "\n\n", 1))


def zipped(run, folder, files, count):
    with zipfile.ZipFile(pathlib.Path(folder, "package.zip"), "w") as archive:
        for name in files:
            archive.write(pathlib.Path(folder, name), name)
            pathlib.Path(folder, name).unlink()


command("baseline", chains, "lint", "--baseline", "known.json", after=with_baseline)
command("since", chains, "lint", "--since", "HEAD", after=with_git)
command("zip", chains, "lint", "package.zip", after=zipped)


@dimension()
def sets_in_groups(count):
    return setup(many(count, lambda n: permission_set(n, grant("E0-P")), lambda n: group(n, f"S{n}")))


@dimension()
def groups_of_one_set(count):
    return setup({**permission_set(0, grant("E0-P")), **many(count, lambda n: group(n, "S0"))})


@dimension()
def sets_of_one_group(count):
    sets = many(count, lambda n: permission_set(n, grant("E0-P")))
    return setup({**sets, **group(0, *(f"S{n}" for n in range(count)))})


@dimension()
def sets_with_and_without_holders(count):
    sets = many(count, lambda n: permission_set(n, grant("E0-P")))
    description = "orgs:\n  hub:\n    my_domain: hub.my.salesforce.com\n    metadata: .\n    permission_sets:\n" + "".join(
        f"      S{n}:\n        assigned_to: []\n" for n in range(count)
    )
    return setup({**sets, "sfcred.yaml": description})


@dimension()
def grants_of_one_set(count):
    return setup(permission_set(0, "".join(grant(f"E0-Q{n}") for n in range(count))))


@dimension()
def malformed_grants(count):
    return setup(permission_set(0, "".join(grant(f"E0 - P{n}") for n in range(count))))


@dimension()
def malformed_grants_and_credentials(count):
    return many(count, external, lambda n: named(n, f"E{n}"), lambda n: permission_set(n, grant(f"E{n}.P")))


@dimension()
def misspelled_grants(count):
    return many(
        count,
        lambda n: external(n, principal=f"P{n}"),
        lambda n: named(n, f"E{n}"),
        lambda n: permission_set(n, grant(f"Missing{n}-Q")),
    )


@dimension()
def principals_granted_in_other_case(count):
    return many(count, external, lambda n: named(n, f"E{n}"), lambda n: permission_set(n, grant(f"e{n}-P")))


@dimension()
def lost_callouts(count):
    return many(count, external, lambda n: named(n, f"E{n}"), lambda n: apex(n, callout(n, f"Lost_{n}")))


@dimension()
def lost_callouts_of_one_class(count):
    return {**many(count, lambda n: named(n, "E0")), **external(0), **apex(0, "".join(callout(n, f"Lost_{n}") for n in range(count)))}


@dimension()
def callouts_in_other_case(count):
    return setup({**many(count, lambda n: named(n, "E0")), **apex(0, "".join(callout(n, f"n{n}") for n in range(count)))})


@dimension()
def hard_coded_endpoints(count):
    body = "".join(f"void m{n}() {{ r.setEndpoint('https://h{n}.my.salesforce.com/x'); }}\n" for n in range(count))
    return {**many(count, lambda n: named(n, "E0", f"h{n}")), **external(0), **apex(0, body)}


@dimension()
def missing_external_credentials(count):
    return {**many(count, external), **many(count, lambda n: named(n, f"Missing_{n}"))}


@dimension()
def missing_certificates(count):
    return {**many(count, lambda n: external(n, certificate=f"Lost_{n}")), **many(count, certificate)}


@dimension()
def shared_certificate(count):
    return many(count, lambda n: external(n, certificate="C", host=f"h{n}"), lambda n: named(n, f"E{n}"))


@dimension()
def same_key_apps(count):
    return setup(many(count, lambda n: app(n, key(0))))


@dimension()
def same_key_apps_and_credentials(count):
    return many(count, lambda n: app(n, key(0)), lambda n: external(n, key(0)), lambda n: named(n, f"E{n}"))


@dimension()
def unknown_issuers(count):
    return many(count, lambda n: app(n, key(n)), lambda n: external(n, key(f"{n}b")), lambda n: named(n, f"E{n}"))


@dimension()
def unknown_approvals(count):
    return many(count, lambda n: app(n, approved=[f"Lost_{n}"], profiles=[f"Profile{n}"]), lambda n: permission_set(n, ""))


@dimension()
def unknown_profiles(count):
    def profile(n):
        return {f"f/Integration {n}.profile-meta.xml": xml("Profile", "<custom>true</custom>\n")}

    return many(count, lambda n: app(n, profiles=[f"Integratoin {n}"]), profile)


@dimension()
def auth_providers(count):
    def provider(n):
        return {f"o/O{n}.authprovider-meta.xml": xml("AuthProvider", f"<friendlyName>O{n}</friendlyName>\n<providerType>Salesforce</providerType>\n")}

    return {
        **many(count, provider),
        **many(count, lambda n: {
            f"e/E{n}.externalCredential-meta.xml": xml(
                "ExternalCredential",
                "<authenticationProtocol>Oauth</authenticationProtocol>\n"
                + parameter("AuthProvider", "a", f"Lost{n}", "authProvider")
                + parameter("NamedPrincipal", "P"),
            )
        }),
    }


@dimension()
def described_components(count):
    description = ["orgs:\n  hub:\n    my_domain: hub.my.salesforce.com\n    external_credentials:\n"]
    description += [
        f"      E{n}:\n        protocol: Oauth\n        flow: JwtBearer\n        token_endpoint: https://spoke.my.salesforce.com/services/oauth2/token\n"
        f"        signing_certificate: C{n}\n        claims:\n          iss: {key(n)}\n          sub: u@example.com\n"
        for n in range(count)
    ]
    description += ["    named_credentials:\n"]
    description += [
        f"      N{n}:\n        external_credential: E{n}\n        url: https://spoke.my.salesforce.com\n" for n in range(count)
    ]
    description += ["    permission_sets:\n"]
    description += [f"      S{n}:\n        principals: [E{n}-P]\n        assigned_to: [u{n}@example.com]\n" for n in range(count)]
    description += ["  spoke:\n    my_domain: spoke.my.salesforce.com\n    connected_apps:\n"]
    description += [f"      A{n}:\n        consumer_key: {key(n)}\n" for n in range(count)]
    return {"sfcred.yaml": "".join(description)}


@dimension()
def described_orgs(count):
    orgs = "".join(f"  org{n}:\n    my_domain: h{n}.my.salesforce.com\n    metadata: o{n}\n" for n in range(count))
    files = {f"o{n}/e/E{n}.externalCredential-meta.xml": next(iter(external(n).values())) for n in range(count)}
    return {**files, "sfcred.yaml": "orgs:\n" + orgs}


@dimension()
def projects(count):
    def project(n):
        inner = {**external(n), **named(n, f"E{n}"), **certificate(n)}
        manifest = {"packageDirectories": [{"path": "app"}], "sourceApiVersion": "62.0"}
        return {f"x{n}/sfdx-project.json": json.dumps(manifest)} | {f"x{n}/app/{name}": text for name, text in inner.items()}

    return many(count, project)


@dimension()
def packages(count):
    directories = [{"path": f"d{n}", "package": f"Package{n}", "versionNumber": "1.0.0.NEXT"} for n in range(count)]
    files = {f"d{n}/{name}": text for n in range(count) for name, text in (external(n) | named(n, f"E{n}")).items()}
    return {**files, "sfdx-project.json": json.dumps({"packageDirectories": directories})}


@dimension()
def namespaces(count):
    def project(n):
        manifest = {"packageDirectories": [{"path": "app"}], "namespace": f"ns{n}"}
        inner = {**named(n, "E0"), **apex(n, callout(n, f"N{n + 1}"))}
        return {f"x{n}/sfdx-project.json": json.dumps(manifest)} | {f"x{n}/app/{name}": text for name, text in inner.items()}

    return many(count, project)


@dimension()
def copies(count):
    files = next(iter(permission_set(0, grant("E0-P")).values()))
    return setup({f"d{n}/S.permissionset-meta.xml": files for n in range(count)})


@dimension()
def versions_of_one_component(count):
    return {f"d{n}/E.externalCredential-meta.xml": next(iter(external(n).values())) for n in range(count)}


@dimension()
def parts_of_client_apps(count):
    def parts(n):
        inside = f"<externalClientApplication>A{n}</externalClientApplication>\n<label>x</label>\n"
        return {
            f"a/A{n}.eca-meta.xml": xml("ExternalClientApplication", "<label>x</label>\n"),
            f"a/A{n}_g.ecaGlblOauth-meta.xml": xml("ExtlClntAppGlobalOauthSettings", inside),
            f"a/A{n}_o.ecaOauth-meta.xml": xml("ExtlClntAppOauthSettings", inside),
        }

    return many(count, parts)


@dimension()
def allow_comments(count):
    return setup(many(count, lambda n: {
        f"q/Q{n}.cls": f"public class Q{n} {{\n// sfcred: allow(named-credential-not-found) reason=\"known\"\n{callout(n, f'Lost_{n}')}}}\n"
    }))


@dimension()
def allow_comments_of_one_file(count):
    body = "".join(f"// sfcred: allow(named-credential-not-found) reason=\"known\"\n{callout(n, f'Lost_{n}')}" for n in range(count))
    return setup(apex(0, body))


command("allow-comments-sarif", allow_comments_of_one_file, "lint", "--format", "sarif")
command("allow-comments-json", allow_comments_of_one_file, "lint", "--format", "json", "--no-allows")


@dimension()
def allow_settings(count):
    text = "".join(
        f'[[allow]]\nrule = "named-credential-not-found"\ncomponent = "ApexClass:K{n}"\nreason = "known"\n\n' for n in range(count)
    )
    return setup({**many(count, lambda n: apex(n, callout(n, f"Lost_{n}"))), "sfcred.toml": text})


command("allow-settings-sarif", allow_settings, "lint", "--format", "sarif")


@dimension()
def allow_paths(count):
    text = "".join(
        f'[[allow]]\nrule = "named-credential-not-found"\npath = "k/K{n}.cls"\nreason = "known"\n\n' for n in range(count)
    )
    return setup({**many(count, lambda n: apex(n, callout(n, f"Lost_{n}"))), "sfcred.toml": text})


command("fix-of-one-file", lambda count: setup(permission_set(0, "".join(grant(f"E0-P{n}", "false") for n in range(count)))),
        "lint", "--fix", "--unsafe-fixes")
command("fix-claims", lambda count: many(count, lambda n: {
    name: text.replace("https://login.salesforce.com", "https://login.salesforce.com/") for name, text in external(n).items()
}, lambda n: named(n, f"E{n}")), "lint", "--fix", "--unsafe-fixes")


@dimension()
def unknown_elements(count):
    inside = "".join(f"<unknown{n}>x</unknown{n}>\n" for n in range(count))
    return {"p/S.permissionset-meta.xml": xml("PermissionSet", f"<label>S</label>\n{inside}")}


@dimension()
def claims_of_one_credential(count):
    inside = "".join(parameter("JwtBodyClaim", f"c{n}", "x") for n in range(count))
    return {"e/E.externalCredential-meta.xml": xml("ExternalCredential", f"<authenticationProtocol>Oauth</authenticationProtocol>\n{inside}")}


@dimension()
def repeated_claims(count):
    inside = parameter("AuthProtocolVariant", "v", "JwtBearer") + "".join(parameter("JwtBodyClaim", "sub", f"x{n}@example.com") for n in range(count))
    return {"e/E.externalCredential-meta.xml": xml("ExternalCredential", f"<authenticationProtocol>Oauth</authenticationProtocol>\n{inside}")}


@dimension()
def principals_of_one_credential(count):
    inside = "".join(parameter("NamedPrincipal", f"P{n}") for n in range(count))
    text = xml("ExternalCredential", f"<authenticationProtocol>Oauth</authenticationProtocol>\n{inside}")
    return {"e/M.externalCredential-meta.xml": text, **permission_set(0, "".join(grant(f"M-Q{n}") for n in range(count)))}


@dimension()
def secrets(count):
    body = "".join(f"String s{n} = 'client_secret={n:032x}'; String client_secret{n} = '{n:040x}';\n" for n in range(count))
    return setup(apex(0, body))


@dimension()
def unreadable_files(count):
    return {f"e/E{n}.externalCredential-meta.xml": "<ExternalCredential>\n<a>\n" for n in range(count)}


@dimension()
def names_that_differ_by_case(count):
    return {f"{'ab'[n % 2]}/{'eE'[n % 2]}{n // 2}.externalCredential-meta.xml": next(iter(external(n).values())) for n in range(count)}


@dimension()
def custom_rules(count):
    text = "".join(
        f'[[forbid]]\ntype = "ConnectedApp"\nfield = "label"\npattern = "A{n}"\nmessage = "no"\n\n' for n in range(count)
    )
    return {**app(0), "sfcred.toml": text}


@dimension()
def users(count):
    text = "orgs:\n  hub:\n    my_domain: hub.my.salesforce.com\n    metadata: .\n    callouts_run_as: [" + ", ".join(
        f"u{n}@example.com" for n in range(count)
    ) + "]\n    users:\n" + "".join(f"      u{n}@example.com:\n        permission_sets: [S{n}]\n" for n in range(count))
    return setup({**many(count, lambda n: permission_set(n, grant("E0-P"))), "sfcred.yaml": text})


ANSWERS = ["invalid_grant: user hasn't approved this consumer", "invalid_client: invalid client credentials",
           "We couldn't access the credential(s)", "nothing of note happened here"]


def log(variety):
    def make(count):
        lines = [f"12:00:{n % 60:02} {ANSWERS[n % len(ANSWERS) if variety else 0]}{f' request {n}' if variety else ''}" for n in range(count)]
        return {**chains(3), "app.log": "\n".join(lines) + "\n"}

    return make


command("diagnose-repeats", log(False), "diagnose", "app.log", ".")
command("diagnose-log", log(True), "diagnose", "app.log", ".")
command("diagnose-project", lambda count: {**chains(count), "app.log": ANSWERS[0] + "\n"}, "diagnose", "app.log", ".")
command("diagnose-one-line", lambda count: {"app.log": " ".join(ANSWERS[0] for _ in range(count))}, "diagnose", "app.log")


@dimension()
def tiny_elements(count):
    return {"p/S.permissionset-meta.xml": xml("PermissionSet", "<a/>" * count)}


@dimension()
def nested_elements(count):
    depth = 50
    return {"p/S.permissionset-meta.xml": xml("PermissionSet", ("<a>" * depth + "</a>" * depth + "\n") * count)}


@dimension()
def references_of_one_formula(count):
    references = " &amp; ".join("$Credential.E0.Key" for _ in range(count))
    return setup({"e/E0.externalCredential-meta.xml": xml(
        "ExternalCredential",
        "<authenticationProtocol>Custom</authenticationProtocol>\n<label>E0</label>\n"
        + parameter("NamedPrincipal", "P")
        + parameter("AuthHeader", "Authorization", f"{{!{references}}}"),
    )})


command("references-of-one-formula-trace", references_of_one_formula, "trace", "--format", "json")


@dimension()
def conditions_of_one_expression(count):
    conditions = "".join(f"a == {n} ? 'callout:N{n}' : " for n in range(count))
    return setup(apex(0, f"void m(Integer a) {{ r.setEndpoint({conditions}'callout:N0'); }}\n"))


@dimension()
def pieces_of_one_string(count):
    return setup(apex(0, "void m() { String s = 'a';\n" + "s = s + s;\n" * count + "r.setEndpoint(s); }\n"))


@dimension()
def ignore_lines(count):
    return setup({".forceignore": "".join(f"**/left{n}/**\n" for n in range(count))})


@dimension()
def anchors(count):
    text = "".join(f"    a{n}: &a{n} {{ kind: sandbox, my_domain: 'https://h{n}.my.salesforce.com' }}\n" for n in range(count))
    return {"sfcred.yaml": "orgs:\n" + text}


@contextlib.contextmanager
def prepared(binary, name, count):
    """Writes a project into a temporary folder: the folder, the bytes of its files, the arguments and the environment of the command."""
    make, words, after = DIMENSIONS[name]
    with tempfile.TemporaryDirectory() as folder:
        files = make(count)
        for path, text in files.items():
            target = pathlib.Path(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        environment = {**os.environ, "NO_COLOR": "1"}

        def run(words):
            return subprocess.run([binary, *words], cwd=folder, env=environment, capture_output=True, text=True)

        if after:
            after(run, folder, files, count)
        if words[0] in ("lint", "trace", "init") and "package.zip" not in words:
            words = [*words, "."]
        yield folder, sum(len(text.encode()) for text in files.values()), words, environment
