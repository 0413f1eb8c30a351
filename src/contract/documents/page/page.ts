/** A reference as one page without scripts: /docs. Its style is a file of its own, because inline styles are not allowed. */
import type { Block, Entry, Reference, Section } from '../reference/reference.ts';
import type { GuidePart } from './guide-page.ts';
import { escapeHtml, inlineHtml } from './markup.ts';

/** `stylePath`: where page-style.ts is served. `guides`: where who is new begins, before all else. */
export function pageOf(
  { title, version, description, sections }: Reference,
  stylePath: string,
  guides: readonly GuidePart[],
): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)} ${escapeHtml(version)}: documents</title>
<link rel="stylesheet" href="${escapeHtml(stylePath)}">
</head>
<body>
<header>
<h1>${escapeHtml(title)} <small>${escapeHtml(version)}</small></h1>
<p>${inlineHtml(description)}</p>
<dl class="guides" aria-label="Guides">
${guides.map(guidesOf).join('\n')}
</dl>
</header>
<nav aria-label="Contents">
${sections.map(contentsOf).join('\n')}
</nav>
<main>
${sections.map(sectionOf).join('\n')}
</main>
</body>
</html>
`;
}

function guidesOf({ title, guides }: GuidePart): string {
  const links = guides.map(
    (guide) => `<a href="${escapeHtml(guide.address)}">${escapeHtml(guide.title)}</a>`,
  );
  return `<div><dt>${escapeHtml(title)}</dt><dd>${links.join(' ')}</dd></div>`;
}

function contentsOf({ id, title, entries }: Section): string {
  if (entries.length === 0) return `<p>${linkTo(id, title)}</p>`;
  const items = entries.map((entry) => `<li>${linkTo(entry.id, entry.title)}</li>`);
  return `<details>
<summary>${linkTo(id, title)} <small>${entries.length}</small></summary>
<ul>
${items.join('\n')}
</ul>
</details>`;
}

function linkTo(id: string, title: string): string {
  return `<a href="#${escapeHtml(id)}">${escapeHtml(title)}</a>`;
}

function sectionOf({ id, title, blocks, entries }: Section): string {
  return `<section id="${escapeHtml(id)}">
<h2>${escapeHtml(title)}</h2>
${[...blocks.map(blockOf), ...entries.map(entryOf)].join('\n')}
</section>`;
}

/** A fragment that names a closed entry opens it: browsers do so for what lies inside, hence the inner id. */
function entryOf({ id, title, summary, blocks }: Entry): string {
  return `<details class="entry">
<summary><code>${escapeHtml(title)}</code> <span>${inlineHtml(summary)}</span></summary>
<div id="${escapeHtml(id)}">
${blocks.map(blockOf).join('\n')}
</div>
</details>`;
}

function blockOf(block: Block): string {
  switch (block.kind) {
    case 'text':
      return `<p>${inlineHtml(block.text)}</p>`;
    case 'list':
      return `<ul>\n${block.items.map((item) => `<li>${inlineHtml(item)}</li>`).join('\n')}\n</ul>`;
    case 'table':
      return tableOf(block.head, block.rows);
    case 'code':
      return `<figure><figcaption>${inlineHtml(block.label)}</figcaption><pre tabindex="0"><code>${escapeHtml(block.text)}</code></pre></figure>`;
  }
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const heads = head.map((cell) => `<th scope="col">${inlineHtml(cell)}</th>`).join('');
  const lines = rows.map((row) => `<tr>${row.map((cell) => `<td>${inlineHtml(cell)}</td>`).join('')}</tr>`);
  return `<div class="wide" tabindex="0"><table>
<thead><tr>${heads}</tr></thead>
<tbody>
${lines.join('\n')}
</tbody>
</table></div>`;
}
