import { expect } from 'chai';
import { exportJWK, SignJWT } from 'jose';
import { open as openBull } from '../../plugins/bull/drivers/bull.js';
import { open as openMeilisearch } from '../../plugins/search/drivers/meilisearch.js';
import { open as openMongoDB } from '../../plugins/store/drivers/mongodb.js';
import { deadlines } from '../../src/deadlines.js';
import { createHost, createIds, systemClock, systemRandom } from '../../src/host.js';
import { queryOf } from '../contracts/search.js';
import { pantry } from '../gateway/pantry.js';
import { createTestLog } from '../support/boot.js';
import { openTestGateway, testKeys } from '../support/gateway.js';
import { keyPair } from '../support/key-pair.js';
import { type Mute, openMute } from '../support/mute.js';

/** A busy machine runs timers late. */
const slackMs = 3_000;

describe('A backend that accepts connections and never answers', () => {
  const host = createHost({
    clock: systemClock,
    ids: createIds(systemClock),
    random: systemRandom,
    log: createTestLog(),
    dataDir: '',
  });
  let mute: Mute;
  beforeEach(async () => {
    mute = await openMute((request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(request.url === '/health' ? '{"status":"available"}' : '{"hits":[]}');
    });
  });
  afterEach(() => mute.close());

  /** The error with which it ended in time. */
  async function endsWithin(ms: number, what: () => Promise<unknown>): Promise<Error & { code?: string }> {
    const startMs = performance.now();
    const error = await what().then(
      () => new Error('it did not fail'),
      (failure: Error) => failure,
    );
    expect(performance.now() - startMs, error.message).to.be.below(ms + slackMs);
    return error;
  }

  it('lets no driver wait for long at the start', async () => {
    const at = `127.0.0.1:${mute.port}`;
    const [queue, search, store] = await Promise.all([
      endsWithin(deadlines.readMs, () => openBull({ url: `redis://${at}/0` }, host)),
      endsWithin(deadlines.readMs, () =>
        openMeilisearch({ url: `http://${at}`, key: '', index: 'products' }, host),
      ),
      endsWithin(2 * deadlines.connectMs, () => openMongoDB({ url: `mongodb://${at}/rapport` }, host)),
    ]);
    expect(queue.code).to.equal('QUEUE_UNAVAILABLE');
    expect(search.message).to.contain(at);
    expect(store.message).to.match(/timed out/);
  });

  it('makes search unavailable within the deadline, and available when it answers again', async () => {
    mute.speak(true);
    const url = `http://127.0.0.1:${mute.port}`;
    const driver = await openMeilisearch({ url, key: '', index: 'products' }, host);
    const calls = [
      () => driver.check(),
      () => driver.complete('ket', { limit: 5, locale: 'en', changes: [] }),
      () => driver.isFilled(),
    ];
    mute.speak(false);
    for (const error of await Promise.all(calls.map((call) => endsWithin(deadlines.readMs, call))))
      expect(error.code).to.equal('SEARCH_UNAVAILABLE');
    mute.speak(true);
    await driver.check();
    await driver.close();
  });

  it('gives up a query as a whole: all its calls have one deadline, and an end when nobody waits any more', async () => {
    const deadlineCalls: number[] = [];
    const slow = await openMute((request, response) => {
      response.setHeader('content-type', 'application/json');
      if (request.url === '/health') return void response.end('{"status":"available"}');
      deadlineCalls.push(performance.now());
      // Each call alone is in time.
      const late = setTimeout(
        () => response.end('{"hits":[],"estimatedTotalHits":0}'),
        0.6 * deadlines.readMs,
      );
      response.on('close', () => clearTimeout(late));
    });
    try {
      slow.speak(true);
      const url = `http://127.0.0.1:${slow.port}`;
      const driver = await openMeilisearch({ url, key: '', index: 'products' }, host);
      const query = { ...queryOf('green kettle'), categoryIds: null };
      const late = await endsWithin(deadlines.readMs, () => driver.search(query));
      expect(late.code).to.equal('SEARCH_UNAVAILABLE');
      expect(deadlineCalls).to.have.length(2);
      const leaving = new AbortController();
      const left = driver.search({ ...query, signal: leaving.signal }).catch((error: unknown) => error);
      leaving.abort();
      // It says nothing about the server, so it must not keep others from it.
      expect(await left).to.equal(leaving.signal.reason);
    } finally {
      await slow.close();
    }
  });

  it('makes tokens unverifiable for the moment, within the deadline, if it holds the keys of the identity provider', async () => {
    const { privateKey, publicKey } = keyPair();
    const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256' }] });
    const provider = await openMute((_, response) => response.end(keys));
    const gateway = await openTestGateway([pantry], {
      environment: { RAPPORT_JWT_JWKS_URL: `http://127.0.0.1:${provider.port}/keys` },
    });
    try {
      const token = await new SignJWT({ sub: 'ada' })
        .setProtectedHeader({ alg: 'RS256', kid: 'k' })
        .setExpirationTime(Math.floor(gateway.system.clock.nowMs() / 1_000) + 600)
        .sign(privateKey);
      const ask = () =>
        fetch(`${gateway.url}/graphql?query={version}`, {
          headers: { 'x-api-key': testKeys.STOREFRONT, authorization: `Bearer ${token}` },
        });
      const startMs = performance.now();
      const refused = await ask();
      expect(performance.now() - startMs).to.be.below(deadlines.keysMs + slackMs);
      expect(refused.status).to.equal(503);
      expect(Number(refused.headers.get('retry-after'))).to.be.at.least(1);
      expect(await refused.text()).to.contain('AUTHENTICATION_UNAVAILABLE');
      provider.speak(true);
      expect((await ask()).status).to.equal(200);
    } finally {
      await gateway.close();
      await provider.close();
    }
  });
});

describe('Deadlines', () => {
  it('of a call are shorter than those of the field around it, and these than those of the operation', () => {
    const { readMs, keysMs, addedFieldMs, queryMs, writeMs, mutationMs } = deadlines;
    expect([readMs, addedFieldMs, queryMs]).to.deep.equal(
      [readMs, addedFieldMs, queryMs].toSorted((a, b) => a - b),
    );
    expect(keysMs).to.be.below(queryMs);
    expect(2 * writeMs).to.be.below(mutationMs);
  });
});
