/** Markdown of this project as HTML: what is HTML in it is shown, not obeyed, and only known addresses are links. */
import { Marked, type Tokens } from 'marked';
import { escapeHtml } from '../../contract/documents/page/markup.ts';

/** Where a link of the file leads on the server; null: nowhere, its words stay. */
export type AddressOf = (link: string) => string | null;

/**
 * GitHub's Markdown (tables, fenced code) as HTML that needs a style and nothing else. The first heading is left out: the page
 * has it as its title. Others have the ids that GitHub gives them, so that links work in both places.
 */
export function guideHtml(markdown: string, addressOf: AddressOf): string {
  let isTitled = false;
  const ids = new Map<string, number>();
  const marked = new Marked({ gfm: true });
  marked.use({
    renderer: {
      heading({ tokens, depth, text }: Tokens.Heading) {
        if (depth === 1 && !isTitled) {
          isTitled = true;
          return '';
        }
        return `<h${depth} id="${escapeHtml(idOf(text, ids))}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      html: ({ text }: Tokens.HTML | Tokens.Tag) => escapeHtml(text),
      image: ({ text }: Tokens.Image) => escapeHtml(text),
      link({ href, tokens }: Tokens.Link) {
        const words = this.parser.parseInline(tokens);
        const address = addressOf(href);
        return address === null ? words : `<a href="${escapeHtml(address)}">${words}</a>`;
      },
      code: ({ text }: Tokens.Code) => `<pre tabindex="0"><code>${escapeHtml(text)}</code></pre>\n`,
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
  return marked.parse(markdown, { async: false });
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
