import { Readable } from 'node:stream';
import { type ShapeBounds, shapeFaultOf } from './json-shape.js';
import { beyondLimit, limits } from './limits.js';
import type { Refusal } from './protocol.js';
import type { WorkQueue } from './work-queue.js';

/** The bounds of a value and of the request around it. */
const bodyShape: ShapeBounds = { nesting: limits.nesting + 10, members: limits.members };

/** Longer bodies are large. */
export const smallBytesMax = 64 * 1_024;
/** Units of work of reading a byte of JSON: a megabyte of empty lists takes 40 ms, one of text 3 ms. */
const unitsOfByte = 0.1;
/** Stands for the document of every large body when its work is measured. */
const reading = {};

const parameters = ['query', 'variables', 'operationName', 'extensions'] as const;

/** A large body of GraphQL that was looked at: what is wrong with it, or the body for yoga, which takes what is parsed as it is. */
export type LargeBody = { readonly refusal: Refusal } | { readonly forYoga: Readable | object };

/**
 * Looks at a large body, and parses it if it `isJson`, in its turn, as an expensive operation runs. Throws `unavailable` when it would
 * have to wait for too long.
 */
export async function readInTurn(
  body: Buffer,
  isJson: boolean,
  sender: string,
  workQueue: Pick<WorkQueue, 'enter'>,
): Promise<LargeBody> {
  const slot = await workQueue.enter(body.length * unitsOfByte, sender, reading);
  try {
    const fault = shapeFaultOf(body, bodyShape);
    if (fault) return { refusal: misshapen(fault) };
    return { forYoga: isJson ? bodyForYoga(body) : Readable.from(body) };
  } finally {
    slot?.end();
  }
}

/** As much of the body as decides yoga's answer: its parameters, its type, or that it is no JSON. The rest is not parsed again for it. */
function bodyForYoga(body: Buffer): Readable | object {
  let message: unknown;
  try {
    message = JSON.parse(body.toString());
  } catch {
    return Readable.from(Buffer.from('{'));
  }
  if (Array.isArray(message)) return Readable.from(Buffer.from('[]'));
  if (typeof message !== 'object' || message === null) return Readable.from(body);
  const sent = message as Readonly<Record<string, unknown>>;
  const known: Record<string, unknown> = {};
  for (const name of parameters) if (Object.hasOwn(sent, name)) known[name] = sent[name];
  const unknown = Object.keys(sent).find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined) return Readable.from(Buffer.from(JSON.stringify({ [unknown]: true })));
  // An object without fields is not taken as a body.
  return Object.keys(known).length === 0 ? Readable.from(Buffer.from('{}')) : known;
}

function misshapen(fault: keyof ShapeBounds): Refusal {
  const { message, extensions } = beyondLimit(fault, null);
  return { status: 400, code: String(extensions.code), message };
}
