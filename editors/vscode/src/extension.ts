// Starts `sfcred lsp` and shows what its commands return. Everything else is the server's.

import { accessSync, constants } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import * as vscode from "vscode";
import { LanguageClient, RevealOutputChannelOn, State } from "vscode-languageclient/node";

const SCHEME = "sfcred";
const PROGRAM = process.platform === "win32" ? "sfcred.exe" : "sfcred";
const FILES = [
  "**/*-meta.xml",
  "**/*.{crt,cls,trigger,apex,key,pem,env}",
  "**/*.{namedCredential,externalCredential,connectedApp,permissionset,profile,authprovider}",
  "**/{sfcred.yaml,sfcred.yml,sfcred.toml,sfdx-project.json,package.xml}",
];
/** Larger logs do not fit into one message; the command line reads logs of any size. */
const MAX_LOG_BYTES = 64 << 20;

let client: LanguageClient | undefined;
let status: vscode.StatusBarItem;
const pages = new Map<string, string>();
const pageChanged = new vscode.EventEmitter<vscode.Uri>();

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  status = vscode.window.createStatusBarItem("sfcred.status", vscode.StatusBarAlignment.Left);
  status.name = "sfcred";
  status.command = "sfcred.lintWorkspace";
  const commands: [string, () => Promise<void>][] = [
    ["sfcred.traceCredential", trace],
    ["sfcred.diagnoseClipboard", diagnoseClipboard],
    ["sfcred.diagnoseFile", diagnoseFile],
    ["sfcred.explainRule", explain],
    ["sfcred.lintWorkspace", lint],
    ["sfcred.restart", () => restart(context)],
  ];
  context.subscriptions.push(
    status,
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: pageChanged.event,
      provideTextDocumentContent: (uri) => pages.get(uri.toString()) ?? "",
    }),
    vscode.workspace.onDidCloseTextDocument((document) => pages.delete(document.uri.toString())),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("sfcred.path")) void restart(context);
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void restart(context)),
    vscode.languages.onDidChangeDiagnostics(showCounts),
    ...commands.map(([name, run]) => vscode.commands.registerCommand(name, guarded(run))),
  );
  await start(context);
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

/** Shows why a command failed instead of a stack. */
function guarded(run: () => Promise<void>): () => Promise<void> {
  return async () => {
    try {
      await run();
    } catch (error) {
      void vscode.window.showErrorMessage(`sfcred: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}

/** The program: the setting, that of the workspace, that of the extension, or that in PATH. */
function program(context: vscode.ExtensionContext): string | undefined {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const candidates: string[] = [];
  if (vscode.workspace.isTrusted) {
    const path = vscode.workspace.getConfiguration("sfcred").get<string>("path", "").trim();
    if (path) return isAbsolute(path) || !folder ? path : join(folder, path);
    if (folder) {
      const name = `cli-${process.platform}-${process.arch}`;
      const packages = [`${name}-musl`, name].map((one) => join(folder, "node_modules", "@sfcred", one, PROGRAM));
      candidates.push(...packages);
    }
  }
  candidates.push(context.asAbsolutePath(join("server", PROGRAM)));
  candidates.push(...(process.env.PATH ?? "").split(delimiter).filter(isAbsolute).map((path) => join(path, PROGRAM)));
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

async function start(context: vscode.ExtensionContext): Promise<void> {
  const command = program(context);
  if (!command) {
    show("$(error) sfcred", "The sfcred program was not found. Set `sfcred.path`.");
    void vscode.window.showErrorMessage("sfcred: the program was not found. Install it, or set `sfcred.path`.");
    return;
  }
  client = new LanguageClient(
    "sfcred",
    "sfcred",
    { command, args: ["lsp"] },
    {
      documentSelector: FILES.map((pattern) => ({ scheme: "file", pattern })),
      initializationOptions: { showsResults: true },
      revealOutputChannelOn: RevealOutputChannelOn.Never,
      middleware: {
        executeCommand: async (name, args, next) => {
          const result: unknown = await next(name, args);
          if (typeof result === "string" && name !== "sfcred.lint") await page(name, result);
          return result;
        },
      },
    },
  );
  client.onDidChangeState(({ newState }) => {
    if (newState === State.Starting) show("$(sync~spin) sfcred", "Starting");
    if (newState === State.Stopped) show("$(error) sfcred", "The server stopped. Run `sfcred: Restart Server`.");
    if (newState === State.Running) showCounts();
  });
  await client.start();
}

async function restart(context: vscode.ExtensionContext): Promise<void> {
  await client?.stop().catch(() => undefined);
  await client?.dispose().catch(() => undefined);
  client = undefined;
  await start(context);
}

function show(text: string, tooltip: string): void {
  status.text = text;
  status.tooltip = tooltip;
  status.show();
}

function showCounts(): void {
  if (client?.state !== State.Running) return;
  const found = vscode.languages.getDiagnostics().flatMap(([, all]) => all).filter((one) => one.source === "sfcred");
  const count = (severity: vscode.DiagnosticSeverity) => found.filter((one) => one.severity === severity).length;
  const [errors, warnings] = [count(vscode.DiagnosticSeverity.Error), count(vscode.DiagnosticSeverity.Warning)];
  const text = found.length === 0 ? "$(pass) sfcred" : `sfcred $(error) ${errors} $(warning) ${warnings}`;
  show(text, `${found.length} findings. Click to lint the workspace again.`);
}

/** Opens a read-only page of Markdown as a preview. */
async function page(title: string, text: string): Promise<void> {
  const heading = /^# (.*)$/m.exec(text)?.[1]?.replaceAll("`", "") ?? title;
  const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${heading.replaceAll("/", "_")}.md` });
  pages.set(uri.toString(), text);
  pageChanged.fire(uri);
  await vscode.commands.executeCommand("markdown.showPreview", uri);
}

function run(command: string, argument?: object): Thenable<unknown> {
  return vscode.commands.executeCommand(command, ...(argument ? [argument] : []));
}

async function trace(): Promise<void> {
  const files = await vscode.workspace.findFiles("**/*.{namedCredential,externalCredential}{,-meta.xml}");
  const names = files.map((file) => decodeURIComponent(file.path.split("/").pop() ?? "").split(".")[0]);
  const credential = await vscode.window.showQuickPick([...new Set(names)].sort(), {
    placeHolder: "The credential whose callout is traced",
  });
  if (credential) await run("sfcred.trace", { credential });
}

async function diagnoseClipboard(): Promise<void> {
  const log = await vscode.env.clipboard.readText();
  if (!log.trim()) throw new Error("the clipboard contains no text; copy a debug log or an error message");
  await run("sfcred.diagnose", { log });
}

async function diagnoseFile(): Promise<void> {
  const [file] = (await vscode.window.showOpenDialog({ title: "Diagnose a log" })) ?? [];
  if (!file) return;
  if ((await vscode.workspace.fs.stat(file)).size > MAX_LOG_BYTES) {
    throw new Error("the log has more than 64 MiB; run `sfcred diagnose` in a terminal");
  }
  await run("sfcred.diagnose", { log: new TextDecoder().decode(await vscode.workspace.fs.readFile(file)) });
}

async function explain(): Promise<void> {
  const name = await vscode.window.showInputBox({
    prompt: "A rule, such as claim-missing, or an error message of Salesforce",
  });
  if (name) await run("sfcred.explain", { name });
}

async function lint(): Promise<void> {
  const result = await run("sfcred.lint");
  vscode.window.setStatusBarMessage(`sfcred: ${String(result)}`, 5000);
}
