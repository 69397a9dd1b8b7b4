import { definePlugin } from '../../src/plugin.js';
import { mount } from './routes.js';

/** Segment's HTTP tracking API, so that its SDKs, and those that speak like it, work unchanged. */
export const tracking = definePlugin({
  name: 'tracking',
  provides: null,
  needs: ['events', 'customers'],
  create({ needs, host }) {
    let unknownNames = 0;
    return {
      port: null,
      routes: (router) => mount(router, { ...needs, unknownName: () => unknownNames++ }, host),
      counters: {
        unknown_events: {
          help: 'Tracked events whose names mean nothing here; they are recorded as CUSTOM.',
          read: () => unknownNames,
        },
      },
    };
  },
});
