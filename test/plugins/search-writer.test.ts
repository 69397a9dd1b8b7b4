import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { createSearchServer } from '../../plugins/search/drivers/meilisearch/server.js';
import { createIndexWriter } from '../../plugins/search/drivers/meilisearch/writer.js';
import { createHost, createIds, systemClock } from '../../src/host.js';
import { ProductsRefused } from '../../src/ports/search-driver.js';
import { productOf } from '../contracts/search.js';
import { createTestLog } from '../support/boot.js';

/** Takes documents as Meilisearch 1.50.0 was seen to, up to a size; a proxy before it has one of its own. */
describe('writing to a search server that takes requests up to a size', () => {
  let server: Server;
  let taken: Set<string>;
  let serverMost: number;
  let proxyMost: number;

  before(async () => {
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      if (body.length > proxyMost) {
        response.writeHead(413, { 'content-type': 'text/html' }).end('<h1>413 Request Entity Too Large</h1>');
      } else if (body.length > serverMost) {
        const fault = { message: 'too large', code: 'payload_too_large', type: 'invalid_request', link: '' };
        response.writeHead(413, { 'content-type': 'application/json' }).end(JSON.stringify(fault));
      } else {
        const lines = body.toString().split('\n').filter(Boolean);
        for (const line of lines) taken.add((JSON.parse(line) as { productId: string }).productId);
        const task = { taskUid: 1, uid: 1, status: 'succeeded', enqueuedAt: '2026-01-01T00:00:00Z' };
        response.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify(task));
      }
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => {
    server.close();
  });
  beforeEach(() => {
    taken = new Set();
    serverMost = Number.POSITIVE_INFINITY;
    proxyMost = Number.POSITIVE_INFINITY;
  });

  /** Writes twenty products, one of them large; answers which were refused. */
  async function refused(largeChars: number): Promise<readonly string[]> {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const clock = systemClock;
    const host = createHost({
      clock,
      ids: createIds(clock),
      random: Math.random,
      log: createTestLog(),
      dataDir: '',
    });
    const writer = createIndexWriter(createSearchServer(url, '', host), 'products', host.clock.nowMs);
    const documents = Array.from({ length: 20 }, (_, i) => ({
      product: {
        ...productOf(`p${i}`, `Lamp ${i}`),
        description: 'x'.repeat(i === 7 ? largeChars : 100_000),
      },
      categories: [],
      stock: {},
    }));
    await writer.add(documents);
    try {
      await writer.finish();
      return [];
    } catch (error) {
      if (error instanceof ProductsRefused) return error.productIds;
      throw error;
    }
  }

  it('sends a batch that the server does not take in halves, and says which product alone is too large', async () => {
    serverMost = 500_000;
    expect(await refused(600_000)).to.deep.equal(['p7']);
    expect(taken.size).to.equal(19);
  });

  it('does the same for a proxy that says so in its own words', async () => {
    proxyMost = 1_048_576;
    expect(await refused(100_000)).to.deep.equal([]);
    expect(taken.size).to.equal(20);
  });
});
