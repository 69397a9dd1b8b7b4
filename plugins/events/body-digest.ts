import type { ShopEvent } from '../../src/ports/events.js';
import type { EventDraft } from './event-input.js';

/** No digest: the message was stored by an earlier version. */
export const unknownBody = 0;
/** Deeper values are not told apart: those of an event are refused, those of a trait are left out. */
const depthMax = 16;

/**
 * 16 bits of what an event says, never 0, to notice another event under the same `messageId`. The order of names in an object does
 * not matter. Digests are stored, so equal events must have equal digests in every version.
 */
export function bodyDigest(draft: EventDraft, beside: unknown): number {
  let bits = textHash(draft.type);
  const take = (value: unknown): void => {
    bits = mix(bits ^ valueHash(value, 0));
  };
  take(draft.atMs);
  take(draft.productIds);
  if (draft.properties !== null) take(draft.properties);
  if (beside !== undefined) take(beside);
  // Most events have none of these, so each is told by its place among them.
  const others = [
    draft.quantities,
    draft.value,
    draft.currency,
    draft.query,
    draft.queryId,
    draft.decisionId,
    draft.position,
  ];
  for (let place = 0; place < others.length; place++) {
    if (others[place] === null) continue;
    bits ^= place + 1;
    take(others[place]);
  }
  return folded(bits);
}

/** 16 bits of what an order consists of, never 0. */
export function orderDigest({ productIds, quantities, value, currency }: ShopEvent): number {
  return folded(valueHash([productIds, quantities, value, currency], 0));
}

function folded(bits: number): number {
  return (bits ^ (bits >>> 16)) & 0xffff || 1;
}

function valueHash(value: unknown, depth: number): number {
  if (typeof value === 'string') return textHash(value);
  if (typeof value === 'number') return numberHash(value);
  if (typeof value !== 'object' || value === null) return textHash(`${String(value)}?`);
  if (depth === depthMax) return 1;
  if (Array.isArray(value)) {
    let bits = value.length + 2;
    for (const each of value as readonly unknown[]) bits = mix(bits ^ valueHash(each, depth + 1));
    return bits;
  }
  let sum = 3;
  for (const [name, each] of Object.entries(value)) {
    if (each !== undefined) sum = (sum + mix(textHash(name) ^ mix(valueHash(each, depth + 1)))) | 0;
  }
  return sum;
}

function numberHash(value: number): number {
  return Number.isSafeInteger(value)
    ? mix((value | 0) ^ Math.imul(Math.floor(value / 4_294_967_296), 0x9e3779b1) ^ 0x27d4eb2f)
    : textHash(`${value}#`);
}

function textHash(text: string): number {
  let bits = 0x811c9dc5 ^ text.length;
  for (let i = 0; i < text.length; i++) bits = Math.imul(bits ^ text.charCodeAt(i), 0x01000193);
  return mix(bits);
}

/** The finisher of MurmurHash3: each bit of the result depends on all bits. */
export function mix(bits: number): number {
  let mixed = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
