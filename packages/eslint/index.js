// ESLint rules for Salesforce credentials, one for each rule of sfcred. sfcred compares files with each other, so it lints the
// whole project; the result is kept, and each file gets the findings that are in it. Code Analyzer runs this plugin, too.
'use strict';

const { spawnSync } = require('node:child_process');
const { readFileSync, realpathSync, statSync } = require('node:fs');
const { isAbsolute, join, relative, resolve } = require('node:path');
const { program } = require('sfcred');
const { version } = require('./package.json');
const rules = require('./rules.json');

/** A result is used this long without looking again: the editor may have changed another file. */
const FRESH = 5000;

const language = {
  fileType: 'text',
  lineStart: 1,
  columnStart: 1,
  nodeTypeKey: 'type',
  validateLanguageOptions() {},
  parse: (file) => ({ ok: true, ast: { type: 'File', text: String(file.body) } }),
  createSourceCode: (file, { ast }) => ({
    ast,
    text: ast.text,
    lines: ast.text.split(/\r?\n/),
    hasBOM: Boolean(file.bom),
    getLoc: () => ({ start: { line: 1, column: 1 }, end: { line: 1, column: 1 } }),
    getRange: () => [0, ast.text.length],
    getParent: () => undefined,
    getAncestors: () => [],
    getText: () => ast.text,
    traverse: () => [1, 2].map((phase) => ({ type: 'visit', kind: 1, target: ast, phase, args: [ast, null] })),
    applyLanguageOptions() {},
    applyInlineConfig: () => ({ configs: [], problems: [] }),
    getInlineConfigNodes: () => [],
    getDisableDirectives: () => ({ directives: [], problems: [] }),
    finalize() {},
  }),
};

const real = (path) => {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
};

/** Runs sfcred, and sorts its findings by file. */
function lint(folder, args, input) {
  const options = { cwd: folder, input, encoding: 'utf8', maxBuffer: 1 << 30, env: { ...process.env, SFCRED_INSTALLED_BY: 'ESLint plugin' } };
  const { error, status, stdout, stderr } = spawnSync(program(), ['lint', '--json', ...args], options);
  if (error) throw new Error(`sfcred cannot be started: ${error.message}`);
  if (status !== 0 && status !== 1) {
    // A file that is not part of a Salesforce project.
    if (/^error: nothing to lint/.test(stderr)) return new Map();
    throw new Error(`sfcred could not run: ${stderr.trim()}`);
  }
  const found = new Map();
  for (const finding of JSON.parse(stdout).findings) {
    const file = real(resolve(folder, finding.file));
    if (!found.has(file)) found.set(file, []);
    found.get(file).push(finding);
  }
  return found;
}

const projects = new Map();

/** The findings in a file, in the state in which ESLint has it. */
function findings(context) {
  const { paths = ['.'], args = [] } = context.settings?.sfcred ?? {};
  const folder = context.cwd;
  const file = real(context.physicalFilename ?? context.filename);
  const inside = relative(real(folder), file);
  if (inside.startsWith('..') || isAbsolute(inside)) return [];
  const key = JSON.stringify([folder, paths, args]);
  let text;
  try {
    text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch {
    return [];
  }
  if (text !== context.sourceCode.text) {
    // The editor has changes that are not saved.
    const all = lint(folder, [...args, '--stdin-path', inside, '--', ...paths, '-'], context.sourceCode.text);
    return all.get(file) ?? [];
  }
  const known = projects.get(key);
  const now = Date.now();
  const isFresh = known && now - known.at < Math.max(FRESH, 10 * known.took) && statSync(file).mtimeMs < known.at;
  if (isFresh) return known.found.get(file) ?? [];
  const found = lint(folder, [...args, '--', ...paths]);
  projects.set(key, { at: now, took: Date.now() - now, found });
  return found.get(file) ?? [];
}

const places = ({ related }) => related.map(({ file, line, message }) => `; ${join(file)}:${line}: ${message}`).join('');

const rule = ({ name, summary }) => ({
  meta: {
    type: 'problem',
    docs: { description: summary, url: `https://github.com/sfcred/sfcred/blob/v${version}/rules/${name}.md` },
    schema: [],
  },
  create: (context) => ({
    File() {
      for (const finding of findings(context)) {
        if (finding.rule !== name) continue;
        context.report({
          message: '{{ text }}',
          data: { text: `${finding.message}${places(finding)}${finding.help ? ` (${finding.help})` : ''}` },
          loc: {
            start: { line: finding.line ?? 1, column: finding.column ?? 1 },
            end: { line: finding.end_line ?? finding.line ?? 1, column: finding.end_column ?? finding.column ?? 1 },
          },
        });
      }
    },
  }),
});

const plugin = {
  meta: { name: 'eslint-plugin-sfcred', version },
  languages: { metadata: language },
  rules: Object.fromEntries(rules.map((definition) => [definition.name, rule(definition)])),
  configs: {},
};

// The severities are those of sfcred; a note is a warning.
plugin.configs.recommended = {
  name: 'sfcred/recommended',
  files: ['**/*-meta.xml', '**/*.crt', '**/*.cls', '**/*.trigger', '**/*.{namedCredential,externalCredential,connectedApp,permissionset}'],
  plugins: { sfcred: plugin },
  language: 'sfcred/metadata',
  rules: Object.fromEntries(rules.map(({ name, severity }) => [`sfcred/${name}`, severity === 'error' ? 'error' : 'warn'])),
};

module.exports = plugin;
