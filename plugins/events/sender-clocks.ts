import { LRUCache } from 'lru-cache';
import { atMost } from '../../src/kit/bounded.js';
import { heldMaxMs } from './device-clock.js';

/** The number of senders that are remembered. */
const sendersMax = 50_000;

/** The newest time of sending of one sender, and when it was received. */
interface Heard {
  readonly sentAtMs: number;
  readonly receivedAtMs: number;
}

/**
 * Returns the time of sending by a sender's own clock, in milliseconds since the epoch. A client that sends a stored body again repeats its
 * `sentAt`, which makes old events look new. So a time that is not newer than the newest one of the same sender (its session and API key)
 * is replaced by what that clock reads at the receipt. A clock that seems to have gone back by more than a client keeps events was set anew.
 */
export type SenderClocks = (sender: string, sentAtMs: number, receivedAtMs: number) => number;

export function createSenderClocks(): SenderClocks {
  const heard = new LRUCache<string, Heard>(atMost(sendersMax));
  return (sender, sentAtMs, receivedAtMs) => {
    const last = heard.get(sender);
    if (last === undefined || sentAtMs > last.sentAtMs || last.sentAtMs - sentAtMs > heldMaxMs) {
      heard.set(sender, { sentAtMs, receivedAtMs });
      return sentAtMs;
    }
    return Math.max(sentAtMs, receivedAtMs - (last.receivedAtMs - last.sentAtMs));
  };
}
