import { type Caller, type Channel, channels } from '../../src/context.js';
import { customerIdFault, type IdFault, sessionIdFault } from '../../src/person-ids.js';
import { type Categories, consentsIn, type SaidConsents } from './categories.js';
import { customDraft, type Draft, draftOfPage, draftOfTrack } from './ecommerce.js';
import { type Fields, isFields, isSaid, textOf } from './fields.js';
import { type LeaveOut, type LeftOut, leaveOutInto } from './left-out.js';

export const kinds = ['identify', 'track', 'page', 'screen', 'group', 'alias'] as const;
export type Kind = (typeof kinds)[number];

/** One message of Segment's protocol, understood. */
export interface Message {
  readonly kind: Kind;
  /** null: the customer's own. */
  readonly sessionId: string | null;
  /** Only from those who may name one. */
  readonly customerId: string | null;
  /** A userId that nothing proves: the message is anonymous. */
  readonly unprovenId: string | null;
  readonly channel: Channel;
  readonly storeId: string | null;
  /** What the log is given. */
  readonly draft: Draft;
  readonly sentAtMs: number | null;
  /** Of `identify`. */
  readonly traits: Fields;
  /** Of `alias`. */
  readonly previousId: string | null;
  /** The part of `context.consent` that is about purposes; null: it says nothing. */
  readonly consents: SaidConsents | null;
  /** What means nothing, and is not in the draft. */
  readonly leftOut: readonly LeftOut[];
  /** What is said beside the draft, about people; undefined: nothing. */
  readonly beside: unknown;
}

export interface MessageFault {
  readonly code: string;
  readonly message: string;
  readonly path: readonly string[];
}

const nothing: Fields = {};
const shownMax = 40;
/** What Segment calls its own channels. They say less than ours. */
const ofSegment: ReadonlySet<unknown> = new Set(['server', 'client', 'browser', 'mobile', 'web']);
/** The last instant of ECMAScript. */
const latestMs = 8.64e15;
/** The year 5138 in seconds, and March 1973 in milliseconds, when nobody sent events yet. */
const secondsBelow = 1e11;

/** Reads a message. `kind` is the endpoint's; null: the message says it. `batchSentAtMs` holds unless the message says a later one. */
export function readMessage(
  raw: unknown,
  kind: Kind | null,
  caller: Caller,
  batchSentAtMs: number | null,
  categories: Categories,
): Message | MessageFault {
  if (!isFields(raw)) return fault('INVALID', 'a message is an object', []);
  const type = kind ?? kinds.find((known) => known === raw.type);
  if (type === undefined) return fault('TYPE_INVALID', `type must be one of ${kinds.join(', ')}`, ['type']);

  // A public key cannot prove who somebody is; a token can.
  const given = textOf(raw.userId);
  const trusted =
    caller.role === 'SERVER' || caller.role === 'ADMIN' || (given !== null && given === caller.customerId);
  const anonymousId = textOf(raw.anonymousId);
  const userId = trusted ? given : null;
  const previousId = textOf(raw.previousId);
  const idFault =
    faultIn('anonymousId', anonymousId, sessionIdFault) ??
    faultIn('userId', userId, customerIdFault) ??
    faultIn('previousId', previousId, sessionIdFault);
  if (idFault !== null) return idFault;
  if (anonymousId === null && userId === null) {
    const needed = trusted
      ? 'a userId or an anonymousId'
      : 'an anonymousId; with a public key userId is not believed';
    return fault('ID_MISSING', `a message needs ${needed}`, ['anonymousId']);
  }

  const properties = isFields(raw.properties) ? raw.properties : nothing;
  const context = isFields(raw.context) ? raw.context : nothing;
  const leftOut: LeftOut[] = [];
  const leaveOut = leaveOutInto(leftOut);
  let draft: Draft;
  if (type === 'track') {
    if (typeof raw.event !== 'string' || raw.event === '') {
      return fault('EVENT_MISSING', 'track needs the name of the event', ['event']);
    }
    draft = draftOfTrack(raw.event, properties, leaveOut);
  } else if (type === 'page' || type === 'screen') {
    draft = draftOfPage(type, raw.name, properties, leaveOut);
  } else {
    // Who somebody is belongs into their profile, not into the log of what they did.
    draft = customDraft(type, type === 'group' ? { groupId: textOf(raw.groupId) } : nothing);
  }
  if (type === 'identify' && trusted && userId === null) {
    return fault('ID_MISSING', 'identify needs the userId', ['userId']);
  }
  if (type === 'alias' && trusted && (previousId === null || userId === null)) {
    return fault('ID_MISSING', 'alias needs previousId and userId', [
      userId === null ? 'userId' : 'previousId',
    ]);
  }

  const messageId = messageIdOf(raw.messageId);
  if (messageId === undefined) {
    return fault(
      'MESSAGE_ID_INVALID',
      `messageId must be a text, or a number up to 2^53, and is ${JSON.stringify(raw.messageId).slice(0, shownMax)}`,
      ['messageId'],
    );
  }
  if (messageId !== null) draft.messageId = messageId;
  // A time that is none is not worth losing the event for.
  const when = raw.originalTimestamp == null ? 'timestamp' : 'originalTimestamp';
  const at = instantIn(raw, when, leaveOut);
  const sentAtMs = instantIn(raw, 'sentAt', leaveOut);
  if (at !== null) draft.at = at;
  return {
    kind: type,
    sessionId: anonymousId,
    customerId: userId,
    unprovenId: trusted ? null : given,
    channel: channelOf(type, context, leaveOut),
    storeId: textOf(context.storeId),
    draft,
    // The later of two times is that of the sending, since some clients set it when they queue a message.
    sentAtMs: sentAtMs === null ? batchSentAtMs : Math.max(sentAtMs, batchSentAtMs ?? sentAtMs),
    traits: isFields(raw.traits) ? raw.traits : nothing,
    previousId,
    consents: consentsIn(raw, context, categories, leaveOut),
    leftOut,
    beside: besideOf(type, raw, given),
  };
}

/** The user id as it was sent, as a retry may come with another proof. */
function besideOf(kind: Kind, { traits, previousId }: Fields, userId: string | null): unknown {
  if (kind === 'identify') return { userId, traits };
  if (kind === 'alias') return { userId, previousId };
  return userId ?? undefined;
}

export function isMessageFault(read: Message | MessageFault): read is MessageFault {
  return 'code' in read;
}

/** null: there is none; undefined: it is of another kind, or a number that is not read as it was sent. */
function messageIdOf(value: unknown): string | null | undefined {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'number')
    return Math.abs(value) <= Number.MAX_SAFE_INTEGER ? String(value) : undefined;
  return typeof value === 'string' ? value : undefined;
}

function faultIn(
  field: string,
  id: string | null,
  faultOf: (id: string) => IdFault | null,
): MessageFault | null {
  const found = id === null ? null : faultOf(id);
  return found === null ? null : fault(found.code, `${field} ${found.message}`, [field]);
}

function channelOf(kind: Kind, context: Fields, leaveOut: LeaveOut): Channel {
  if (typeof context.channel === 'string') {
    const named = context.channel.toUpperCase();
    const known = channels.find((channel) => channel === named);
    if (known !== undefined) return known;
  }
  if (isSaid(context.channel) && !ofSegment.has(context.channel))
    leaveOut(context.channel, `channel must be one of ${channels.join(', ')}`, ['context', 'channel']);
  if (kind === 'screen') return 'APP';
  const device = isFields(context.device) ? context.device.type : null;
  return typeof device === 'string' && /^(ios|android)$/i.test(device) ? 'APP' : 'WEB';
}

function instantIn(raw: Fields, field: string, leaveOut: LeaveOut): number | null {
  const said = raw[field];
  const ms = instantOf(said);
  if (ms === null && said !== undefined && said !== null)
    leaveOut(said, `${field} must be an instant from 1970 on, e.g. 2026-03-01T12:00:00Z`, [field]);
  return ms;
}

/** Milliseconds since the epoch; null for anything that is no time. A small number is in seconds, as Unix time is. */
export function instantOf(value: unknown): number | null {
  const ms =
    typeof value === 'string'
      ? Date.parse(value)
      : typeof value === 'number' && value < secondsBelow
        ? value * 1_000
        : value;
  return typeof ms === 'number' && ms >= 0 && ms <= latestMs ? ms : null;
}

function fault(code: string, message: string, path: readonly string[]): MessageFault {
  return { code: `TRACKING_${code}`, message, path };
}
