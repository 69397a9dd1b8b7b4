import { describeError } from '../../../src/errors.js';
import type { Host } from '../../../src/plugin.js';
import type { Catalog } from '../../../src/ports/catalog.js';
import type { Synonym } from '../../../src/ports/merchandising.js';
import type { Suggestion } from '../../../src/ports/search.js';
import {
  type CompletionOptions,
  type DriverQuery,
  type EngineAnswer,
  indexedMax,
  type SearchDriver,
} from '../../../src/ports/search-driver.js';
import { liveCatalog } from '../index-sync/documents.js';
import { createLocalSync } from '../index-sync/local-sync.js';
import { scanCatalog } from './catalog-scan.js';

/** Serves searches while the search server does not. */
interface Fallback {
  search(query: DriverQuery): Promise<EngineAnswer>;
  complete(prefix: string, options: CompletionOptions): Promise<readonly Suggestion[]>;
  setSynonyms(synonyms: readonly Synonym[]): void;
  stop(): void;
}

/** The index of a catalog up to this size is ready in a moment, so that the first query waits for it. */
const awaitedSizeMax = 5_000;
const awaitedMs = 1_000;
/** The index is released if no query needed it for this long. */
const releasedAfterMs = 10 * 60_000;

/**
 * The first query of an outage begins an index in this process, built in slices beside the requests. Until it is ready, the catalog is
 * scanned. It is kept current, and released when it is not needed any more.
 */
export function createFallback(catalog: Catalog, host: Host): Fallback {
  let index: { readonly driver: SearchDriver; stop(): void } | null = null;
  let synonyms: readonly Synonym[] = [];
  let building: Promise<void> | null = null;
  let stopped = false;
  let usedAtMs = 0;

  async function build(): Promise<void> {
    const { open, settings } = await import('../drivers/embedded.js');
    const driver = await open(settings.parse({ snapshot: 'false' }), host);
    const sync = createLocalSync(driver, catalog, host);
    driver.connect(liveCatalog(catalog));
    await sync.start();
    const stop = (): void => {
      sync.stop();
      void driver.close();
    };
    if (stopped) stop();
    else {
      driver.setSynonyms(synonyms);
      index = { driver, stop };
    }
  }

  function releaseLater(): void {
    host.clock.after(releasedAfterMs, () => {
      if (stopped || !index) return;
      if (host.clock.nowMs() - usedAtMs < releasedAfterMs) releaseLater();
      else {
        index.stop();
        index = null;
      }
    });
  }

  function begin(): void {
    building = build()
      .then(releaseLater)
      .catch((error: unknown) =>
        host.log.warn('the fallback index of the search server could not be built', {
          err: describeError(error),
        }),
      )
      .finally(() => {
        building = null;
      });
  }

  async function ready(): Promise<SearchDriver | null> {
    usedAtMs = host.clock.nowMs();
    const { size } = catalog.shelf;
    if (!index && !building && !stopped && size <= indexedMax) begin();
    if (!index && building && size <= awaitedSizeMax) await settledInTime(building);
    return index?.driver ?? null;
  }

  function settledInTime(work: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = host.clock.after(awaitedMs, resolve);
      void work.then(() => {
        cancel();
        resolve();
      });
    });
  }

  return {
    async search(query) {
      const driver = await ready();
      if (!driver) return scanCatalog(catalog, query);
      return { ...(await driver.search(query)), degraded: true };
    },
    complete: async (prefix, options) => (await (await ready())?.complete(prefix, options)) ?? [],
    setSynonyms(all) {
      synonyms = all;
      index?.driver.setSynonyms(all);
    },
    stop() {
      stopped = true;
      index?.stop();
    },
  };
}
