// The commands of the Salesforce CLI plugin: each passes its arguments on to the program. Their help is generated from the
// help of the program when the package is built, in `commands.json`.
import { createRequire } from 'node:module';
import { Command, Flags } from '@oclif/core';

const require = createRequire(import.meta.url);
const { endAs, run } = require('sfcred');
const commands = require('./commands.json');

const flagsOf = (flags) =>
  Object.fromEntries(
    Object.entries(flags).map(([name, { value, ...rest }]) => [
      name,
      value ? Flags.string({ ...rest, helpValue: `<${value}>`, multiple: false }) : Flags.boolean(rest),
    ]),
  );

/** The arguments for the program: the `--json` and `-o` of the Salesforce CLI, translated. */
function translated({ flags, printsJson }, args) {
  const end = args.indexOf('--');
  const [options, paths] = end < 0 ? [args, []] : [args.slice(0, end), args.slice(end)];
  const json = options.includes('--json');
  const kept = options
    .filter((word) => word !== '--json')
    .map((word) => (flags['target-org'] && /^-o./.test(word) ? `--target-org=${word.slice(2)}` : word))
    .map((word) => (flags['target-org'] && word === '-o' ? '--target-org' : word));
  return { json, args: [...kept, ...(json && printsJson ? ['--json'] : []), ...paths] };
}

/** What the program printed: JSON, except with options such as `--diff`. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return { output: text };
  }
}

/** Runs the program and prints the result as other commands of the Salesforce CLI do. */
async function runForJson(args, options) {
  const printed = { stdout: '', stderr: '' };
  const end = await run(args, {
    ...options,
    stdio: ['inherit', 'pipe', 'pipe'],
    onStart: (child) => {
      for (const name of ['stdout', 'stderr']) {
        child[name].setEncoding('utf8');
        child[name].on('data', (text) => (printed[name] += text));
      }
    },
  });
  const notes = printed.stderr.split('\n').filter(Boolean);
  const status = end.signal ? 2 : end.status;
  const failed = status === 2;
  const envelope = failed
    ? { name: 'SfcredError', message: printed.stderr.trim() || `ended by ${end.signal}`, exitCode: status, status, warnings: [] }
    : { status, result: parsed(printed.stdout), warnings: notes };
  console.log(JSON.stringify(envelope, undefined, 2));
  return end;
}

export const COMMANDS = Object.fromEntries(
  commands.map((definition) => [
    `sfcred:${definition.name}`,
    class extends Command {
      static summary = definition.summary;
      static description = definition.description;
      static usage = definition.usage;
      static examples = definition.examples;
      static flags = flagsOf(definition.flags);
      // The program checks the arguments.
      static strict = false;

      async run() {
        const { json, args } = translated(definition, this.argv);
        // `sfcred pull` and `--target-org` read orgs with the Salesforce CLI that runs this.
        const sf = process.env.SFCRED_SF ?? (process.platform === 'win32' ? undefined : this.config.binPath);
        const options = { installed: 'Salesforce CLI plugin', env: sf ? { SFCRED_SF: sf } : {} };
        const all = [definition.name, ...args];
        try {
          endAs(json ? await runForJson(all, options) : await run(all, options));
        } catch (error) {
          this.error(error.message, { exit: 2 });
        }
      }
    },
  ]),
);
