/** A guide as a page without scripts, in the frame that all of them share: /docs/guides/… */
import { escapeHtml } from './markup.ts';

export interface GuideLink {
  readonly title: string;
  readonly address: string;
}

export interface GuidePart {
  readonly title: string;
  readonly guides: readonly GuideLink[];
}

export interface GuidePage {
  readonly title: string;
  /** What the page says; trusted HTML. */
  readonly html: string;
  /** All guides, by their part. */
  readonly parts: readonly GuidePart[];
  /** Address of this one. */
  readonly address: string;
}

/** `stylePath`: where page-style.ts is served. */
export function guidePageOf({ title, html, parts, address }: GuidePage, stylePath: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}: Parley</title>
<link rel="stylesheet" href="${escapeHtml(stylePath)}">
</head>
<body>
<header>
<p><a href="/docs">Reference of every operation, frame and subject</a></p>
<h1>${escapeHtml(title)}</h1>
</header>
<nav aria-label="Guides">
${parts.map((part) => partOf(part, address)).join('\n')}
</nav>
<main class="guide">
${html}
</main>
</body>
</html>
`;
}

function partOf({ title, guides }: GuidePart, address: string): string {
  const items = guides.map((guide) => {
    const current = guide.address === address ? ' aria-current="page"' : '';
    return `<li><a href="${escapeHtml(guide.address)}"${current}>${escapeHtml(guide.title)}</a></li>`;
  });
  return `<h2>${escapeHtml(title)}</h2>\n<ul>\n${items.join('\n')}\n</ul>`;
}
