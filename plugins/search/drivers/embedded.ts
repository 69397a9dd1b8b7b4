import { z } from 'zod';
import type { Host } from '../../../src/plugin.js';
import type { DriverSynonym, LiveCatalog, SearchDriver } from '../driver.js';
import { createEngine, type Engine } from './embedded/engine.js';
import { termsPerWordMax } from './embedded/synonyms.js';
import { synonymLimits } from './synonym-limits.js';

export const settings = z.strictObject({
  language: z
    .string()
    .regex(/^[a-z]{2,3}$/)
    .default('en')
    .describe("The language of products' own texts, ISO 639."),
});

/** While an index is filled: so many are a few milliseconds of work. */
const documentsPerTurn = 20;
/** Between two slices of background work, so that requests come first. */
const pauseMs = 1;

/** Search in the memory of the process. Nothing is kept on disk: the index is filled from the catalog at each start. */
export async function open(
  { language }: z.output<typeof settings>,
  host: Host,
): Promise<SearchDriver & { close(): Promise<void> }> {
  let engine: Engine | null = null;
  /** What a fill is building, until it takes over. */
  let next: Engine | null = null;
  let catalog: LiveCatalog | null = null;
  let synonyms: readonly DriverSynonym[] = [];
  let working = false;
  let closed = false;

  function created(): Engine {
    if (!catalog) throw new Error('the search driver was not connected');
    const fresh = createEngine({ language }, catalog);
    fresh.setSynonyms(synonyms);
    return fresh;
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
        work();
      } else host.clock.after(pauseMs, step);
    };
    host.clock.after(pauseMs, step);
  }

  return {
    live: true,
    connect(to) {
      catalog = to;
    },
    isFilled: async () => (engine?.count() ?? 0) > 0,
    async fill(documents) {
      const filling = created();
      next = filling;
      for await (const page of documents) {
        for (const [i, document] of page.entries()) {
          filling.put(document);
          if (i % documentsPerTurn === documentsPerTurn - 1) await nextTurn();
        }
      }
      for (const settling = filling.settling(); !settling.next().done; ) await nextTurn();
      engine = filling;
      next = null;
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
    search: async (query) => serving().search(query),
    complete: async (prefix, options) => serving().complete(prefix, options),
    async check() {
      serving();
    },
    async close() {
      closed = true;
    },
  };
}

/** Lets waiting requests go first. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
