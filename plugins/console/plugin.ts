import { z } from 'zod';
import type { StaticFile } from '../../src/kit/static-file.js';
import { definePlugin } from '../../src/plugin.js';
import { mountConsole } from './console.js';
import { readConsole } from './console-files.js';

/** Serves the page of merchandisers. The page sends GraphQL operations only, as other frontends do. */
export const console = definePlugin({
  name: 'console',
  provides: null,
  needs: [],
  settings: z.strictObject({
    enabled: z
      .stringbool()
      .default(true)
      .describe(
        'Serve the page of merchandisers at `/console`. The page holds no data; each user signs in with a MERCHANDISER key.',
      ),
  }),
  create({ settings, host }) {
    let files: ReadonlyMap<string, StaticFile> | null = null;
    return {
      port: null,
      async start() {
        if (!settings.enabled) return;
        files = await readConsole();
        if (!files) host.log.warn('no console: run `npm run build` to get /console');
      },
      routes(router) {
        if (settings.enabled) mountConsole(router, (name) => files?.get(name));
      },
    };
  },
});
