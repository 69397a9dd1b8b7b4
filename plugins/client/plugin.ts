import { RapportError } from '../../src/errors.js';
import { type StaticFile, sendFile } from '../../src/kit/static-file.js';
import { definePlugin } from '../../src/plugin.js';
import { type ClientPath, clientPaths, readClientFiles } from './client-files.js';

/** Caches ask again after this time, so that pages get a new version within ten minutes. */
const headers = { 'cache-control': 'public, max-age=600' };

/** Serves the browser client and its types. */
export const client = definePlugin({
  name: 'client',
  provides: null,
  needs: [],
  create({ host }) {
    let files: Readonly<Record<ClientPath, StaticFile>> | null = null;
    return {
      port: null,
      async start() {
        files = await readClientFiles();
        if (!files) host.log.warn('no browser client: run `npm run build` to get /client.js');
      },
      routes(router) {
        for (const path of clientPaths) {
          router.route('GET', path, async (request, response) => {
            if (!files) throw notBuilt(path);
            sendFile(request, response, files[path], headers);
          });
        }
      },
    };
  },
});

function notBuilt(path: string): RapportError {
  return new RapportError('missing', 'CLIENT_NOT_BUILT', `${path} is not built; run \`npm run build\`.`);
}
