import { z } from 'zod';
import type { StaticFile } from '../../src/kit/static-file.js';
import { definePlugin } from '../../src/plugin.js';
import { readPage } from './page-files.js';
import { mountPage } from './showcase.js';

/** Serves a page that shows one shopper in four channels, live. The page sends GraphQL operations only, as other frontends do. */
export const showcase = definePlugin({
  name: 'showcase',
  provides: null,
  needs: [],
  settings: z.strictObject({
    enabled: z
      .stringbool()
      .default(true)
      .describe(
        'Serve the page at `/showcase` and the images of the demo shop. The page needs a storefront key and shows what that key may see.',
      ),
  }),
  create({ settings, host }) {
    let files: ReadonlyMap<string, StaticFile> | null = null;
    return {
      port: null,
      async start() {
        if (!settings.enabled) return;
        files = await readPage();
        if (!files) host.log.warn('no showcase: plugins/showcase/page was not shipped with this build');
      },
      routes(router) {
        if (settings.enabled) mountPage(router, (name) => files?.get(name));
      },
    };
  },
});
