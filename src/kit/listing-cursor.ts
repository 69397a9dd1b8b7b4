import { fingerprint } from './fingerprint.js';

/** The latest items of a listing, which a cursor remembers. Each takes five characters. */
export const rememberedMax = 1_000;

const checksumBytes = 6;
const headBytes = checksumBytes + 3;
const printBytes = 4;
const charactersMax = 8_192;

/** A place in a listing, with what was listed before it. */
export interface Cursor {
  /** From 0. */
  readonly place: number;
  /** A name that all pages of the listing have; may be empty. */
  readonly name: string;
  /** Prints of the items at this place and before it, in the order in which they were listed; at most `rememberedMax`. */
  readonly listed: readonly number[];
}

/** 32 bits of an id. One of 8,000 listings of 1,000 items has two with one print. */
export function printOf(id: string): number {
  return fingerprint(id) >>> 0;
}

/** `listing`: what is listed; a cursor is read only with the same. */
export function writeCursor(listing: string, { place, name, listed }: Cursor): string {
  const bytes = Buffer.allocUnsafe(headBytes + name.length + printBytes * listed.length);
  bytes.writeUInt16LE(place, checksumBytes);
  bytes[checksumBytes + 2] = name.length;
  bytes.write(name, headBytes, 'latin1');
  for (let i = 0; i < listed.length; i++)
    bytes.writeUInt32LE(listed[i]!, headBytes + name.length + printBytes * i);
  bytes.writeUIntLE(checksumOf(listing, bytes), 0, checksumBytes);
  return bytes.toString('base64url');
}

/** Returns null for a text that `writeCursor` did not return for this listing. */
export function readCursor(listing: string, text: string): Cursor | null {
  const bytes = Buffer.from(text.slice(0, charactersMax), 'base64url');
  const from = headBytes + (bytes.length < headBytes ? 0 : bytes[checksumBytes + 2]!);
  if (bytes.length <= from || (bytes.length - from) % printBytes !== 0) return null;
  if (
    bytes.toString('base64url') !== text ||
    bytes.readUIntLE(0, checksumBytes) !== checksumOf(listing, bytes)
  )
    return null;
  const listed: number[] = [];
  for (let at = from; at < bytes.length; at += printBytes) listed.push(bytes.readUInt32LE(at));
  return {
    place: bytes.readUInt16LE(checksumBytes),
    name: bytes.toString('latin1', headBytes, from),
    listed,
  };
}

/** Binds a cursor to its listing and detects damage. It is no protection: a forged cursor only changes a page of its sender. */
function checksumOf(listing: string, bytes: Buffer): number {
  return fingerprint(listing + bytes.toString('latin1', checksumBytes)) % 2 ** (8 * checksumBytes);
}
