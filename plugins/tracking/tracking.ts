import type { IncomingMessage } from 'node:http';
import type { Caller, Context, ContextInput } from '../../src/context.js';
import { isRapportError, type UserError, userError } from '../../src/errors.js';
import { customerSessionId } from '../../src/person-ids.js';
import type { Edge, Host } from '../../src/plugin.js';
import type { Consent } from '../../src/ports/consent.js';
import type { Customers } from '../../src/ports/customers.js';
import type { Events } from '../../src/ports/events.js';
import { type Body, bodyBytesMax, keylessBytesMax, readBody } from './body.js';
import type { Categories } from './categories.js';
import { createConsents } from './consents.js';
import { isKnownName } from './event-names.js';
import { type Fields, isFields } from './fields.js';
import { instantOf, isMessageFault, type Kind, type Message, readMessage } from './message.js';
import { createPeople, type Taken } from './people.js';
import { Refusal } from './refusal.js';
import { shownKey } from './shown-key.js';

export const messagesMax = 2_500;
/** Of one message, in UTF-8 bytes of its JSON. */
export const messageBytesMax = 32_768;
/** How deep a message may nest: deeper ones overflow the stack of what reads them. What may be kept is far less deep. */
const levelsMax = 100;
/** What a message counts against the limits of its sender: it is stored for good, and learned by every process. */
const unitsPerMessage = 10;

const warningsMax = 100;
/** Fields of an event, and what Segment calls them. */
const segmentsWords: ReadonlyMap<string, string> = new Map([
  ['productIds', 'properties.product_id'],
  ['productId', 'properties.product_id'],
  ['quantity', 'properties.quantity'],
  ['price', 'properties.price'],
  ['query', 'properties.query'],
  ['queryId', 'properties.query_id'],
  ['decisionId', 'properties.decision_id'],
  ['orderId', 'properties.order_id'],
]);

/** What a sender is told: accepted + duplicates + rejected = sent. */
export interface Receipt {
  readonly accepted: number;
  readonly duplicates: number;
  /** Paths begin with the index in the batch. */
  readonly errors: readonly UserError[];
  /** What was left out of messages that were accepted, and duplicates with another body. */
  readonly warnings: readonly UserError[];
}

export interface Needs {
  readonly events: Events;
  readonly customers: Customers;
  readonly consent: Consent;
  /** The purposes of a consent platform's categories. */
  readonly categories: Categories;
  /** Called for each `track` with a name that has no meaning here. */
  unknownName(): void;
}

/** Takes one request of Segment's protocol; `kind` null: a batch. Throws a `Refusal` or a `RapportError` for the whole. */
export async function take(
  needs: Needs,
  host: Host,
  kind: Kind | null,
  request: IncomingMessage,
  edge: Edge,
): Promise<Receipt> {
  const shown = shownKey(request);
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
  { events, customers, consent, categories, unknownName }: Needs,
  host: Host,
  caller: Caller,
  edge: Edge,
  raws: readonly unknown[],
  kind: Kind | null,
  body: Body,
  sentAt: unknown,
): Promise<Receipt> {
  const errors: UserError[] = [];
  const taken: Taken[] = [];
  const contextOf = contextsOf(caller, edge);
  const sentAtMs = instantOf(sentAt);
  for (let i = 0; i < raws.length; i++) {
    const raw = raws[i];
    if (!isWithin(raw, levelsMax)) {
      const message = `a message is nested at most ${levelsMax} levels deep`;
      errors.push(userError('TRACKING_MESSAGE_TOO_DEEP', message, [i]));
      continue;
    }
    if (body.bytes > messageBytesMax && Buffer.byteLength(JSON.stringify(raw)) > messageBytesMax) {
      const message = `a message is at most ${messageBytesMax} bytes (32 KB) of JSON in UTF-8`;
      errors.push(userError('TRACKING_MESSAGE_TOO_LARGE', message, [i]));
      continue;
    }
    const message = readMessage(raw, kind, caller, sentAtMs, categories);
    if (isMessageFault(message)) {
      errors.push(userError(message.code, message.message, [i, ...message.path]));
      continue;
    }
    message.draft.messageId ??= host.ids.next();
    if (message.kind === 'track' && !isKnownName(String((raw as Fields).event))) unknownName();
    try {
      taken.push({ index: i, message, context: contextOf(message) });
    } catch (error) {
      if (!isRapportError(error, 'invalid')) throw error;
      errors.push(userError(error.code, error.message, [i, ...(error.inputPath ?? [])]));
    }
  }

  const people = createPeople(customers, (input) => edge.context(caller, input));
  const consentWarnings: UserError[] = [];
  const consents = createConsents({ customers, consent }, (warning) => {
    if (consentWarnings.length < warningsMax) consentWarnings.push(warning);
  });
  const result = await events.record(
    taken.map(({ context }) => context),
    taken.map(({ message }) => message.draft),
    {
      sentAtMs: taken.map(({ message }) => message.sentAtMs),
      measured: true,
      effects: await consents.withConsents(taken, await people.effectsOf(taken)),
      beside: taken.map(({ message }) => message.beside),
    },
  );
  const placed = ({ code, message, path }: UserError, from: number): UserError =>
    userError(code, message, [taken[Number(path[from])]!.index, ...path.slice(from + 1)]);
  return {
    accepted: result.accepted,
    duplicates: result.duplicates,
    errors: [...errors, ...result.userErrors.map((error) => inSegmentsWords(placed(error, 1)))],
    warnings: [
      ...leftOutOf(taken),
      ...[...people.warnings, ...consentWarnings].map((warning) => placed(warning, 0)),
      ...result.warnings.map((warning) => placed(warning, 1)),
    ],
  };
}

/** What means nothing in the messages that were taken. */
function leftOutOf(taken: readonly Taken[]): UserError[] {
  const warnings: UserError[] = [];
  for (const { index, message } of taken) {
    for (const { message: text, path } of message.leftOut) {
      if (warnings.length === warningsMax) return warnings;
      warnings.push(userError('TRACKING_VALUE_INVALID', text, [index, ...path]));
    }
  }
  return warnings;
}

/** The sender has to change what they sent, and not what the shop's own API calls it. */
function inSegmentsWords({ code, message, path }: UserError): UserError {
  const [index = 0, first = ''] = path;
  const field = (first === 'lines' && path.at(-1)) || first;
  const said = segmentsWords.get(field);
  if (said === undefined) return { code, message, path };
  return userError(code, message.replace(field, said), [index, 'properties', ...said.split('.').slice(1)]);
}

function isWithin(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (levels === 0) return false;
  if (Array.isArray(value)) return value.every((each) => isWithin(each, levels - 1));
  // Without a list of the values, which would be made for every object of every message.
  for (const name in value) if (!isWithin((value as Fields)[name], levels - 1)) return false;
  return true;
}

/** One context for all messages of one person in one place. */
function contextsOf(caller: Caller, edge: Edge): (message: Message) => Context {
  /** Made for the second one. */
  let known: Map<string, Context> | null = null;
  let anonymous: Caller | null = null;
  let last: Message | null = null;
  let lastContext: Context | null = null;
  return (message) => {
    const { sessionId, customerId, channel, storeId } = message;
    const isAnonymous = message.unprovenId !== null;
    // Most batches are one person's.
    if (
      lastContext !== null &&
      last!.sessionId === sessionId &&
      last!.customerId === customerId &&
      (last!.unprovenId !== null) === isAnonymous &&
      last!.channel === channel &&
      last!.storeId === storeId
    ) {
      return lastContext;
    }
    if (lastContext !== null) known ??= new Map([[nameOf(last!), lastContext]]);
    let context = known?.get(nameOf(message));
    if (context === undefined) {
      const input: ContextInput = { channel, sessionId, customerId, storeId };
      if (isAnonymous) anonymous ??= { ...caller, network: caller.network, customerId: null };
      context = edge.context(anonymous !== null && isAnonymous ? anonymous : caller, input);
      if (sessionId === null && customerId !== null)
        context = { ...context, sessionId: customerSessionId(customerId) };
      known?.set(nameOf(message), context);
    }
    last = message;
    lastContext = context;
    return context;
  };
}

/** Messages with the same name have the same context. */
function nameOf({ sessionId, customerId, channel, storeId, unprovenId }: Message): string {
  return JSON.stringify([sessionId, customerId, channel, storeId, unprovenId !== null]);
}

async function callerOf(edge: Edge, key: string | null): Promise<Caller> {
  const caller = await edge.caller(key ?? undefined).catch((error: unknown) => {
    if (!isRapportError(error) || error.code !== 'AUTHENTICATION_KEY_MISSING') throw error;
    throw new Refusal(
      401,
      error.code,
      'send an API key: as user name of Basic authentication, or as writeKey in the body',
    );
  });
  if (caller.role === 'MERCHANDISER') {
    throw new Refusal(
      403,
      'TRACKING_ROLE',
      'a MERCHANDISER key may not send events; use a STOREFRONT or SERVER key',
    );
  }
  return caller;
}
