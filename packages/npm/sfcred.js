#!/usr/bin/env node
// Starts the program, which is in an optional package for each system, such as `@sfcred/cli-linux-x64`. There is no install
// script: npm chooses the package by `os`, `cpu` and `libc`. Other packages use `program` and `run`.
'use strict';

const { spawn } = require('node:child_process');
const { constants } = require('node:os');
const own = require('./package.json');

const advice = `run \`npm install sfcred@${own.version}\` again, without \`--omit=optional\``;

/** The path of the program: `SFCRED_BINARY`, or that of the package for this system. */
function program() {
  if (process.env.SFCRED_BINARY) return process.env.SFCRED_BINARY;
  const system = `${process.platform}-${process.arch}`;
  const packages = own.optionalDependencies ?? {};
  // The static program for musl runs on any Linux, so it comes first where npm has installed both.
  const names = [`@sfcred/cli-${system}-musl`, `@sfcred/cli-${system}`].filter((name) => packages[name]);
  if (names.length === 0) {
    throw new Error(
      `sfcred ${own.version} has no package for ${system}; build it with \`cargo install --locked --git https://github.com/sfcred/sfcred --tag v${own.version}\`, and set SFCRED_BINARY to its path to use it here`,
    );
  }
  for (const name of names) {
    let found;
    try {
      found = require(`${name}/package.json`);
    } catch {
      continue;
    }
    if (found.version !== own.version) {
      throw new Error(
        `the package \`${name}\` has version ${found.version}, but \`sfcred\` has version ${own.version}, so a lock file or a cache mixes two versions; ${advice}`,
      );
    }
    return require.resolve(`${name}/${process.platform === 'win32' ? 'sfcred.exe' : 'sfcred'}`);
  }
  throw new Error(
    `the package \`${names.at(-1)}\` with the program is not installed; ${advice}. If the lock file was created on another system, delete \`node_modules\` and the lock file first`,
  );
}

/**
 * Runs the program and passes signals on. Resolves to its exit status, or to a signal that ended it: `{ status, signal }`.
 * `installed` is what `sfcred --version` names as the origin.
 */
function run(args, { stdio = 'inherit', installed = 'npm', env = {}, onStart } = {}) {
  return new Promise((resolve, reject) => {
    const variables = { ...process.env, ...env, SFCRED_INSTALLED_BY: process.env.SFCRED_INSTALLED_BY || installed };
    const child = spawn(program(), args, { stdio, env: variables, windowsHide: true });
    // A terminal sends Ctrl-C to every process of the group, so the program has it already.
    const fromTerminal = [0, 1, 2].some((file) => require('node:tty').isatty(file));
    const handlers = ['SIGINT', 'SIGTERM', 'SIGHUP'].map((signal) => [
      signal,
      () => {
        if (signal !== 'SIGINT' || !fromTerminal) child.kill(signal);
      },
    ]);
    for (const [signal, handler] of handlers) process.on(signal, handler);
    const end = () => handlers.forEach(([signal, handler]) => process.off(signal, handler));
    child.on('error', (error) => {
      end();
      reject(new Error(`cannot start \`${child.spawnfile}\`: ${error.message}`));
    });
    child.on('close', (status, signal) => {
      end();
      resolve({ status, signal });
    });
    onStart?.(child);
  });
}

/** Ends this process as the program ended. */
function endAs({ status, signal }) {
  if (signal) {
    process.kill(process.pid, signal);
    // For signals that do not end this process, and for Windows.
    process.exitCode = 128 + (constants.signals[signal] ?? 0);
  } else {
    process.exitCode = status;
  }
}

module.exports = { program, run, endAs };

if (require.main === module) {
  run(process.argv.slice(2)).then(endAs, (error) => {
    console.error(`error: ${error.message}`);
    process.exitCode = 2;
  });
}
