import { Tokenizer, TokenType } from '@streamparser/json';

/** Names under which exports and responses of shops have their list of products. */
const listNames = new Set([
  'products',
  'items',
  'data',
  'results',
  'edges',
  'nodes',
  'hits',
  'offers',
  'articles',
  'rows',
]);

/** The path of the list of products in the beginning of a JSON document: '' if the document is the list; null if the document is one product. */
export function productListIn(head: string): string | null {
  if (
    head
      .replace(/^\uFEFF/, '')
      .trimStart()
      .startsWith('[')
  )
    return '';
  const keys: string[] = [];
  let key = '';
  let list: string | null = null;
  let opened: 'list' | 'other' = 'other';
  const tokenizer = new Tokenizer();
  tokenizer.onError = () => undefined;
  tokenizer.onToken = ({ token, value }) => {
    if (list !== null) return;
    if (token === TokenType.STRING) key = String(value);
    if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) {
      const within = keys.slice(1);
      if (token === TokenType.LEFT_BRACE && opened === 'list' && listNames.has(within.at(-1) ?? ''))
        list = within.join('.');
      keys.push(key);
      key = '';
    }
    if (token === TokenType.RIGHT_BRACE || token === TokenType.RIGHT_BRACKET) keys.pop();
    opened = token === TokenType.LEFT_BRACKET ? 'list' : 'other';
  };
  try {
    tokenizer.write(head);
  } catch {
    // The head ends within the document; a fault in it is reported by the parser.
  }
  return list;
}
