import { definePlugin } from '../../src/plugin.js';
import { createResolvers } from './resolvers.js';
import { voiceSettings } from './settings.js';
import { createVoice } from './voice.js';

/** Conversations about products, for every assistant, and lists that go on elsewhere. */
export const voice = definePlugin({
  name: 'voice',
  provides: 'voice',
  needs: [
    'store',
    'catalog',
    'merchandising',
    'customers',
    'consent',
    'events',
    'search',
    'recommendations',
    'speech',
  ],
  settings: voiceSettings,
  create({ needs, host, settings }) {
    const { port, handovers, open, prune } = createVoice(needs, host, settings);
    return {
      port,
      resolvers: createResolvers(handovers, needs.catalog),
      schedule: { prune: { cron: '*/10 * * * *', run: prune } },
      start: open,
    };
  },
});
