import { createTopics } from '../../src/kit/topics.js';
import { definePlugin } from '../../src/plugin.js';
import { assemble } from './assembly.js';
import { createModelResolvers } from './model-registry/resolvers.js';
import { createResolvers, topicsOf } from './resolvers.js';
import { recommendationsSettings } from './settings.js';

/** One ranking for a shopper, moment, store and placement, and what each channel can use of it. */
export const recommendations = definePlugin({
  name: 'recommendations',
  provides: 'recommendations',
  needs: ['catalog', 'consent', 'customers', 'events', 'search', 'speech', 'store'],
  settings: recommendationsSettings,
  create({ needs, host, settings, contributions }) {
    const { port, versions, forget, start, stop } = assemble(needs, host, settings.repeat, {
      exploreShare: settings.explore,
      trust: settings,
      contributions,
    });
    const changes = createTopics();
    const unwatch = needs.events.watch((events) => {
      for (const event of events) changes.publish(...topicsOf(event));
    }, 'PERSONALIZATION');
    return {
      port,
      ...createResolvers(port, createModelResolvers(versions), needs.customers, changes),
      reactions: { 'customer.erased': async () => forget() },
      start,
      close: () => {
        unwatch();
        return stop();
      },
    };
  },
});
