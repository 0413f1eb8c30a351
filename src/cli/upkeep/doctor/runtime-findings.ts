/** What `parley doctor` says about this machine: Node, files, disk, the port. */
import { access, constants, statfs } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import { freePort } from '../../../adapters/embedded/free-port.ts';
import { sentenceOf } from '../../failure.ts';
import { bytesInWords, type Finding } from './finding.ts';

/** One socket is one file: below this a node cannot hold the thousands it is made for. */
const openFilesMin = 65_536;
/** Uploads and the embedded servers write there; below this the next day is in doubt, below the other the next minute. */
const diskBytesLow = 5_000_000_000;
const diskBytesMin = 200_000_000;
/** Also of a large disk: file systems become slow when they are nearly full. */
const diskShareLow = 0.1;
const answerMsMax = 2_000;

export function checkRuntime(): readonly Finding[] {
  const version = process.versions.node;
  const isSupported = ['20', '22'].includes(version.split('.')[0] ?? '');
  const machine = `${cpus().length} CPUs with ${bytesInWords(totalmem())} of memory`;
  const node: Finding = isSupported
    ? { check: 'node', status: 'ok', found: `${version} on ${machine}` }
    : { check: 'node', status: 'fail', found: version, remedy: 'install Node 20 or 22' };
  return [node, checkOpenFiles()];
}

function checkOpenFiles(): Finding {
  const check = 'open files';
  const report = process.report?.getReport() as
    | { userLimits?: { open_files?: { soft?: unknown } } }
    | undefined;
  const soft = report?.userLimits?.open_files?.soft;
  if (soft === 'unlimited') return { check, status: 'ok', found: 'unlimited' };
  if (typeof soft !== 'number') return { check, status: 'warn', found: 'unknown', remedy: 'see `ulimit -n`' };
  if (soft >= openFilesMin) return { check, status: 'ok', found: String(soft) };
  const remedy = `one socket is one file: raise it (ulimit -n ${openFilesMin}, or LimitNOFILE= of systemd)`;
  return { check, status: 'warn', found: String(soft), remedy };
}

/** May this user write there, and is there space? */
export async function checkDataDir(dataDir: string): Promise<readonly Finding[]> {
  const check = 'data directory';
  const disk = await checkDisk(await nearestFolder(resolve(dataDir)));
  try {
    await access(dataDir, constants.R_OK | constants.W_OK);
    return [{ check, status: 'ok', found: dataDir }, disk];
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    if (isMissing) return [{ check, status: 'ok', found: `${dataDir} (made at the first start)` }, disk];
    const remedy = 'give it to this user, or set DATA_DIR';
    return [{ check, status: 'fail', found: sentenceOf(error), remedy }, disk];
  }
}

/** The folder itself, or the one that it would be made in. */
async function nearestFolder(path: string): Promise<string> {
  for (let folder = path; ; folder = dirname(folder)) {
    const isThere = await access(folder).then(
      () => true,
      () => false,
    );
    if (isThere || folder === dirname(folder)) return folder;
  }
}

async function checkDisk(folder: string): Promise<Finding> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return diskFinding(bavail * bsize, blocks * bsize);
}

export function diskFinding(freeBytes: number, bytes: number): Finding {
  const check = 'disk';
  const found = `${bytesInWords(freeBytes)} of ${bytesInWords(bytes)} are free`;
  const remedy = 'make room, or set DATA_DIR: uploads and the servers of `parley dev` write there';
  if (freeBytes < diskBytesMin) return { check, status: 'fail', found, remedy };
  if (freeBytes < diskBytesLow || freeBytes < bytes * diskShareLow)
    return { check, status: 'warn', found, remedy };
  return { check, status: 'ok', found };
}

/** Is it free, or is it a node of Parley that listens there? */
export async function checkPort(host: string, port: number): Promise<Finding> {
  const check = 'port';
  const place = `${host}:${port}`;
  if (port === 0) return { check, status: 'ok', found: 'any that is free' };
  if ((await freePort(port, host)) === port) return { check, status: 'ok', found: `${place} is free` };
  // What listens on all addresses answers on this one.
  const at = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const answer = await ask(`http://${at.includes(':') ? `[${at}]` : at}:${port}`);
  if (answer !== null) return { check, status: 'ok', found: `a node listens on ${place}: ${answer}` };
  const remedy = 'stop what listens there, or set PORT; below 1024 a node needs CAP_NET_BIND_SERVICE';
  return { check, status: 'warn', found: `${place} is taken, and not by a node that speaks HTTP`, remedy };
}

/** What /readyz of a node says; null when it is none. */
async function ask(url: string): Promise<string | null> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(answerMsMax) });
    const { status } = (await response.json()) as { readonly status?: unknown };
    return typeof status === 'string' ? status : null;
  } catch {
    return null;
  }
}
