import { z } from 'zod';
import { RapportError } from '../../src/errors.js';
import type { Index, Position } from '../../src/ports/store-driver.js';
import { isIndexValue } from './bounds.js';

const cursorSchema = z.tuple([
  z.string(),
  z.array(z.union([z.string(), z.number(), z.null()])).max(8),
  z.string().min(1).max(512),
]);

/** A place in an index as opaque text that every driver reads alike. */
export function writeCursor(index: string, position: Position): string {
  return Buffer.from(JSON.stringify([index, position.values, position.id])).toString('base64url');
}

/** Throws `invalid` for anything but a cursor of this index. */
export function readCursor(index: Index, cursor: string): Position {
  try {
    const [name, values, id] = cursorSchema.parse(
      JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')),
    );
    if (name === index.name && values.length === index.fields.length && values.every(isIndexValue)) {
      return { values, id };
    }
  } catch {
    // Falls through to the one message for every kind of foreign text.
  }
  throw new RapportError(
    'invalid',
    'STORE_CURSOR_INVALID',
    `the cursor does not belong to index ${index.name}; take it from the page before`,
  );
}
