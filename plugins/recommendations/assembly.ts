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
import { createReport } from './report.js';

/** Puts the parts together: models that learn, a ranking made from them, and the rules of an answer above it. */
export function assemble(
  { catalog, consent, events }: Pick<Capabilities, 'catalog' | 'consent' | 'events'>,
  host: Pick<Host, 'clock' | 'log'>,
  repeatPolicies: ReadonlyMap<string, RepeatPolicy>,
): {
  readonly port: Recommendations;
  start(): Promise<void>;
  stop(): void;
} {
  const { shelf } = catalog;
  const models = createModels(shelf);
  const floor = createFloor(models, shelf, host.clock);
  const report = createReport();
  const history = createHistoryReader(events, host.clock);
  const refit = createRefit(models.session, host);
  const learning = createLearning({ catalog, events, models, report, refit, history });
  const category = (id: string) => catalog.category(id);
  const ranker = createRanker({ models, shelf, floor, category, repeatPolicies });
  const port = createRecommendations({ catalog, consent, history, ranker, report, clock: host.clock });
  return { port, start: learning.start, stop: learning.stop };
}
