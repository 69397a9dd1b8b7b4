import { z } from 'zod';
import { definePlugin } from '../../src/plugin.js';
import { createFloor } from './floor.js';
import { createLearning } from './learning.js';
import { createModels } from './models.js';
import { createRanker } from './ranking.js';
import { createRecommendations } from './recommendations.js';
import { readRepeatPolicies } from './repeat-policies.js';
import { createReport } from './report.js';
import { createResolvers } from './resolvers.js';

/** One ranking for a shopper, moment, store and placement, and what each channel can use of it. */
export const recommendations = definePlugin({
  name: 'recommendations',
  provides: 'recommendations',
  needs: ['catalog', 'consent', 'events', 'speech'],
  settings: z.strictObject({
    repeat: z
      .string()
      .default('')
      .transform(readRepeatPolicies)
      .describe(
        'What happens to products that a person has bought, by category, e.g. `coffee=replenish,tv=exclude,wine=allow`.',
      ),
  }),
  create({ needs: { catalog, consent, events, speech }, host: { clock }, settings }) {
    const models = createModels(catalog.shelf);
    const floor = createFloor(models, catalog.shelf, clock);
    const report = createReport();
    const learning = createLearning({ catalog, events, models, floor, report });
    const category = (id: string) => catalog.category(id);
    const ranker = createRanker({
      models,
      shelf: catalog.shelf,
      floor,
      category,
      repeatPolicies: settings.repeat,
    });
    const port = createRecommendations({ catalog, consent, events, ranker, report, clock });
    return {
      port,
      resolvers: createResolvers(port, speech),
      reactions: { 'stock.changed': async () => floor.changed() },
      start: learning.start,
      close: async () => learning.stop(),
    };
  },
});
