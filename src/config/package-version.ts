import { readFileSync } from 'node:fs';
import { packagePath } from './package-path.ts';

/** The version in package.json. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as { version: string };
  return version;
}
