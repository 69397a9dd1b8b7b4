import * as embedded from '../../plugins/search/drivers/embedded.js';
import * as meilisearch from '../../plugins/search/drivers/meilisearch.js';
import { createHost } from '../../src/host.js';
import { createTestClock, createTestLog } from '../support/boot.js';
import { describeDrivers } from './drivers.js';
import { searchContract } from './search.js';

function host() {
  let ids = 0;
  return createHost({
    clock: createTestClock(),
    ids: { next: () => String(++ids) },
    random: () => 0.5,
    log: createTestLog(),
    dataDir: '',
  });
}

describeDrivers('the search contract', ['embedded', 'meilisearch'], (_, url) => {
  searchContract(() =>
    url === null
      ? embedded.open(embedded.settings.parse({}), host())
      : meilisearch.open(meilisearch.settings.parse({ url, index: 'rapport-contract' }), host()),
  );
});
