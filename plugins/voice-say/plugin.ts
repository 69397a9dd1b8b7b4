import { definePlugin } from '../../src/plugin.js';
import { mountSay } from './say.js';

/** Plain JSON over HTTP, for phone bots, shortcuts and assistants without an edge of their own. */
export const voiceSay = definePlugin({
  name: 'voice-say',
  provides: null,
  needs: ['voice'],
  create: ({ needs }) => ({ port: null, routes: (router) => mountSay(router, needs.voice) }),
});
