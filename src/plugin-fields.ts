import { didYouMean } from './kit/nearest-name.js';

/** Throws an Error that names the first unknown field and the nearest known one, so that a typing error does not switch a part off. */
export function refuseUnknownFields(
  value: object,
  known: Readonly<Record<string, true>>,
  what: string,
): void {
  for (const field of Object.keys(value)) {
    if (Object.hasOwn(known, field)) continue;
    const hint = didYouMean(field, Object.keys(known)) || `; it has ${Object.keys(known).join(', ')}`;
    throw new Error(`${what} has no field "${field.slice(0, 60)}"${hint}`);
  }
}
