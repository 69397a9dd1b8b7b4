import { LRUCache } from 'lru-cache';
import { atMost } from '../../../src/kit/bounded.js';
import { type Key, keyOf } from '../../../src/kit/fingerprint.js';
import { lazily } from '../../../src/kit/lazily.js';
import { topK } from '../../../src/kit/top-k.js';
import { fusionFromJson } from '../learning-to-rank/fusion-json.js';
import { createFusionNet } from '../learning-to-rank/fusion-net.js';
import type { Step } from '../learning-to-rank/learn-fusion.js';
import type { Comparison } from '../learning-to-rank/paired-comparison.js';
import { type Witness, witnessOfKey } from '../limits/witnesses.js';
import type { Part, Storable } from '../snapshots/stored.js';
import { defaultFusion } from './default-fusion.js';
import { evaluateSessionWeights } from './evaluate-sessions.js';
import { sessionNames } from './features.js';
import { type Learned, learnSessions, sessionLearning } from './learn-sessions.js';
import { clicksPerSessionMax, createSessionIndex } from './session-index.js';
import { restoreSessionIndex, type SessionIndexPart, saveSessionIndex } from './session-index-parts.js';
import { createSessionRanker, sessionRanking } from './session-ranker.js';

/** A session ends after so long without a click. */
export const sessionIdleMs = 30 * 60_000;
/** Item numbers are dense: a larger one is a mistake, and would cost its size in memory. */
const itemMax = 2 ** 24;
/** With fewer interactions the weights that ship with the product are the better ones. */
export const prefixesToLearn = 5_000;

export interface Prediction {
  /** Best first. */
  readonly items: Int32Array;
  /** Comparable within one answer only. */
  readonly scores: Float32Array;
  /** For each item, the index in the given session of the item that contributed most; -1 if none did. */
  readonly causes: Int32Array;
  /** 1 where enough independent people stand behind the item and its cause. */
  readonly vouched: Uint8Array;
  readonly length: number;
}

/** The session of somebody who clicked lately, and their last click. */
interface Running {
  readonly session: number;
  lastMs: number;
}

interface RunningPart extends Part {
  readonly name: 'running';
  readonly keys: Float64Array;
  readonly sessions: Int32Array;
  readonly lastMs: Float64Array;
}

/**
 * What people look at next, from what others looked at in the same session. Learns every interaction at once and
 * forgets the oldest sessions when it is full. What it learned can be kept; of sessions only fingerprints.
 */
export interface SessionModel extends Storable {
  /**
   * Learns one interaction. Sessions are kept apart by key, and end after 30 idle minutes. `item` is a dense number
   * below 2^24; throws RangeError otherwise. Without a witness, who has another key is another person.
   */
  add(sessionKey: Key, item: number, atMs: number, witness?: Witness): void;
  /**
   * Best next items for a running session (oldest first, newest last), best first, at most `limit` (and never more
   * than the ranker's candidates). Empty if no item of the session is known. Give the session's key if its clicks were added, so that it
   * is not its own neighbour. The same question gets the same answer until something is learned; leave it as it is.
   */
  predict(session: readonly number[], limit: number, sessionKey?: Key): Prediction;
  /**
   * Learns vectors and fusion weights from the sessions in the index. The model does not change: call `use`. Each step takes a few
   * milliseconds. Useful from `prefixesToLearn` on. `before`: this session and later ones are held out, for `evaluate`.
   */
  learn(options?: { readonly vectors: boolean; readonly before?: number }): Generator<Step, Learned>;
  /** Compares new weights with those in use on the sessions from `from` on; see `evaluateSessionWeights`. */
  evaluate(learned: Learned, from: number): Generator<Step, Comparison>;
  /** From the next prediction on; null: the weights that ship. Throws RangeError if it was learned for other features. */
  use(learned: Learned | null): void;
  readonly sessions: number;
  readonly interactions: number;
  /** Bytes of the index. */
  bytes(): number;
}

const shipped: Learned = { fusion: defaultFusion, vectors: null };

interface SessionModelOptions {
  /** From the shop's own log; without it the weights that ship with the product. */
  readonly learned?: Learned;
  /** Sessions kept; the oldest are forgotten. */
  readonly sessionsMax?: number;
  /** Running sessions remembered; beyond it, the one longest without a click is taken as ended. */
  readonly runningMax?: number;
  /** Size of the prediction cache; 0 turns it off, for measuring. */
  readonly predictionsCached?: number;
  readonly vectorEpochs?: number;
  /** A cause is vouched for where so many independent people stand behind it and the item (`witnesses.ts`); by default one. */
  readonly peopleMin?: number;
}

export function createSessionModel(options: SessionModelOptions = {}): SessionModel {
  const indexOptions = {
    ...sessionLearning.index,
    ...(options.sessionsMax === undefined ? {} : { sessionsMax: options.sessionsMax }),
  };
  const index = createSessionIndex(indexOptions);
  let used = options.learned ?? shipped;
  let net = createFusionNet(fusionFromJson(used.fusion, sessionNames));
  // Its working memory is several megabytes, which a shop without visitors never needs.
  const rankerOf = ({ vectors }: typeof used) =>
    lazily(() => createSessionRanker(index, sessionRanking, vectors, options.peopleMin));
  let ranker = rankerOf(used);
  const cachedMax = options.predictionsCached ?? 1024;
  // A page with several lists and a shopper's channels predict the same. Cleared when anything is learned, so a cached
  // prediction always equals a computed one.
  const cache = cachedMax === 0 ? null : new LRUCache<string, Prediction>({ max: cachedMax });
  let cachedAt = -1;
  const running = new LRUCache<number, Running>(atMost(options.runningMax ?? 65_536));

  const runningSession = (key: number, atMs: number, witness: Witness): number => {
    const known = running.get(key);
    if (known !== undefined && atMs - known.lastMs <= sessionIdleMs) {
      known.lastMs = Math.max(known.lastMs, atMs);
      if (index.lengthOf(known.session) < clicksPerSessionMax) {
        index.vouch(known.session, witness);
        return known.session;
      }
    }
    const session = index.begin(witness);
    running.set(key, { session, lastMs: Math.max(known?.lastMs ?? atMs, atMs) });
    return session;
  };

  const predict = (session: readonly number[], limit: number, except: number): Prediction => {
    const { gather, score, candidates, scores: found, causes: causesOf, query } = ranker();
    const count = gather(session, except);
    score(net);
    const length = Math.max(0, Math.min(limit, count));
    const items = new Int32Array(length);
    const scores = new Float32Array(length);
    const causes = new Int32Array(length);
    const vouched = new Uint8Array(length);
    topK(candidates.items, found, count, items, scores);
    causesOf(items, length, causes, vouched);
    for (let place = 0; place < length; place++) {
      const cause = causes[place]!;
      if (cause >= 0) causes[place] = session.length - 1 - query.distances[cause]!;
    }
    return { items, scores, causes, vouched, length };
  };

  return {
    add(sessionKey, item, atMs, witness) {
      if (!Number.isInteger(item) || item < 0 || item >= itemMax) {
        throw new RangeError(`item must be a whole number from 0 to ${itemMax - 1}, not ${item}`);
      }
      const key = keyOf(sessionKey);
      index.append(runningSession(key, atMs, witness ?? witnessOfKey(key)), item);
    },

    predict(session, limit, sessionKey) {
      const except = sessionKey === undefined ? -1 : (running.peek(keyOf(sessionKey))?.session ?? -1);
      if (cache === null) return predict(session, limit, except);
      if (cachedAt !== index.interactions) cache.clear();
      cachedAt = index.interactions;
      const key = `${except} ${limit} ${session.join()}`;
      const cached = cache.get(key);
      if (cached !== undefined) return cached;
      const prediction = predict(session, limit, except);
      cache.set(key, prediction);
      return prediction;
    },

    learn: ({ vectors, before } = { vectors: true }) =>
      learnSessions(index, {
        ...(before === undefined ? {} : { before }),
        vectors,
        vectorEpochs: options.vectorEpochs ?? sessionLearning.vectorEpochs,
        index: indexOptions,
      }),
    evaluate: (learned, from) => evaluateSessionWeights(index, { now: learned, before: used }, from),
    use(learned) {
      const next = learned ?? shipped;
      net = createFusionNet(fusionFromJson(next.fusion, sessionNames));
      ranker = rankerOf(next);
      used = next;
      cache?.clear();
    },

    save() {
      // Those that clicked longest ago first, so that they are restored in this order.
      const entries = running.dump();
      const open: RunningPart = {
        name: 'running',
        keys: Float64Array.from(entries, ([key]) => key),
        sessions: Int32Array.from(entries, ([, { value }]) => value.session),
        lastMs: Float64Array.from(entries, ([, { value }]) => value.lastMs),
      };
      const parts = saveSessionIndex(index);
      return (function* (): Generator<Part> {
        yield* parts;
        yield open;
      })();
    },
    restore(part, remap) {
      cache?.clear();
      if (part.name !== 'running') return restoreSessionIndex(index, part as SessionIndexPart, remap);
      const { keys, sessions, lastMs } = part as RunningPart;
      for (let at = 0; at < keys.length; at++) {
        running.set(keys[at]!, { session: sessions[at]!, lastMs: lastMs[at]! });
      }
    },

    get sessions() {
      return index.sessions;
    },
    get interactions() {
      return index.interactions;
    },
    bytes: () => index.bytes(),
  };
}
