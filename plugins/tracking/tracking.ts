import type { IncomingMessage } from 'node:http';
import type { Caller, Context, ContextInput } from '../../src/context.js';
import { isRapportError, type UserError, userError } from '../../src/errors.js';
import type { Edge, Host } from '../../src/plugin.js';
import type { Customers } from '../../src/ports/customers.js';
import type { Events } from '../../src/ports/events.js';
import { type Body, bodyBytesMax, keylessBytesMax, readBody } from './body.js';
import { isFields } from './ecommerce.js';
import { instantOf, isMessageFault, type Kind, type Message, readMessage } from './message.js';
import { introduce } from './people.js';
import { Refusal } from './refusal.js';

export const messagesMax = 2_500;
/** Of one message, in UTF-8 bytes of its JSON. */
export const messageBytesMax = 32_768;
/** What a message counts against the limits of its sender: it is stored for good, and learned by every process. */
const unitsPerMessage = 10;
/** How many profiles one request saves at the same time. */
const introductionsAtOnce = 50;

/** What a sender is told: accepted + duplicates + rejected = sent. */
export interface Receipt {
  readonly accepted: number;
  readonly duplicates: number;
  /** Paths begin with the index in the batch. */
  readonly errors: readonly UserError[];
}

interface Needs {
  readonly events: Events;
  readonly customers: Customers;
}

/** Takes one request of Segment's protocol; `kind` null: a batch. Throws a `Refusal` or a `RapportError` for the whole. */
export async function take(
  needs: Needs,
  host: Host,
  kind: Kind | null,
  request: IncomingMessage,
  edge: Edge,
): Promise<Receipt> {
  const shown = keyOfHeader(request.headers.authorization) ?? keyOfQuery(request.url);
  const hasKey = shown !== null || request.headers['x-api-key'] !== undefined;
  // A key in a header or in the address is checked before the body is read.
  let caller = hasKey ? await callerOf(edge, shown) : null;
  const body = await readBody(request, edge, hasKey ? bodyBytesMax : keylessBytesMax);
  const { json } = body;
  if (!isFields(json)) throw new Refusal(400, 'TRACKING_BODY_INVALID', 'the body must be a JSON object');
  caller ??= await callerOf(edge, typeof json.writeKey === 'string' ? json.writeKey : null);

  const raws = kind === null ? json.batch : [json];
  if (!Array.isArray(raws))
    throw new Refusal(400, 'TRACKING_BATCH_MISSING', 'batch must be a list of messages');
  if (raws.length > messagesMax) {
    throw new Refusal(
      413,
      'TRACKING_BATCH_TOO_LONG',
      `a batch is at most ${messagesMax} messages, this has ${raws.length}`,
    );
  }
  edge.charge(raws.length * unitsPerMessage);
  return takeAll(needs, host, caller, edge, raws as readonly unknown[], kind, body, json.sentAt);
}

async function takeAll(
  { events, customers }: Needs,
  host: Host,
  caller: Caller,
  edge: Edge,
  raws: readonly unknown[],
  kind: Kind | null,
  body: Body,
  sentAt: unknown,
): Promise<Receipt> {
  const errors: UserError[] = [];
  const taken: { readonly index: number; readonly message: Message; readonly context: Context }[] = [];
  const contextOf = contextsOf(caller, edge);
  const sentAtMs = instantOf(sentAt);
  for (let i = 0; i < raws.length; i++) {
    const raw = raws[i];
    if (body.bytes > messageBytesMax && Buffer.byteLength(JSON.stringify(raw)) > messageBytesMax) {
      const message = `a message is at most ${messageBytesMax} bytes (32 KB) of JSON in UTF-8`;
      errors.push(userError('TRACKING_MESSAGE_TOO_LARGE', message, [i]));
      continue;
    }
    const message = readMessage(raw, kind, caller, sentAtMs);
    if (isMessageFault(message)) {
      errors.push(userError(message.code, message.message, [i, ...message.path]));
      continue;
    }
    message.draft.messageId ??= host.ids.next();
    try {
      taken.push({ index: i, message, context: contextOf(message) });
    } catch (error) {
      if (!isRapportError(error, 'invalid')) throw error;
      errors.push(userError(error.code, error.message, [i, ...(error.inputPath ?? [])]));
    }
  }

  const refused = await introduceAll(customers, caller, edge, taken);
  errors.push(...refused.errors);
  const kept = refused.indexes.size === 0 ? taken : taken.filter(({ index }) => !refused.indexes.has(index));
  const result = await events.record(
    kept.map(({ context }) => context),
    kept.map(({ message }) => message.draft),
    { sentAtMs: kept.map(({ message }) => message.sentAtMs), measured: true },
  );
  for (const { code, message, path } of result.userErrors) {
    errors.push(userError(code, message, [kept[Number(path[1])]!.index, ...path.slice(2)]));
  }
  return { accepted: result.accepted, duplicates: result.duplicates, errors };
}

/** People are introduced before what they did is recorded, so that all of it is stamped with who they are. */
async function introduceAll(
  customers: Customers,
  caller: Caller,
  edge: Edge,
  taken: readonly { readonly index: number; readonly message: Message; readonly context: Context }[],
): Promise<{ readonly errors: readonly UserError[]; readonly indexes: ReadonlySet<number> }> {
  const errors: UserError[] = [];
  const indexes = new Set<number>();
  // One customer's in their order, different customers' side by side.
  const lines = new Map<string, (typeof taken)[number][]>();
  for (const one of taken) {
    const { kind, customerId } = one.message;
    if (customerId === null || (kind !== 'identify' && kind !== 'alias')) continue;
    const line = lines.get(customerId);
    if (line) line.push(one);
    else lines.set(customerId, [one]);
  }
  const waiting = [...lines.values()];
  async function work(): Promise<void> {
    for (let line = waiting.pop(); line !== undefined; line = waiting.pop()) {
      for (const { index, message, context } of line) {
        const found = await introduce(customers, message, context, (input) => edge.context(caller, input));
        if (found.length > 0) indexes.add(index);
        for (const { code, message: text, path } of found)
          errors.push(userError(code, text, [index, ...path]));
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(introductionsAtOnce, waiting.length) }, work));
  return { errors, indexes };
}

/** One context for all messages of one person in one place. */
function contextsOf(caller: Caller, edge: Edge): (message: Message) => Context {
  const known = new Map<string, Context>();
  let last: Message | null = null;
  let lastContext: Context | null = null;
  return (message) => {
    const { sessionId, customerId, channel, storeId } = message;
    // Most batches are one person's.
    if (
      lastContext !== null &&
      last!.sessionId === sessionId &&
      last!.customerId === customerId &&
      last!.channel === channel &&
      last!.storeId === storeId
    ) {
      return lastContext;
    }
    const name = JSON.stringify([sessionId, customerId, channel, storeId]);
    let context = known.get(name);
    if (context === undefined) {
      const input: ContextInput = { channel, sessionId, customerId, storeId };
      context = edge.context(caller, input);
      known.set(name, context);
    }
    last = message;
    lastContext = context;
    return context;
  };
}

async function callerOf(edge: Edge, key: string | null): Promise<Caller> {
  const caller = await edge.caller(key ?? undefined);
  if (caller.role === 'MERCHANDISER') {
    throw new Refusal(
      403,
      'TRACKING_ROLE',
      'a MERCHANDISER key may not send events; use a STOREFRONT or SERVER key',
    );
  }
  return caller;
}

/** The write key as the user name of Basic authentication; null without. */
function keyOfHeader(header: string | undefined): string | null {
  const match = /^basic +([a-z0-9+/=_-]+)$/i.exec(header ?? '');
  if (!match) return null;
  const [key = ''] = Buffer.from(match[1]!, 'base64').toString('utf8').split(':', 1);
  return key === '' ? null : key;
}

function keyOfQuery(url: string | undefined): string | null {
  return new URLSearchParams((url ?? '').split('?')[1] ?? '').get('writeKey');
}
