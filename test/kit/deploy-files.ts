/** What lies in deploy/, read as those read it who use it; and the tools that judge it, where this machine has them. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { type Document, parseAllDocuments } from 'yaml';
import { repository } from './temporary.ts';

/** A node of a YAML file: tests look into it and fail where something is missing. */
// biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests are about
export type Yaml = any;

export const deployPath = (path: string): string => join(repository, 'deploy', path);

export const deployText = (path: string): string => readFileSync(deployPath(path), 'utf8');

/** All documents of a file; a mistake or a warning of the parser is an error. */
export function deployYaml(path: string): readonly Yaml[] {
  const documents = parseAllDocuments(deployText(path), { merge: true }) as readonly Document[];
  for (const { errors, warnings } of documents) {
    const [first] = [...errors, ...warnings];
    if (first !== undefined) throw new Error(`${path}: ${first.message}`);
  }
  return documents.map((document) => document.toJS() as Yaml);
}

/** `NAME=value` lines as Compose and systemd read them: single quotes are taken off, what is in them stays. */
export function environmentLines(text: string): Map<string, string> {
  const lines = text.split('\n').filter((line) => /^[A-Z_]+=/.test(line));
  return new Map(
    lines.map((line) => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1).replace(/^'(.*)'$/, '$1')];
    }),
  );
}

/** A program of this machine. `missing`: why what needs it is skipped, false when it is there. */
export function installed(name: string): { readonly path: string; readonly missing: string | false } {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  const path = folders.map((folder) => join(folder, name)).find((one) => existsSync(one));
  return { path: path ?? name, missing: path === undefined ? `${name} is not installed here` : false };
}

const run = promisify(execFile);

/** What a program said, and how it ended. */
export async function judged(
  path: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly said: string }> {
  try {
    const { stdout, stderr } = await run(path, args, { env: { ...process.env, ...env }, timeout: 90_000 });
    return { code: 0, said: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, said: stdout + stderr };
  }
}

const units: Readonly<Record<string, number>> = { '': 1_000, ms: 1, s: 1_000, m: 60_000, min: 60_000 };

/** `70`, `70s`, `1m`: a time of systemd, Compose or Kubernetes. */
export function milliseconds(text: string | number): number {
  const [, count = '', unit = ''] = /^(\d+)(ms|s|m|min)?$/.exec(String(text)) ?? [];
  if (count === '') throw new Error(`no time: ${text}`);
  return Number(count) * (units[unit] ?? Number.NaN);
}
