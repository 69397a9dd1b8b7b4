import type { Capabilities } from '../../src/capabilities.js';
import type { Host } from '../../src/plugin.js';
import type { Recommendations } from '../../src/ports/recommendations.js';
import { createFloor } from './floor.js';
import { createHistoryReader } from './history.js';
import { createLearning } from './learning.js';
import { createModels } from './models.js';
import type { RepeatPolicy } from './placements.js';
import { createRanker } from './ranking.js';
import { createRecommendations } from './recommendations.js';
import { createRefit } from './refit.js';

/** Puts the parts together: models that learn, a ranking made from them, and the rules of an answer above it. */
export function assemble(
  { catalog, consent, events, store }: Pick<Capabilities, 'catalog' | 'consent' | 'events' | 'store'>,
  host: Pick<Host, 'clock' | 'ids' | 'log' | 'role'>,
  repeatPolicies: ReadonlyMap<string, RepeatPolicy>,
): {
  readonly port: Recommendations;
  start(): Promise<void>;
  stop(): Promise<void>;
} {
  const { shelf } = catalog;
  const models = createModels(shelf);
  const floor = createFloor(models, shelf, host.clock);
  const history = createHistoryReader(events, host.clock);
  const refit = createRefit(
    {
      get interactions() {
        return models.session.interactions;
      },
      learn: () => models.session.learn(),
      use: (learned) => models.session.use(learned),
    },
    host,
  );
  const learning = createLearning({ catalog, events, store, models, refit, history, host });
  const category = (id: string) => catalog.category(id);
  const ranker = createRanker({ models, shelf, floor, category, repeatPolicies });
  const port = createRecommendations({
    catalog,
    consent,
    history,
    ranker,
    report: { read: (days, nowMs) => models.report.read(days, nowMs) },
    clock: host.clock,
  });
  return { port, start: learning.start, stop: learning.stop };
}
