import { Parser } from 'htmlparser2';

/** Elements whose content is no text of a product. */
const dropped = new Set([
  'script',
  'style',
  'noscript',
  'iframe',
  'object',
  'svg',
  'template',
  'head',
  'select',
  'textarea',
  'button',
]);
/** Elements that begin a paragraph. */
const paragraphs = new Set([
  'p',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'ul',
  'ol',
  'dl',
  'table',
  'blockquote',
  'pre',
]);
/** Elements that begin a line. */
const lines = new Set([
  'div',
  'li',
  'tr',
  'br',
  'hr',
  'dt',
  'dd',
  'section',
  'article',
  'header',
  'footer',
  'figure',
  'figcaption',
  'main',
  'aside',
  'address',
  'center',
]);

const markup = /<\/?[a-z][a-z\d-]*(?:\s[^<>]*)?\/?>|<!--|<!\[CDATA\[/i;
const entity = /&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});/i;

/** True if a text has markup or entities of HTML. */
function isHtml(text: string): boolean {
  return markup.test(text) || entity.test(text);
}

/**
 * The text of HTML, without scripts, styles and addresses: a blank line before a paragraph, a line for each item and row. Text that has
 * neither markup nor entities is returned as it is.
 */
export function textOfHtml(text: string): string {
  if (!isHtml(text)) return text;
  const hasMarkup = markup.test(text);
  const parts: string[] = [];
  let skipped = 0;
  let breaks = 0;
  let blank = true;
  const write = (more: string) => {
    if (breaks > 0 && parts.length > 0) parts.push(parts.pop()!.trimEnd(), '\n'.repeat(Math.min(breaks, 2)));
    breaks = 0;
    parts.push(more);
    blank = /\s/.test(more.at(-1)!);
  };
  const newLine = (count: number) => {
    breaks = Math.max(breaks, count);
    blank = true;
  };
  const open = (name: string) => {
    if (dropped.has(name)) skipped++;
    else if (paragraphs.has(name)) newLine(2);
    else if (lines.has(name)) newLine(1);
    else if ((name === 'td' || name === 'th') && !blank) write(' ');
    if (name === 'li') write('- ');
  };
  const parser = new Parser(
    {
      onopentagname: open,
      onclosetag(name) {
        if (dropped.has(name)) skipped--;
        else if (paragraphs.has(name)) newLine(2);
        else if (lines.has(name) && name !== 'br') newLine(1);
      },
      ontext(more) {
        if (skipped > 0) return;
        // A line break in markup is a blank; in a text that only has entities it is its own.
        const flowing = hasMarkup ? more.replace(/\s+/g, ' ') : more.replace(/\u00A0/g, ' ');
        const kept = blank && hasMarkup ? flowing.trimStart() : flowing;
        if (kept !== '') write(kept);
      },
    },
    { decodeEntities: true, recognizeCDATA: true },
  );
  parser.end(text);
  return parts.join('').trim();
}

/** The text of a description: of HTML, or of the blocks of an editor's JSON (`{ "blocks": [{ "data": { "text": … } }] }`). */
export function textOfDescription(text: string): string {
  if (!/^\s*\{.*"blocks"/s.test(text)) return textOfHtml(text);
  try {
    const {
      blocks,
    }: { blocks?: readonly { readonly data?: { readonly text?: unknown; readonly items?: unknown } }[] } =
      JSON.parse(text);
    const parts = (blocks ?? []).flatMap(({ data }) =>
      Array.isArray(data?.items) ? data.items : [data?.text],
    );
    return parts
      .filter((part) => typeof part === 'string')
      .map(textOfHtml)
      .join('\n\n');
  } catch {
    return textOfHtml(text);
  }
}

/** The same in one line, for titles, names and values. */
export function lineOfHtml(text: string): string {
  return isHtml(text) ? textOfHtml(text).replace(/\s+/g, ' ') : text;
}
