import { productListIn } from './product-list.js';

export type Format = 'csv' | 'json-lines' | 'json' | 'xml';

/**
 * The format of a file, by how its text begins. Throws an Error of one line if the text is empty, a web page, a spreadsheet or another
 * binary file.
 */
export function formatOf(name: string, head: string): Format {
  const text = head.replace(/^\uFEFF/, '').trimStart();
  if (text === '') throw new Error(`${name} is empty`);
  if (text.startsWith('PK\u0003\u0004')) {
    throw new Error(`${name} is a ZIP archive or an Excel workbook; save it as CSV (UTF-8) and import that`);
  }
  if (text.startsWith('\u00D0\u00CF\u0011\u00E0') || text.startsWith('%PDF-') || text.includes('\u0000')) {
    throw new Error(`${name} is a binary file; products are read from CSV, JSON lines, JSON or XML`);
  }
  if (/^(?:<!doctype html|<html\b|<head\b|<body\b)/i.test(withoutComments(text))) {
    const title = /<title[^>]*>([^<]{1,80})/i.exec(text)?.[1]?.trim();
    throw new Error(
      `${name} is a web page${title ? ` ("${title}")` : ''}, not a file of products; check the address or the login of the download`,
    );
  }
  if (text.startsWith('<')) return 'xml';
  if (text.startsWith('[')) return 'json';
  if (text.startsWith('{')) return isOneObjectALine(text) ? 'json-lines' : 'json';
  return 'csv';
}

function withoutComments(text: string): string {
  return text.replace(/^(?:<\?xml[^>]*\?>|<!--[\s\S]*?-->|\s)+/, '');
}

/**
 * True if the first line is a whole object. A document that wraps its list of products is one line too, so that a single line with
 * such a list is a document.
 */
function isOneObjectALine(text: string): boolean {
  const end = text.search(/[\r\n]/);
  const first = end < 0 ? text : text.slice(0, end);
  if (end >= 0 && text.slice(end).trim() !== '') return first.length > 2 && first.trimEnd().endsWith('}');
  return productListIn(first) === null;
}
