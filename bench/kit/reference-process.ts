/** Runs a reference as a process of its own. */
import { fileURLToPath } from 'node:url';
import { type BesideProcess, startBeside } from './beside-process.ts';

/** Starts `bench/references/<name>.js`, which answers orders by IPC. */
export function startReference<Ready>(
  name: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<BesideProcess<Ready>> {
  const script = fileURLToPath(new URL(`../references/${name}.js`, import.meta.url));
  return startBeside<Ready>(`reference ${name}`, script, [], { environment });
}
