/**
 * The differences of a list from the one before it: products that are new, moved up or down, or gone.
 *
 * @param {readonly string[] | null} before null: there was none
 * @param {readonly string[]} after
 */
export function changesBetween(before, after) {
  /** @type {Map<string, import('./types.d.ts').Change>} */
  const changes = new Map();
  /** @type {string[]} */
  const gone = [];
  if (!before) return { changes, gone };
  for (const [at, id] of after.entries()) {
    const was = before.indexOf(id);
    if (was < 0) changes.set(id, { kind: 'new' });
    else if (was !== at) changes.set(id, { kind: was > at ? 'up' : 'down', by: Math.abs(was - at) });
  }
  for (const id of before) if (!after.includes(id)) gone.push(id);
  return { changes, gone };
}
