import type { mongo } from 'mongoose';
import { describeError } from '../../../../src/errors.js';
import type { Host } from '../../../../src/plugin.js';
import { isDuplicate, unavailable } from './failure.js';
import type { Reach } from './reach.js';

const pollEveryMs = 250;
const keptMs = 600_000;
/** Each process polls several times in this time. */
const readWithinMs = 2_000;
/** In place of an id that was forgotten: no document has it. */
const forgottenId = '-';
const looksAtGapMax = 20;
const pageMax = 1_000;
const numberAttemptsMax = 100;
const doubtedMax = 100_000;
const missedMessage = `this process was cut off for more than ${keptMs / 60_000} minutes and missed what others wrote; start it anew`;

interface Entry {
  /** From 1, without gaps: an entry is only added behind one that is there. */
  readonly _id: number;
  readonly process: string;
  readonly at: Date;
  readonly changed: readonly { readonly collection: string; readonly ids: readonly string[] }[];
}

/**
 * Which documents were written, told between processes: numbered entries in a collection that every process
 * polls. It needs no replica set and no change streams.
 */
export interface Feed {
  /** Resolves when others can see it. What is published while an entry is on its way shares the next one. */
  publish(collection: string, ids: readonly string[]): Promise<void>;
  /** Calls back with what other processes wrote. */
  follow(collection: string, changed: (ids: readonly string[]) => Promise<void>): void;
  /** Tells everybody, this process too, as soon as the server answers again: of a failed write nobody knows whether it came to be. */
  doubt(collection: string, ids: readonly string[]): void;
  /** Takes ids of removed documents out of entries that every process has read by now. */
  forget(ids: ReadonlyMap<string, ReadonlySet<string>>): Promise<void>;
  /** Throws once others' writes have been missed. */
  check(): void;
  close(): Promise<void>;
}

export async function openFeed(database: mongo.Db, reach: Reach, host: Host): Promise<Feed> {
  const entries: mongo.Collection<Entry> = database.collection('rapport-feed');
  const own = host.ids.next();
  const followers = new Map<string, (ids: readonly string[]) => Promise<void>>();
  let waiting = new Map<string, Set<string>>();
  /** Of this process's own writes, by collection. */
  const doubted = new Map<string, Set<string>>();
  let doubts = 0;
  let publishing: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  let closed = false;
  let cancelPoll: () => void = () => undefined;
  let polling: Promise<void> = Promise.resolve();
  let swept = host.clock.nowMs();
  let following = true;
  let missed = false;
  let looksAtGap = 0;

  async function lastNumber(): Promise<number> {
    const last = await reach(() =>
      entries
        .find({}, { projection: { _id: 1 } })
        .sort({ _id: -1 })
        .limit(1)
        .toArray(),
    );
    return last[0]?._id ?? 0;
  }

  await reach(() => entries.createIndex({ at: 1 }));
  /** All entries up to here have been read. */
  let reached = await lastNumber();
  /** As far as this process knows. */
  let last = reached;

  function wait(collection: string, ids: Iterable<string>): void {
    const changed = waiting.get(collection) ?? new Set<string>();
    for (const id of ids) changed.add(id);
    waiting.set(collection, changed);
  }

  async function send(): Promise<void> {
    const sending = waiting;
    waiting = new Map();
    if (sending.size === 0) return;
    const changed = [...sending].map(([collection, ids]) => ({ collection, ids: [...ids] }));
    try {
      await append(changed);
    } catch (error) {
      for (const [collection, ids] of sending) wait(collection, ids);
      throw error;
    }
  }

  async function append(changed: Entry['changed']): Promise<void> {
    for (let attempt = 1; attempt <= numberAttemptsMax; attempt++) {
      const number = last + 1;
      if (await reach(() => insert(number, changed))) {
        // By now it may have been read here, and one behind it.
        last = Math.max(last, number);
        return;
      }
      // Another process took the number.
      last = await lastNumber();
    }
    throw unavailable(new Error(`others took ${numberAttemptsMax} numbers before this process could`));
  }

  async function insert(_id: number, changed: Entry['changed']): Promise<boolean> {
    try {
      await entries.insertOne({ _id, process: own, at: new Date(host.clock.nowMs()), changed });
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  function sendSoon(): Promise<void> {
    next ??= (publishing ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => {
        publishing = send();
        next = null;
        return publishing;
      });
    return next;
  }

  async function settleDoubts(): Promise<void> {
    for (const [collection, ids] of [...doubted]) {
      doubted.delete(collection);
      doubts -= ids.size;
      try {
        await followers.get(collection)?.([...ids]);
      } catch (error) {
        doubt(collection, ids);
        throw error;
      }
      wait(collection, ids);
    }
    if (waiting.size > 0) await sendSoon();
  }

  function doubt(collection: string, ids: Iterable<string>): void {
    const known = doubted.get(collection) ?? new Set<string>();
    for (const id of ids) {
      if (doubts >= doubtedMax || known.has(id)) continue;
      known.add(id);
      doubts++;
    }
    doubted.set(collection, known);
  }

  /** A server may show an entry before an earlier one, for a moment; one that stays away was swept before it was read here. */
  function stillMissing(): boolean {
    looksAtGap++;
    if (looksAtGap <= looksAtGapMax) return true;
    if (!missed) host.log.error(missedMessage);
    missed = true;
    return false;
  }

  async function poll(): Promise<void> {
    const nowMs = host.clock.nowMs();
    await settleDoubts();
    for (let found = pageMax; found === pageMax; ) {
      const page = await reach(() =>
        entries
          .find({ _id: { $gt: reached } })
          .sort({ _id: 1 })
          .limit(pageMax)
          .toArray(),
      );
      for (const entry of page) {
        if (entry._id > reached + 1 && stillMissing()) return;
        looksAtGap = 0;
        if (entry.process !== own) {
          for (const { collection, ids } of entry.changed) await followers.get(collection)?.(ids);
        }
        reached = entry._id;
        last = Math.max(last, reached);
      }
      found = page.length;
    }
    if (nowMs - swept > keptMs) {
      swept = nowMs;
      // Never the last one: it carries the numbering on.
      const old = { at: { $lt: new Date(nowMs - keptMs) }, _id: { $lt: reached } };
      await reach(() => entries.deleteMany(old));
    }
  }

  function plan(): void {
    if (closed) return;
    cancelPoll = host.clock.after(pollEveryMs, () => {
      polling = poll()
        .then(
          () => {
            following = true;
          },
          (error: unknown) => {
            if (following)
              host.log.warn('what others write cannot be followed now', { err: describeError(error) });
            following = false;
          },
        )
        .then(plan);
    });
  }
  plan();

  return {
    publish(collection, ids) {
      wait(collection, ids);
      return sendSoon();
    },
    doubt,
    follow(collection, changed) {
      followers.set(collection, changed);
    },
    async forget(removed) {
      const readBy = new Date(host.clock.nowMs() - readWithinMs);
      const names = [...removed].filter(([, ids]) => ids.size > 0).map(([collection]) => collection);
      const found = await reach(() =>
        entries.find({ 'changed.collection': { $in: names }, at: { $lt: readBy } }).toArray(),
      );
      for (const { _id, changed } of found) {
        const kept = changed.map(({ collection, ids }) => ({
          collection,
          // A process that reads it later is notified of a removed document all the same, and forgets what it remembers.
          ids: ids.map((id) => (removed.get(collection)?.has(id) ? forgottenId : id)),
        }));
        await reach(() => entries.updateOne({ _id }, { $set: { changed: kept } }));
      }
    },
    check() {
      if (missed) throw unavailable(new Error(missedMessage));
    },
    async close() {
      closed = true;
      cancelPoll();
      await polling;
    },
  };
}
