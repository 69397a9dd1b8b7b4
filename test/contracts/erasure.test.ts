import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Redis } from 'ioredis';
import { MongoClient } from 'mongodb';
import { plugins } from '../../plugins/index.js';
import { canary, failing, person, plantCanaries } from '../support/canaries.js';
import { openTestGateway } from '../support/gateway.js';
import { describeDrivers } from './drivers.js';

const { REDIS_URL } = process.env;

/** Everything that the databases say they hold. */
async function textsIn(store: string, redis: string | undefined): Promise<string> {
  const texts: string[] = [];
  const client = await MongoClient.connect(store);
  try {
    for (const { collectionName } of await client.db().collections()) {
      for (const document of await client.db().collection(collectionName).find().toArray())
        texts.push(`${collectionName} ${JSON.stringify(document)}`);
    }
  } finally {
    await client.close();
  }
  if (redis === undefined) return texts.join('\n');
  const connection = new Redis(redis);
  try {
    for (const key of await connection.keys('*')) {
      const dumped = await connection.dumpBuffer(key);
      texts.push(`${key} ${dumped?.toString('latin1')}`);
    }
  } finally {
    connection.disconnect();
  }
  return texts.join('\n');
}

describeDrivers('erasure', ['mongodb'], (_driver, url) => {
  it('leaves nothing of a person in the databases within a minute, also after a restart', async function () {
    this.timeout(120_000);
    const store = Object.assign(new URL(url!), { pathname: `/erasure-${process.pid}` }).href;
    const directory = mkdtempSync(join(tmpdir(), 'rapport-'));
    const open = () =>
      openTestGateway([...plugins, failing], {
        dataDir: directory,
        environment: {
          RAPPORT_STORE_URL: store,
          ...(REDIS_URL === undefined ? {} : { RAPPORT_QUEUE_URL: REDIS_URL }),
        },
      });
    let gateway = await open();
    try {
      await plantCanaries(gateway);
      gateway.system.clock.advance(60_000);
      expect(await textsIn(store, REDIS_URL)).to.include(canary);
      const answer = await gateway.ask(
        'mutation ($id: ID!) { eraseCustomer(id: $id) { receipt { counts } userErrors { code } } }',
        { role: 'SERVER', variables: { id: person.customerId } },
      );
      expect(answer.at('eraseCustomer.receipt.counts.customers'), answer.text).to.equal(2);
      gateway.system.clock.advance(60_000);
      await gateway.close();
      const left = (await textsIn(store, REDIS_URL)).split('\n').filter((text) => text.includes(canary));
      expect(left).to.deep.equal([]);
      gateway = await open();
      const again = (await textsIn(store, REDIS_URL)).split('\n').filter((text) => text.includes(canary));
      expect(again).to.deep.equal([]);
    } finally {
      await gateway.close();
      const client = await MongoClient.connect(store);
      await client.db().dropDatabase();
      await client.close();
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
