import sax from 'sax';
import { type ReadRow, type Row, recordCharactersMax } from './rows.js';

/** Elements that are one product each: RSS, Atom, BMEcat 2005 and 1.2, and the usual names of other feeds. */
const itemNames = new Set([
  'item',
  'entry',
  'PRODUCT',
  'ARTICLE',
  'product',
  'Product',
  'offer',
  'article',
  'SHOPITEM',
  'row',
]);
/** Leaf elements before the products, such as the currency of a BMEcat header, that are kept for the rows. */
const documentFieldsMax = 500;

/** The name under which a row has the leaf elements that stand before the products: `@document.CURRENCY`. */
const documentField = '@document';

interface Open {
  readonly name: string;
  text: string;
  fields: Record<string, unknown> | null;
}

/**
 * The products of an XML feed, one row an element `item`, `entry`, `PRODUCT` … or of the name `element`. Children become fields by their
 * local name (`g:price` is `price`), attributes fields that begin with `@`, repeated children a list; the text of an element
 * that has attributes or children is its field `#text`. Rejects if the document is not well-formed or has no such element.
 */
export async function* readXml(
  name: string,
  text: AsyncIterable<string>,
  element?: string,
): AsyncGenerator<ReadRow> {
  const parser = sax.parser(true, { position: true });
  const found: ReadRow[] = [];
  const document: Record<string, unknown> = {};
  const open: Open[] = [];
  let fault: Error | null = null;
  let depthOfItem = -1;
  let size = 0;
  let items = 0;
  let root = '';
  const isItem = (local: string) => (element === undefined ? itemNames.has(local) : local === element);

  parser.onerror = (error) => {
    fault ??= error;
  };
  parser.onopentag = ({ name: qualified, attributes }) => {
    const local = localOf(qualified);
    root ||= local;
    let fields: Record<string, unknown> | null = null;
    for (const [key, value] of Object.entries(attributes)) {
      if (/^xmlns(?::|$)/.test(key)) continue;
      fields ??= {};
      fields[`@${localOf(key)}`] = String(value);
    }
    if (depthOfItem < 0 && isItem(local)) {
      depthOfItem = open.length;
      size = 0;
      fields ??= {};
    }
    open.push({ name: local, text: '', fields });
  };
  const addText = (more: string) => {
    const current = open.at(-1);
    size += more.length;
    if (current && size <= recordCharactersMax) current.text += more;
  };
  parser.ontext = addText;
  parser.oncdata = addText;
  parser.onclosetag = () => {
    const closed = open.pop();
    if (!closed) return;
    const value = contentOf(closed);
    if (open.length === depthOfItem) {
      depthOfItem = -1;
      items++;
      const line = parser.line + 1;
      if (size > recordCharactersMax) {
        found.push({ line, error: `the element is over ${recordCharactersMax} characters long` });
      } else {
        const row = typeof value === 'object' ? value : {};
        found.push({ line, row: { ...row, [documentField]: document } as Row });
      }
    } else if (depthOfItem >= 0) {
      const parent = open.at(-1)!;
      parent.fields ??= {};
      addField(parent.fields, closed.name, value);
    } else {
      if (typeof value === 'string' && value !== '' && Object.keys(document).length < documentFieldsMax) {
        document[closed.name] ??= value;
      }
      size = 0;
    }
  };
  for await (const chunk of text) {
    parser.write(chunk);
    if (fault !== null) throw damaged(name, fault);
    yield* found.splice(0);
  }
  parser.close();
  if (fault !== null) throw damaged(name, fault);
  yield* found;
  if (items === 0) {
    const wanted = element === undefined ? [...itemNames].slice(0, 5).join(', ') : element;
    throw new Error(
      `${name} is XML with the root <${root}> and has no element ${wanted}; name the element of a product with "element" in the mapping`,
    );
  }
}

function localOf(qualified: string): string {
  return qualified.slice(qualified.indexOf(':') + 1);
}

function contentOf({ text, fields }: Open): string | Record<string, unknown> {
  const trimmed = text.trim();
  if (fields === null) return trimmed;
  if (trimmed !== '') fields['#text'] = trimmed;
  return fields;
}

function addField(fields: Record<string, unknown>, name: string, value: unknown): void {
  if (!Object.hasOwn(fields, name)) fields[name] = value;
  else if (Array.isArray(fields[name])) fields[name].push(value);
  else fields[name] = [fields[name], value];
}

function damaged(name: string, fault: Error): Error {
  const [message = '', line = ''] = fault.message.split('\n');
  const at = /\d+/.exec(line)?.[0];
  return new Error(
    `${name} is no well-formed XML${at === undefined ? '' : ` (line ${Number(at) + 1})`}: ${message}`,
    { cause: fault },
  );
}
