import { RapportError } from '../../../src/errors.js';
import { fingerprint } from '../../../src/kit/fingerprint.js';
import { shownValue } from '../../../src/kit/shown-value.js';

/** The latest products of a listing, which a cursor remembers. Each takes five characters. */
export const rememberedMax = 1_000;

const codeBytes = 6;
const headBytes = codeBytes + 3;
const printBytes = 4;
const charactersMax = 8_192;

/** A place in a listing, with what was listed before it. */
export interface Cursor {
  /** From 0. */
  readonly place: number;
  /** The query id that all pages of the search have; empty for a listing without one. */
  readonly queryId: string;
  /** Prints of the products at this place and before it, in the order in which they were listed; at most `rememberedMax`. */
  readonly listed: readonly number[];
}

/** 32 bits of a product id. Of two listings of 1,000 products, one in 8,000 has two with one print. */
export function printOf(productId: string): number {
  return fingerprint(productId) >>> 0;
}

/** `listing`: what is listed; a cursor is read only with the same. */
export function writeCursor(listing: string, { place, queryId, listed }: Cursor): string {
  const bytes = Buffer.allocUnsafe(headBytes + queryId.length + printBytes * listed.length);
  bytes.writeUInt16LE(place, codeBytes);
  bytes[codeBytes + 2] = queryId.length;
  bytes.write(queryId, headBytes, 'latin1');
  for (let i = 0; i < listed.length; i++)
    bytes.writeUInt32LE(listed[i]!, headBytes + queryId.length + printBytes * i);
  bytes.writeUIntLE(codeOf(listing, bytes), 0, codeBytes);
  return bytes.toString('base64url');
}

/** `argument`: the one that the text was given for. Throws `invalid` for a text that `writeCursor` did not return for this listing. */
export function readCursor(listing: string, text: string, argument: string): Cursor {
  const bytes = Buffer.from(text.slice(0, charactersMax), 'base64url');
  const queryIdLength = bytes.length < headBytes ? 0 : bytes[codeBytes + 2]!;
  const from = headBytes + queryIdLength;
  const isWhole = bytes.length > from && (bytes.length - from) % printBytes === 0;
  if (
    !isWhole ||
    bytes.toString('base64url') !== text ||
    bytes.readUIntLE(0, codeBytes) !== codeOf(listing, bytes)
  )
    throw new RapportError(
      'invalid',
      'SEARCH_CURSOR',
      `${argument}: ${shownValue(text)} is not a cursor of this query; use \`endCursor\` of a page of the same query, filter, sort, store, language and currency`,
      { path: [argument] },
    );
  const listed: number[] = [];
  for (let at = from; at < bytes.length; at += printBytes) listed.push(bytes.readUInt32LE(at));
  return {
    place: bytes.readUInt16LE(codeBytes),
    queryId: bytes.toString('latin1', headBytes, from),
    listed,
  };
}

/** Binds a cursor to its listing and detects damage. It is no protection: a forged cursor only changes a page of its sender. */
function codeOf(listing: string, bytes: Buffer): number {
  return fingerprint(listing + bytes.toString('latin1', codeBytes)) % 2 ** (8 * codeBytes);
}
