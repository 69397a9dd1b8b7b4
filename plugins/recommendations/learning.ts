import type { Catalog, Product } from '../../src/ports/catalog.js';
import type { Events, ShopEvent } from '../../src/ports/events.js';
import type { HistoryReader } from './history.js';
import type { Models } from './models.js';
import type { Refit } from './refit.js';
import type { Report } from './report.js';

/** Events that may arrive while the log is being replayed. */
const waitingMax = 100_000;

export interface Learning {
  /** Rebuilds everything from the catalog and the log, and then follows both. */
  start(): Promise<void>;
  stop(): void;
}

/**
 * Teaches the models: each product and event before its write is acknowledged, so that the next answer knows it. Nothing
 * is kept on disk: a rebuild from the log gives the same models, and what was erased from it is gone from them.
 */
export function createLearning(parts: {
  readonly catalog: Catalog;
  readonly events: Events;
  readonly models: Models;
  readonly report: Report;
  readonly refit: Refit;
  readonly history: HistoryReader;
}): Learning {
  const { catalog, events, models, report, refit, history } = parts;
  const stops: (() => void)[] = [];

  function put(product: Product): void {
    const item = catalog.shelf.numberOf(product.id);
    if (item < 0) return;
    models.content.put(item, product);
    models.newest.put(item, product.createdAtMs);
  }

  function learn(event: ShopEvent): void {
    models.learn(event);
    report.learn(event);
  }

  return {
    async start() {
      stops.push(
        catalog.watch((changes) => {
          for (const { id, product } of changes) {
            if (product) put(product);
            else {
              const item = catalog.shelf.numberOf(id);
              if (item >= 0) models.content.remove(item);
            }
          }
        }),
      );
      let waiting: ShopEvent[] | null = [];
      stops.push(
        events.watch((batch) => {
          history.arrived(batch);
          if (waiting === null) {
            for (const event of batch) learn(event);
            refit.consider();
          } else if (waiting.length < waitingMax) waiting.push(...batch);
        }),
      );
      for await (const page of catalog.scan()) for (const product of page) put(product);
      let replayedToMs = Number.NEGATIVE_INFINITY;
      for await (const page of events.replay()) {
        for (const event of page) learn(event);
        replayedToMs = Math.max(replayedToMs, page.at(-1)?.receivedAtMs ?? replayedToMs);
      }
      // Those received up to there were in the log already.
      for (const event of waiting) if (event.receivedAtMs > replayedToMs) learn(event);
      waiting = null;
      refit.consider();
    },
    stop() {
      refit.stop();
      for (const stop of stops.splice(0)) stop();
    },
  };
}
