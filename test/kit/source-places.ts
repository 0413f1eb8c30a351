/**
 * Names sources in what compiled tests say. Node could do it itself, but then every process of every file reads
 * the maps of all that it loads, and tap asks for the place of each assertion: that is for failures alone.
 */
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { repository } from './temporary.ts';

/** `file:///…/dist/a.js:1:2`, or the path alone: absolute, or below the repository. */
const compiledPlace = /((?:file:\/\/)?(?:\/[^\s():]*\/)?dist\/[^\s():]+\.js):(\d+):(\d+)/g;

/** The text with places of sources (`test/a.test.ts:3:1`) for places of compiled code that has a map. */
export function withSourcePlaces(text: string): string {
  const maps = new Map<string, SourceMap | null>();
  return text.replace(compiledPlace, (place, named: string, line: string, column: string) => {
    if (named.includes('/node_modules/')) return place;
    const path = named.startsWith('file://') ? fileURLToPath(named) : resolve(repository, named);
    const map = maps.get(path) ?? readMap(path);
    maps.set(path, map);
    const entry = map?.findEntry(Number(line) - 1, Number(column) - 1);
    if (entry === undefined || !('originalSource' in entry)) return place;
    const source = relative(repository, resolve(dirname(path), entry.originalSource));
    return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}

function readMap(path: string): SourceMap | null {
  const mapPath = `${path}.map`;
  return existsSync(mapPath) ? new SourceMap(JSON.parse(readFileSync(mapPath, 'utf8'))) : null;
}
