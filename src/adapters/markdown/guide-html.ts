/** Markdown of this project as HTML: what is HTML in it is shown, not obeyed, and only known addresses are links. */
import { Marked, type Tokens } from 'marked';

export interface GuideHtml {
  /** The first heading, as text. */
  readonly title: string;
  /** All but the first heading. Needs a style and nothing else. */
  readonly html: string;
}

/** Where a link of the file leads on the server; null: nowhere, its words stay. */
export type AddressOf = (link: string) => string | null;

const named: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => named[character] ?? character);

/** GitHub's Markdown (tables, fenced code). Headings have the ids that GitHub gives them, so that links work in both places. */
export function guideHtml(markdown: string, addressOf: AddressOf): GuideHtml {
  let title = '';
  const ids = new Map<string, number>();
  const marked = new Marked({ gfm: true });
  marked.use({
    renderer: {
      heading({ tokens, depth, text }: Tokens.Heading) {
        if (depth === 1 && title === '') {
          title = plain(text);
          return '';
        }
        return `<h${depth} id="${escaped(idOf(text, ids))}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      html: ({ text }: Tokens.HTML | Tokens.Tag) => escaped(text),
      image: ({ text }: Tokens.Image) => escaped(text),
      link({ href, tokens }: Tokens.Link) {
        const words = this.parser.parseInline(tokens);
        const address = addressOf(href);
        return address === null ? words : `<a href="${escaped(address)}">${words}</a>`;
      },
      code: ({ text }: Tokens.Code) => `<pre tabindex="0"><code>${escaped(text)}</code></pre>\n`,
      table(token: Tokens.Table) {
        const row = (cells: readonly Tokens.TableCell[], tag: 'th' | 'td'): string => {
          const scope = tag === 'th' ? ' scope="col"' : '';
          return `<tr>${cells.map((cell) => `<${tag}${scope}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join('')}</tr>`;
        };
        const body = token.rows.map((cells) => row(cells, 'td')).join('\n');
        return `<div class="wide" tabindex="0"><table>\n<thead>${row(token.header, 'th')}</thead>\n<tbody>\n${body}\n</tbody>\n</table></div>\n`;
      },
    },
  });
  const html = marked.parse(markdown, { async: false });
  return { title, html };
}

/** As GitHub makes them: lower case, no punctuation, hyphens, a number where one stands twice. */
function idOf(heading: string, ids: Map<string, number>): string {
  const id = plain(heading)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
  const before = ids.get(id) ?? 0;
  ids.set(id, before + 1);
  return before === 0 ? id : `${id}-${before}`;
}

function plain(heading: string): string {
  return heading.replace(/\[([^\]]+)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '');
}
