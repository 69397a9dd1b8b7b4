import { JSONParser } from '@streamparser/json';
import { productListIn } from './product-list.js';
import { isRow, type ReadRow } from './rows.js';

/**
 * The products of one JSON document: a list, or the first list of objects with a usual name (`products`, `items`, `data`, `results` …)
 * in it, or the list at `path` ("data.products.edges"). Parsed as it is read, so that memory holds one product. An element
 * `{ "node": {…} }` of a GraphQL connection is its node. Items are numbered from 1. Rejects if the document breaks off or is no JSON.
 */
export async function* readJson(
  name: string,
  head: string,
  text: AsyncIterable<string>,
  path?: string,
): AsyncGenerator<ReadRow> {
  const list = path ?? productListIn(head);
  const found: unknown[] = [];
  const parser = new JSONParser({
    paths: [list === null ? '$' : list === '' ? '$.*' : `$.${list}.*`],
    keepStack: false,
  });
  let ended = false;
  parser.onValue = ({ value }) => void found.push(value);
  parser.onEnd = () => {
    ended = true;
  };
  let fault: Error | null = null;
  parser.onError = (error) => {
    fault ??= error;
  };
  let item = 0;
  for await (const chunk of text) {
    if (ended) {
      if (chunk.trim() !== '') throw new Error(`${name} goes on after the end of its JSON document`);
      continue;
    }
    parser.write(chunk);
    if (fault !== null) throw damaged(name, item, fault);
    for (const value of found.splice(0)) yield rowOf(++item, value);
  }
  if (!ended) throw damaged(name, item, new Error('it breaks off'));
}

function damaged(name: string, items: number, fault: Error): Error {
  return new Error(`${name} is no whole JSON document: after ${items} products, ${fault.message}`, {
    cause: fault,
  });
}

function rowOf(line: number, value: unknown): ReadRow {
  const inner = typeof value === 'object' && value !== null && 'node' in value ? value.node : value;
  return isRow(inner) ? { line, row: inner } : { line, error: 'the item is no JSON object' };
}
