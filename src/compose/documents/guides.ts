/** Which guides there are, and where each stands in the package: kept beside what it tells of, served below /docs/guides. */
import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { guideHtml } from '../../adapters/markdown/guide-html.ts';
import { packagePath } from '../../config/package-path.ts';
import { type GuidePart, guidePageOf } from '../../contract/documents/page/guide-page.ts';
import { type Guide, stylePath } from '../../ops/documents.ts';

const guidesPath = '/docs/guides';

/** Name in the address, file in the package; the first of all is the one that /docs/guides shows. */
const parts: readonly { readonly title: string; readonly files: readonly (readonly [string, string])[] }[] = [
  {
    title: 'Begin',
    files: [
      ['concepts', 'src/guides/concepts.md'],
      ['console', 'src/guides/console.md'],
      ['clients', 'src/guides/clients.md'],
      ['agents', 'src/guides/agents.md'],
      ['nats', 'src/guides/nats.md'],
      ['security', 'src/guides/security.md'],
    ],
  },
  {
    title: 'APIs',
    files: [
      ['protocol', 'schemas/PROTOCOL.md'],
      ['problems', 'schemas/problems.md'],
      ['native', 'src/dialects/native/README.md'],
      ['symbia', 'src/dialects/symbia/README.md'],
      ['vero', 'src/dialects/vero/README.md'],
      ['elizaos', 'src/dialects/eliza/README.md'],
      ['general-bots', 'src/dialects/generalbots/README.md'],
      ['v2', 'src/dialects/v2/README.md'],
      ['administration', 'src/dialects/admin/README.md'],
      ['webhooks', 'src/dialects/webhooks/README.md'],
    ],
  },
  {
    title: 'Move here',
    files: [
      ['from-symbia', 'src/guides/from-symbia.md'],
      ['from-vero', 'src/guides/from-vero.md'],
      ['from-elizaos', 'src/guides/from-elizaos.md'],
      ['from-general-bots', 'src/guides/from-general-bots.md'],
      ['from-v2', 'src/guides/from-v2.md'],
      ['import', 'src/guides/import.md'],
    ],
  },
  {
    title: 'Run it',
    files: [
      ['deployment', 'deploy/README.md'],
      ['operations', 'deploy/operations.md'],
      ['configuration', 'schemas/config.md'],
      ['metrics', 'schemas/metrics.md'],
      ['log', 'schemas/log.md'],
      ['command-line', 'schemas/cli.md'],
      ['backup', 'deploy/backup.md'],
    ],
  },
];

/** All of them. Each is read and rendered when it is asked for first; their titles are read now. */
export function openGuides(): readonly Guide[] {
  const listed = listedGuides();
  const all = listed.flatMap(({ guides }) => guides);
  const addresses = new Map(all.map(({ file, address }) => [file, address]));
  return all.map(({ name, file, title, address }) => ({
    name,
    html: () => {
      const html = guideHtml(readGuide(file), (link) => addressOf(link, file, addresses));
      return guidePageOf({ title, html, parts: listed, address }, stylePath);
    },
  }));
}

/** Titles and addresses of all of them, in their parts. */
export function guideParts(): readonly GuidePart[] {
  return listedGuides();
}

function listedGuides() {
  return parts.map(({ title, files }) => ({
    title,
    guides: files.map(([name, file]) => ({
      name,
      file,
      title: titleOf(file),
      address: `${guidesPath}/${name}`,
    })),
  }));
}

/** Files of all guides, relative to the package. */
export function guideFiles(): readonly string[] {
  return parts.flatMap(({ files }) => files.map(([, file]) => file));
}

function readGuide(file: string): string {
  return readFileSync(packagePath(file), 'utf8');
}

function titleOf(file: string): string {
  return /^# (.+)$/m.exec(readGuide(file))?.[1]?.replaceAll('`', '') ?? file;
}

/** Links between files of the package become links between pages; a file that is no guide has no address. */
function addressOf(link: string, file: string, addresses: ReadonlyMap<string, string>): string | null {
  if (/^(https?:\/\/|#|\/)/.test(link)) return link;
  const [path = '', fragment] = link.split('#');
  const address = addresses.get(posix.normalize(posix.join(posix.dirname(file), path)));
  if (address === undefined) return null;
  return fragment === undefined ? address : `${address}#${fragment}`;
}
