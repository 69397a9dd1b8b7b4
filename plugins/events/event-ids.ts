import { LRUCache } from 'lru-cache';
import type { Context } from '../../src/context.js';
import { atMost } from '../../src/kit/bounded.js';
import { fingerprint } from './fingerprints.js';

/** Senders whose prefix is kept: there are as many as there are keys. */
const sendersMax = 1_000;
/** People whose digest is kept, of those who were here last. */
const peopleMax = 10_000;
const alphabet = '0123456789abcdefghijklmnopqrstuvwxyz';

/**
 * Creates the prefixes of ids: the sender, and a digest of the session as it was named and of the proven customer. So an event that is
 * sent without proof under a session's id never has the id of an event of its customer.
 */
export function createIdPrefixes(): (context: Context, withoutSession: boolean) => string {
  const senders = new Map<string, string>();
  const people = new LRUCache<string, string>(atMost(peopleMax));

  function digestOf(person: string): string {
    let digest = people.get(person);
    if (digest === undefined) {
      const print = { high: 0, low: 0 };
      fingerprint(person, print);
      digest = `${digits(print.high)}${digits(print.low)}.`;
      people.set(person, digest);
    }
    return digest;
  }

  return ({ caller, sessionId, customerId }, withoutSession) => {
    let sender = senders.get(caller.source);
    if (sender === undefined) {
      sender = `${encodeURIComponent(caller.source)}:`;
      if (senders.size < sendersMax) senders.set(caller.source, sender);
    }
    const session = withoutSession && customerId !== null ? '' : `s${sessionId}`;
    return sender + digestOf(customerId === null ? session : `${session}\nc${customerId}`);
  };
}

/** The prefix of all ids of one sender. The sender's name is encoded and holds no colon. */
export function senderOf(id: string): string {
  return id.slice(0, id.indexOf(':') + 1);
}

/** The `messageId` in an event's id. */
export function messageIdIn(id: string): string {
  return id.slice(id.indexOf('.', id.indexOf(':')) + 1);
}

/** To the base 36. Formatting a number with a radix takes four times as long. */
function digits(half: number): string {
  let text = '';
  let rest = half >>> 0;
  do {
    const above = (rest / 36) >>> 0;
    text = alphabet[rest - above * 36]! + text;
    rest = above;
  } while (rest > 0);
  return text;
}
