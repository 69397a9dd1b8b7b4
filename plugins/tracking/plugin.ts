import { z } from 'zod';
import { definePlugin } from '../../src/plugin.js';
import { categoriesDefault, readCategories } from './categories.js';
import { mount } from './routes.js';

/** Segment's HTTP tracking API, so that its SDKs, and those that speak like it, work unchanged. */
export const tracking = definePlugin({
  name: 'tracking',
  provides: null,
  needs: ['events', 'customers', 'consent'],
  settings: z.strictObject({
    consentCategories: z
      .string()
      .default(categoriesDefault)
      .superRefine((text, { addIssue }) => {
        try {
          readCategories(text);
        } catch (error) {
          addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
        }
      })
      .describe(
        'The purpose of each category of `context.consent`, comma separated: `C0002=ANALYTICS,C0003=PERSONALIZATION`. Case of categories makes no difference; other categories say nothing.',
      ),
  }),
  create({ needs, host, settings }) {
    const categories = readCategories(settings.consentCategories);
    let unknownNames = 0;
    return {
      port: null,
      routes: (router) => mount(router, { ...needs, categories, unknownName: () => unknownNames++ }, host),
      counters: {
        unknown_events: {
          help: 'Tracked events whose names mean nothing here; they are recorded as CUSTOM.',
          read: () => unknownNames,
        },
      },
    };
  },
});
