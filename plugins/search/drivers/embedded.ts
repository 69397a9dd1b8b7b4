import { z } from 'zod';
import { describeError } from '../../../src/errors.js';
import { runSliced, type Sliced } from '../../../src/kit/slices.js';
import type { Host } from '../../../src/plugin.js';
import type {
  DriverAnswer,
  DriverQuery,
  LiveCatalog,
  SearchDriver,
} from '../../../src/ports/search-driver.js';
import { createEngine, type Engine, type StoredEngine } from './embedded/engine.js';
import { createLocaleSynonyms, synonymLimits, termsPerWordMax } from './embedded/matching/synonyms.js';
import { createSnapshots } from './embedded/snapshot.js';

export const settings = z.strictObject({
  language: z
    .string()
    .regex(/^[a-z]{2,3}$/, { error: 'allowed: an ISO 639 code such as en' })
    .default('en')
    .describe("The language of products' own texts, ISO 639."),
  snapshot: z
    .stringbool()
    .default(true)
    .describe('Keep a snapshot of the index in the data directory, so that starts are short.'),
});

/** Documents of a first fill between two pauses: a few milliseconds of work. */
const documentsPerTurn = 20;
/** The pause between two slices of background work. */
const pauseMs = 1;

/** Smaller catalogs need no snapshot. */
const snapshotFrom = 5_000;
/** A snapshot is written again when this share of the texts is not in it, at a stop or if the last one is this old. */
const snapshotChangedShare = 0.02;
const snapshotEveryMs = 15 * 60_000;
/** A snapshot is discarded if this share of its texts was replaced since all were read, because statistics still count them. */
const staleShareMax = 0.25;

export const traits = { live: true };

/** Search in the memory of the process, filled from the catalog at each start. */
export async function open(
  { language, snapshot }: z.output<typeof settings>,
  host: Host,
): Promise<SearchDriver & { close(): Promise<void> }> {
  let engine: Engine | null = null;
  /** The engine of a running fill, until it replaces the other. */
  let next: Engine | null = null;
  let catalog: LiveCatalog | null = null;
  const synonyms = createLocaleSynonyms();
  let working: Sliced | null = null;
  let closed = false;
  const snapshots = snapshot && host.dataDir !== '' ? createSnapshots(language, host, nextTurn) : null;
  let storing: Promise<void> | null = null;
  /** The number of texts that the engine in use had read when it was filled. */
  let readAtFill = 0;
  /** The last snapshot of the engine in use. */
  let written: { readonly readTexts: number; readonly atMs: number } | null = null;
  let staleBefore = 0;
  let lastInTurn: Promise<unknown> = Promise.resolve();

  function created(stored?: StoredEngine): Engine {
    if (!catalog) throw new Error('the search driver was not connected');
    return createEngine({ language, synonyms }, catalog, stored);
  }

  /** The engine of the snapshot; null without one, or if too much of it is stale. */
  async function restored(): Promise<{ readonly engine: Engine; readonly stale: number } | null> {
    const stored = (await snapshots?.read()) ?? null;
    if (!stored || stored.stale > staleShareMax * stored.engine.ids.length) return null;
    try {
      const engine = created(stored.engine);
      await runSliced(engine.restoring(), nextTurn);
      return { engine, stale: stored.stale };
    } catch (error) {
      host.log.warn('the snapshot of the search index cannot be used; all texts are read again', {
        err: describeError(error),
      });
      return null;
    }
  }

  /** Writes a snapshot in the background if the last one is out of date. A change meanwhile puts it off. */
  function storeSoon(): void {
    if (closed || storing || !engine || !isBehind(engine)) return;
    const nowMs = host.clock.nowMs();
    if (written && nowMs - written.atMs < snapshotEveryMs) return;
    storing = write(engine, nowMs).finally(() => {
      storing = null;
    });
  }

  function isBehind(of: Engine): boolean {
    if (!snapshots || of.count() < snapshotFrom) return false;
    return !written || of.readTexts() - written.readTexts > snapshotChangedShare * of.count();
  }

  async function write(of: Engine, atMs: number): Promise<void> {
    const saved = await runSliced(of.save(), nextTurn);
    if (!saved || of !== engine) return;
    written = { readTexts: of.readTexts(), atMs };
    const stale = staleBefore + written.readTexts - readAtFill + saved.ids.length - of.count();
    return snapshots!.write({ engine: saved, stale });
  }

  function serving(): Engine {
    engine ??= created();
    return engine;
  }

  /** Runs background work in slices, one after each pause. */
  function work(): void {
    if (working || closed) return;
    const task = serving().upkeep();
    if (!task) return;
    working = task;
    const step = (): void => {
      if (closed) return;
      if (task.next().done) {
        working = null;
        storeSoon();
        work();
      } else host.clock.after(pauseMs, step);
    };
    host.clock.after(pauseMs, step);
  }

  const soon = async (query: DriverQuery): Promise<DriverAnswer> => serving().search(query);

  /** Runs searches one after another, so that the preparation of one serves the next. */
  function searchInTurn(query: DriverQuery): Promise<DriverAnswer> {
    const answer = lastInTurn.then(async () => {
      const preparing = serving().preparing(query);
      if (preparing) await runSliced(preparing, nextTurn);
      return serving().search(query);
    });
    lastInTurn = answer.catch(() => undefined);
    return answer;
  }

  return {
    ...traits,
    connect(to) {
      catalog = to;
    },
    isFilled: async () => (engine?.count() ?? 0) > 0,
    count: async () => engine?.count() ?? 0,
    async fill(documents) {
      // A second fill reads all texts again.
      const from = engine ? null : await restored();
      const filling = from?.engine ?? created();
      next = filling;
      for await (const page of documents) {
        for (const [i, document] of page.entries()) {
          filling.put(document);
          if (i % documentsPerTurn === documentsPerTurn - 1) await nextTurn();
        }
      }
      if (from) filling.forgetOthers();
      else await runSliced(filling.settling(), nextTurn);
      engine = filling;
      next = null;
      staleBefore = from?.stale ?? 0;
      readAtFill = from ? 0 : filling.readTexts();
      written = from ? { readTexts: 0, atMs: Number.NEGATIVE_INFINITY } : null;
      storeSoon();
      work();
      return filling.count();
    },
    put(documents) {
      for (const document of documents) {
        serving().put(document);
        next?.put(document);
      }
      work();
    },
    remove(ids) {
      for (const id of ids) {
        serving().remove(id);
        next?.remove(id);
      }
    },
    setSynonyms: synonyms.set,
    limitsOf: (synonym) => synonymLimits(synonym, synonyms, termsPerWordMax),
    search: (query) => (query.sort === 'TITLE' ? searchInTurn(query) : soon(query)),
    complete: async (prefix, options) => serving().complete(prefix, options),
    async check() {
      serving();
    },
    async close() {
      closed = true;
      await storing;
      if (!engine || !isBehind(engine)) return;
      // After an import, the next start would tokenize its texts again.
      if (working) await runSliced(working, nextTurn);
      await write(engine, host.clock.nowMs());
    },
  };
}

/** Lets waiting requests go first. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
