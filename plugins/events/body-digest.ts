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
  bits = mix(bits ^ valueHash(draft.atMs, 0));
  bits = mix(bits ^ valueHash(draft.productIds, 0));
  if (draft.properties !== null) bits = mix(bits ^ valueHash(draft.properties, 0));
  if (beside !== undefined) bits = mix(bits ^ valueHash(beside, 0));
  bits = withOther(bits, 1, draft.quantities);
  bits = withOther(bits, 2, draft.value);
  bits = withOther(bits, 3, draft.currency);
  bits = withOther(bits, 4, draft.query);
  bits = withOther(bits, 5, draft.queryId);
  bits = withOther(bits, 6, draft.decisionId);
  bits = withOther(bits, 7, draft.position);
  bits = withOther(bits, 8, draft.prices);
  bits = withOther(bits, 9, draft.orderId);
  return folded(bits);
}

/** Most events have none of these, so each is told by its number. */
function withOther(bits: number, number: number, value: unknown): number {
  return value === null ? bits : mix(bits ^ number ^ valueHash(value, 0));
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
  if (value === null) return nullHash;
  if (typeof value !== 'object') return textHash(`${String(value)}?`);
  if (depth === depthMax) return 1;
  if (Array.isArray(value)) {
    let bits = value.length + 2;
    for (let i = 0; i < value.length; i++) bits = mix(bits ^ valueHash(value[i], depth + 1));
    return bits;
  }
  let sum = 3;
  for (const name of Object.keys(value)) {
    const each = (value as Readonly<Record<string, unknown>>)[name];
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

const nullHash = textHash('null?');

/** The finisher of MurmurHash3: each bit of the result depends on all bits. */
export function mix(bits: number): number {
  let mixed = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
