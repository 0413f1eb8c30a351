/** The blocks of one document, run as somebody would paste them: all commands in one shell, in their order. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Block, fileNameOf } from './blocks.ts';
import { before, endless, standIns } from './exceptions.ts';

export interface Place {
  /** Where it is run: what the repository is to a newcomer, with a `.data` of its own. */
  readonly dir: string;
  /** Where the node of the session is: the ports that documents name are rewritten to these. */
  readonly httpPort: number;
  readonly natsPort: number;
  readonly env: Readonly<Record<string, string>>;
}

export interface Outcome {
  readonly code: number;
  readonly stderr: string;
  /** Of each block, by its line: what it printed. */
  readonly printed: ReadonlyMap<number, string>;
  /** The block in which it ended. */
  readonly lastLine: number;
}

/** A document takes some seconds where nothing else runs. */
const sessionMsMax = 180_000;

/** Runs `sh` blocks and saves `js` blocks, which a command runs. */
export async function runSession(blocks: readonly Block[], place: Place): Promise<Outcome> {
  const parts: string[] = [];
  for (const block of blocks) {
    parts.push(`echo; echo '@@ ${block.line}'`);
    if (block.language === 'sh') parts.push(commandsOf(block, place));
    else await saved(block, place);
  }
  const file = blocks[0]?.file;
  const ends = endless.map((one, index) => (one.file === file ? `finish ${index} '${one.shows}'` : ''));
  const path = join(place.dir, 'session.sh');
  await writeFile(path, [prelude(), ...parts, ...ends, ''].join('\n'));
  return await run(path, place);
}

/** Addresses as they are here. */
export function rewritten(text: string, { httpPort, natsPort }: Place): string {
  return text
    .replaceAll(/(127\.0\.0\.1|localhost):(3000|8080)\b/g, `127.0.0.1:${httpPort}`)
    .replaceAll(/127\.0\.0\.1:4222\b/g, `127.0.0.1:${natsPort}`)
    .replaceAll('/opt/parley', '.')
    .replaceAll('/root/', './');
}

function commandsOf(block: Block, place: Place): string {
  const lines = rewritten(block.text, place).split('\n');
  return lines.map((line) => prepared(line, block.file)).join('\n');
}

function prepared(line: string, file: string): string {
  const ends = endless.findIndex((one) => one.file === file && line.startsWith(one.line));
  const ready = endless[ends]?.ready;
  const first = before.find((one) => one.file === file && line.startsWith(one.line));
  const command = ready === undefined ? line : `begin ${ends} '${ready}' ${line}`;
  return first === undefined ? command : `${first.sh}\n${command}`;
}

/** Saved under the name in its first line: a command runs it. */
async function saved(block: Block, place: Place): Promise<void> {
  const name = fileNameOf(block);
  if (name !== null) await writeFile(join(place.dir, name), rewritten(block.text, place));
}

/** Stand-ins, `make` that only looks what it would do, and commands that run until they are ended. */
function prelude(): string {
  const functions = Object.keys(standIns).map((name) => `${name}() { stood_in ${name} "$@"; }`);
  return `set -euo pipefail
make() {
  command make -n "$@" > make.log
  if grep -q 'Nothing to be done' make.log; then echo "make $* does nothing" >&2; exit 1; fi
}
parley() { node dist/src/main.js "$@"; }
stood_in() {
  echo "$1" >> stood-in.log
  if [ -p /dev/stdin ]; then cat > /dev/null; fi
  for word in "$@"; do
    word=\${word#*=}
    case $word in (*deploy/*) [ -e "$word" ] || { echo "$word is not there" >&2; exit 1; };; esac
  done
}
${functions.join('\n')}
wait_for() { for ((i = 0; i < 900; i += 1)); do if grep -q "$2" "$1"; then return; fi; sleep 0.1; done; cat "$1" >&2; return 1; }
begin() {
  local log=endless-$1.log
  "\${@:3}" > "$log" 2>&1 &
  wait_for "$log" "$2"
}
finish() { wait_for "endless-$1.log" "$2"; cat "endless-$1.log"; }`;
}

async function run(path: string, { dir, env }: Place): Promise<Outcome> {
  const child = spawn('bash', [path], { cwd: dir, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
    });
  const end = (): void => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL'); // what it left in the background, too
    } catch {}
  };
  const limit = setTimeout(end, sessionMsMax);
  const closed = once(child, 'close');
  const [code] = (await once(child, 'exit')) as [number | null];
  clearTimeout(limit);
  end();
  await closed; // all that it printed is here
  const printed = new Map<number, string>();
  for (const [, line, said = ''] of `\n${text.stdout}`.matchAll(/\n@@ (\d+)\n([\s\S]*?)(?=\n@@ |$)/g))
    printed.set(Number(line), said);
  const lastLine = [...printed.keys()].at(-1) ?? 0;
  return { code: code ?? 128, stderr: text.stderr.slice(-4_000), printed, lastLine };
}
