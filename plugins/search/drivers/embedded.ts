import { z } from 'zod';
import { describeError } from '../../../src/errors.js';
import type { Host } from '../../../src/plugin.js';
import type {
  DriverAnswer,
  DriverQuery,
  DriverSynonym,
  LiveCatalog,
  SearchDriver,
} from '../../../src/ports/search-driver.js';
import { createEngine, type Engine, type StoredEngine } from './embedded/engine.js';
import { createSnapshots } from './embedded/snapshot.js';
import { termsPerWordMax } from './embedded/synonyms.js';
import { synonymLimits } from './synonym-limits.js';

export const settings = z.strictObject({
  language: z
    .string()
    .regex(/^[a-z]{2,3}$/, { error: 'allowed: an ISO 639 code such as en' })
    .default('en')
    .describe("The language of products' own texts, ISO 639."),
  snapshot: z
    .stringbool()
    .default(true)
    .describe('Keep what was read from texts in the data directory, so that starts are short.'),
});

/** While an index is filled: so many are a few milliseconds of work. */
const documentsPerTurn = 20;
/** Between two slices of background work, so that requests come first. */
const pauseMs = 1;

/** Smaller catalogs are read in a moment. */
const storedFrom = 5_000;
/** A file is written anew when this share of the texts is not in it, or was replaced since; and not more often than this. */
const storedAnewShare = 0.02;
const storedAnewMs = 15 * 60_000;
/** Statistics count what was replaced, too: when it is so much, all is read anew. */
const wornShare = 0.25;

export const traits = { live: true };

/** Search in the memory of the process, filled from the catalog at each start. */
export async function open(
  { language, snapshot }: z.output<typeof settings>,
  host: Host,
): Promise<SearchDriver & { close(): Promise<void> }> {
  let engine: Engine | null = null;
  /** What a fill is building, until it takes over. */
  let next: Engine | null = null;
  let catalog: LiveCatalog | null = null;
  let synonyms: readonly DriverSynonym[] = [];
  let working = false;
  let closed = false;
  const snapshots = snapshot && host.dataDir !== '' ? createSnapshots(language, host, nextTurn) : null;
  let storing: Promise<void> | null = null;
  /** How many texts the engine in use had read when it was as good as new, and when it was written; null before. */
  let asNew = 0;
  let written: { readonly readTexts: number; readonly atMs: number } | null = null;
  let wornBefore = 0;
  let lastInTurn: Promise<unknown> = Promise.resolve();

  function created(stored?: StoredEngine): Engine {
    if (!catalog) throw new Error('the search driver was not connected');
    const fresh = createEngine({ language }, catalog, stored);
    fresh.setSynonyms(synonyms);
    return fresh;
  }

  /** What is in the file, unless too much of it is history. */
  async function restored(): Promise<{ readonly engine: Engine; readonly worn: number } | null> {
    const stored = (await snapshots?.read()) ?? null;
    if (!stored || stored.worn > wornShare * stored.engine.ids.length) return null;
    try {
      const engine = created(stored.engine);
      for (const restoring = engine.restoring(); !restoring.next().done; ) await nextTurn();
      return { engine, worn: stored.worn };
    } catch (error) {
      host.log.warn('the stored texts of the search index cannot be used; all are read anew', {
        err: describeError(error),
      });
      return null;
    }
  }

  /** Writes the file behind the requests when it has fallen behind; what changes on the way puts it off. */
  function storeSoon(): void {
    if (!snapshots || closed || storing || !engine || engine.count() < storedFrom) return;
    const nowMs = host.clock.nowMs();
    const readTexts = engine.readTexts();
    if (written && readTexts - written.readTexts <= storedAnewShare * engine.count()) return;
    if (written && nowMs - written.atMs < storedAnewMs) return;
    storing = write(engine, nowMs).finally(() => {
      storing = null;
    });
  }

  async function write(of: Engine, atMs: number): Promise<void> {
    const saving = of.save();
    for (let step = saving.next(); ; step = saving.next()) {
      if (!step.done) {
        await nextTurn();
        continue;
      }
      const saved = step.value;
      if (!saved || of !== engine) return;
      written = { readTexts: of.readTexts(), atMs };
      const worn = wornBefore + written.readTexts - asNew + saved.ids.length - of.count();
      return snapshots!.write({ engine: saved, worn });
    }
  }

  function serving(): Engine {
    engine ??= created();
    return engine;
  }

  /** Works off what is to be done in slices, one after each pause. */
  function work(): void {
    if (working || closed) return;
    const task = serving().upkeep();
    if (!task) return;
    working = true;
    const step = (): void => {
      if (closed) return;
      if (task.next().done) {
        working = false;
        storeSoon();
        work();
      } else host.clock.after(pauseMs, step);
    };
    host.clock.after(pauseMs, step);
  }

  const soon = async (query: DriverQuery): Promise<DriverAnswer> => serving().search(query);

  /** One after the other: what one of them prepares, in slices, is there for the next. */
  function searchInTurn(query: DriverQuery): Promise<DriverAnswer> {
    const answer = lastInTurn.then(async () => {
      const preparing = serving().preparing(query);
      if (preparing) while (!preparing.next().done) await nextTurn();
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
      // Asked for once more, everything is read anew.
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
      else for (const settling = filling.settling(); !settling.next().done; ) await nextTurn();
      engine = filling;
      next = null;
      wornBefore = from?.worn ?? 0;
      asNew = from ? 0 : filling.readTexts();
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
    setSynonyms(all) {
      synonyms = all;
      engine?.setSynonyms(all);
      next?.setSynonyms(all);
    },
    limitsOf: (synonym) => synonymLimits(synonym, synonyms, termsPerWordMax),
    search: (query) => (query.sort === 'TITLE' ? searchInTurn(query) : soon(query)),
    complete: async (prefix, options) => serving().complete(prefix, options),
    async check() {
      serving();
    },
    async close() {
      closed = true;
      await storing;
    },
  };
}

/** Lets waiting requests go first. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
