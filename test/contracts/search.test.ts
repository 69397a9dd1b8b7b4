import * as embedded from '../../plugins/search/drivers/embedded.js';
import * as meilisearch from '../../plugins/search/drivers/meilisearch.js';
import { createHost, createIds, systemClock } from '../../src/host.js';
import { createTestLog } from '../support/boot.js';
import { describeDrivers } from './drivers.js';
import { searchContract } from './search.js';

/** A server's tasks take real time. */
function host() {
  return createHost({
    clock: systemClock,
    ids: createIds(systemClock),
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
