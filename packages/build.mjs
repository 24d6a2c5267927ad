#!/usr/bin/env node
// Writes the npm packages into a folder, in the order in which they must be published:
//
//   packages/build.mjs FOLDER TARGET=PROGRAM…
//   packages/build.mjs dist/npm x86_64-unknown-linux-musl=target/x86_64-unknown-linux-musl/dist/sfcred
//
// Set SFCRED_HOST to a sfcred that runs on this machine if none of the programs does; it supplies the help of the plugin for
// the Salesforce CLI and the list of rules. The packages `01-…` contain the programs, `02-sfcred` starts the one for the system.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cargo = readFileSync(join(root, 'Cargo.toml'), 'utf8');
const field = (name) => cargo.match(new RegExp(`^${name} = "(.*)"$`, 'm'))[1];
const version = field('version');

/** What npm calls the systems. */
export const SYSTEMS = {
  'x86_64-unknown-linux-gnu': { os: 'linux', cpu: 'x64', libc: 'glibc' },
  'x86_64-unknown-linux-musl': { os: 'linux', cpu: 'x64', libc: 'musl' },
  'aarch64-unknown-linux-gnu': { os: 'linux', cpu: 'arm64', libc: 'glibc' },
  'aarch64-unknown-linux-musl': { os: 'linux', cpu: 'arm64', libc: 'musl' },
  'x86_64-apple-darwin': { os: 'darwin', cpu: 'x64' },
  'aarch64-apple-darwin': { os: 'darwin', cpu: 'arm64' },
  'x86_64-pc-windows-msvc': { os: 'win32', cpu: 'x64' },
};
const nameOf = ({ os, cpu, libc }) => `@sfcred/cli-${os}-${cpu}${libc === 'musl' ? '-musl' : ''}`;

const [folder, ...pairs] = process.argv.slice(2);
const programs = pairs.map((pair) => pair.split('=', 2));
const unknown = programs.find(([target, path]) => !SYSTEMS[target] || !path);
if (!folder || programs.length === 0 || unknown) {
  console.error(`usage: packages/build.mjs FOLDER TARGET=PROGRAM…, with a target of ${Object.keys(SYSTEMS).join(', ')}`);
  process.exit(2);
}
const host = process.env.SFCRED_HOST || programs.find(([target]) => SYSTEMS[target].os === process.platform)?.[1];
const ask = (...args) => execFileSync(host, args, { encoding: 'utf8', env: { ...process.env, COLUMNS: '1000', NO_COLOR: '1' } });
if (ask('version').split(' ')[1].trim() !== version) throw new Error(`${host} is not sfcred ${version}`);

const common = {
  version,
  license: field('license'),
  repository: { type: 'git', url: 'git+https://github.com/sfcred/sfcred.git' },
  homepage: 'https://github.com/sfcred/sfcred#readme',
  bugs: 'https://github.com/sfcred/sfcred/issues',
};
const keywords = ['salesforce', 'linter', 'oauth', 'jwt', 'credentials'];

rmSync(folder, { recursive: true, force: true });

/** Writes a package; `files` are paths in the repository. */
function write(name, manifest, files) {
  const place = join(folder, name.replace('/', '+').replace('@', ''));
  mkdirSync(place, { recursive: true });
  for (const file of [...files, 'LICENSE-APACHE', 'LICENSE-MIT']) copyFileSync(join(root, file), join(place, basename(file)));
  writeFileSync(join(place, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  return place;
}

for (const [target, path] of programs) {
  const { os, cpu, libc } = SYSTEMS[target];
  const name = nameOf(SYSTEMS[target]);
  const program = os === 'win32' ? 'sfcred.exe' : 'sfcred';
  const description = `The program of the package sfcred for ${os} ${cpu}${libc ? ` with ${libc}` : ''}`;
  const systems = { os: [os], cpu: [cpu], ...(libc && { libc: [libc] }) };
  const place = write(`01-${name}`, { name, ...common, description, ...systems, files: [program], preferUnplugged: true }, []);
  copyFileSync(path, join(place, program));
  chmodSync(join(place, program), 0o755);
  writeFileSync(join(place, 'README.md'), `# ${name}\n\n${description}. Install [sfcred](https://www.npmjs.com/package/sfcred) instead.\n`);
}

const wrapper = write(
  '02-sfcred',
  {
    name: 'sfcred',
    ...common,
    description: field('description'),
    keywords,
    bin: { sfcred: 'sfcred.js' },
    main: 'sfcred.js',
    files: ['sfcred.js', 'skills'],
    engines: { node: '>=18' },
    // All systems, whichever were built: npm skips the others, and those that do not exist.
    optionalDependencies: Object.fromEntries(Object.values(SYSTEMS).map((system) => [nameOf(system), version])),
  },
  ['packages/npm/sfcred.js', 'README.md'],
);
chmodSync(join(wrapper, 'sfcred.js'), 0o755);
try {
  cpSync(join(root, 'skills'), join(wrapper, 'skills'), { recursive: true });
} catch (error) {
  if (error.code !== 'ENOENT') throw error;
}

/** The sections of a help text: for each heading, what is in the first column and what is in the second. */
function sections(help) {
  const found = {};
  let entries;
  for (const line of help.split('\n')) {
    const indent = line.search(/\S/);
    if (indent === 0) entries = line.endsWith(':') ? (found[line.slice(0, -1)] = []) : undefined;
    if (indent <= 0 || !entries) continue;
    if (indent > 8) {
      entries.at(-1).text = `${entries.at(-1).text} ${line.trim()}`.trim();
    } else {
      const [word, text = ''] = line.trim().split(/ {2,}(.*)/);
      entries.push({ word, text });
    }
  }
  return found;
}

/** The definition of a command for the Salesforce CLI, from the help of the program. */
function command(name) {
  const help = ask(name, '-h');
  const { Arguments: args = [], Examples: examples = [], 'Exit codes': statuses = [], ...groups } = sections(help);
  const inSf = (text) => text.replace(/\bsfcred (?=[a-z-])/g, '<%= config.bin %> sfcred ');
  const flags = {};
  for (const [group, entries] of Object.entries(groups)) {
    for (const { word, text } of entries) {
      const found = word.match(/^(?:-(\w), )?--([\w-]+)(?: <(.+)>)?$/);
      if (!found || found[2] === 'help') continue;
      const [, short, flag, value] = found;
      // As in other commands of the Salesforce CLI, `-o` is `--target-org`.
      const char = flag === 'target-org' ? 'o' : short === 'o' ? undefined : short;
      const options = text.match(/ \[possible values: (.*?)\]/)?.[1].split(', ');
      flags[flag] = {
        ...(char && { char }),
        summary: `${inSf(text.replace(/ \[possible values: .*?\]/, ''))}.`,
        ...(value && { value }),
        ...(options && { options }),
        ...(group !== 'Options' && { helpGroup: group.replace(/ \(.*/, '').toUpperCase() }),
      };
    }
  }
  const printsJson = Boolean(flags.json);
  flags.json = { summary: 'Format output as json.', helpGroup: 'GLOBAL' };
  const list = (title, entries) => entries.length > 0 && `${title}:\n\n${entries.map(({ word, text }) => `- ${word}: ${text}`).join('\n')}`;
  return {
    name,
    summary: `${help.split('\n')[0]}.`,
    description: [list('Arguments', args), list('Exit status', statuses)].filter(Boolean).join('\n\n'),
    usage: `sfcred ${help.match(/^Usage: sfcred (.*)$/m)[1].replace('[OPTIONS]', '[FLAGS]')}`,
    // `-o` is another option here.
    examples: examples.filter(({ word }) => word.includes('sfcred ') && !/^sfcred .* -o /.test(word)).map(({ word }) => inSf(word)),
    flags,
    printsJson,
  };
}

const commands = ['lint', 'trace', 'diagnose', 'explain', 'rules', 'pull', 'new', 'migrate'].map(command);
const plugin = write(
  '03-sf-sfcred',
  {
    name: 'sf-sfcred',
    ...common,
    description: `${field('description')}, as a plugin for the Salesforce CLI`,
    keywords: ['force', 'salesforce', 'salesforcedx', 'sf', 'sf-plugin', 'sfdx', 'sfdx-plugin'],
    type: 'module',
    files: ['commands.js', 'commands.json', 'oclif.manifest.json'],
    engines: { node: '>=20' },
    dependencies: { '@oclif/core': '^4', sfcred: version },
    oclif: {
      bin: 'sf',
      commands: { strategy: 'explicit', target: './commands.js', identifier: 'COMMANDS' },
      topicSeparator: ' ',
      flexibleTaxonomy: true,
      topics: { sfcred: { description: 'Find out why a Salesforce credential setup does not work.' } },
    },
  },
  ['packages/sf-plugin/commands.js', 'packages/sf-plugin/README.md'],
);
writeFileSync(join(plugin, 'commands.json'), `${JSON.stringify(commands, undefined, 2)}\n`);
// The Salesforce CLI reads this instead of loading the plugin.
const flagOf = (flag, { value, ...rest }) => ({
  ...rest,
  name: flag,
  type: value ? 'option' : 'boolean',
  ...(value ? { helpValue: `<${value}>`, hasDynamicHelp: false, multiple: false } : { allowNo: false }),
});
writeFileSync(
  join(plugin, 'oclif.manifest.json'),
  `${JSON.stringify(
    {
      version,
      commands: Object.fromEntries(
        commands.map(({ name, flags, summary, description, usage, examples }) => [
          `sfcred:${name}`,
          {
            id: `sfcred:${name}`,
            aliases: [],
            hiddenAliases: [],
            args: {},
            summary,
            description,
            usage,
            examples,
            flags: Object.fromEntries(Object.entries(flags).map(([flag, definition]) => [flag, flagOf(flag, definition)])),
            hasDynamicHelp: false,
            pluginName: 'sf-sfcred',
            pluginType: 'core',
            strict: false,
            enableJsonFlag: false,
            isESM: true,
            relativePath: ['commands.js'],
          },
        ]),
      ),
    },
    undefined,
    2,
  )}\n`,
);

const eslint = write(
  '03-eslint-plugin-sfcred',
  {
    name: 'eslint-plugin-sfcred',
    ...common,
    description: `${field('description')}, as a plugin for ESLint and Salesforce Code Analyzer`,
    keywords: ['eslint', 'eslintplugin', 'eslint-plugin', ...keywords],
    main: 'index.js',
    files: ['index.js', 'rules.json'],
    engines: { node: '>=18' },
    peerDependencies: { eslint: '>=9' },
    dependencies: { sfcred: version },
  },
  ['packages/eslint/index.js', 'packages/eslint/README.md'],
);
const rules = JSON.parse(ask('rules', '--json')).rules.map(({ name, severity, summary }) => ({ name, severity, summary }));
writeFileSync(join(eslint, 'rules.json'), `${JSON.stringify(rules, undefined, 2)}\n`);

console.log(readdirSync(folder).join('\n'));
