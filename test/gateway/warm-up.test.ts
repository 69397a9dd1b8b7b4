import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { plugins } from '../../plugins/index.js';
import { definePlugin } from '../../src/plugin.js';
import { createTestClock } from '../support/boot.js';
import { openTestGateway } from '../support/gateway.js';

/** Knows what a warm-up asks, and makes it wait. */
function gated(gate: Promise<void>, asked: unknown[]) {
  return definePlugin({
    name: 'gated',
    provides: null,
    needs: [],
    sdl: /* GraphQL */ `
      type Item { id: ID! title: String! brand: String price: Price inStock: Boolean }
      type Price { amount: String currency: String }
      type Page { nodes: [Item!]! }
      extend type Query { products(first: Int): Page @public }
    `,
    create: () => ({
      port: null,
      resolvers: {
        Query: {
          products: async (_: unknown, _args: unknown, { caller }: { caller: unknown }) => {
            asked.push(caller);
            await gate;
            return { nodes: [] };
          },
        },
      },
    }),
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('A warm-up', () => {
  it('comes before readiness, and asks on behalf of a visitor who may not be profiled', async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const asked: unknown[] = [];
    const port = await freePort();
    const opening = openTestGateway([gated(gate, asked)], {
      warmUp: true,
      environment: { RAPPORT_PORT: String(port) },
    });
    while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const statusOf = async (path: string) => (await fetch(`http://127.0.0.1:${port}${path}`)).status;
    expect(await statusOf('/health/ready')).to.equal(503);
    expect(await statusOf('/health/live')).to.equal(200);
    open();
    const gateway = await opening;
    try {
      expect(await statusOf('/health/ready')).to.equal(200);
      expect(asked.length).to.be.greaterThan(100);
      expect(asked[0]).to.include({ role: 'STOREFRONT', customerId: null, globalPrivacyControl: true });
      expect(await (await fetch(`${gateway.url}/metrics`)).text()).not.to.match(
        /^rapport_graphql_operations_total\S* [1-9]/m,
      );
    } finally {
      await gateway.close();
    }
  });

  it('lasts two seconds at most, even if a plugin hangs', async () => {
    const asked: unknown[] = [];
    const clock = createTestClock();
    const opening = openTestGateway([gated(new Promise(() => undefined), asked)], { warmUp: true, clock });
    while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(2_000);
    const gateway = await opening;
    expect((await fetch(`${gateway.url}/health/ready`)).status).to.equal(200);
    await gateway.close();
  });

  it('runs storefront operations of the shop without an error, and records nothing', async () => {
    const environment = { RAPPORT_CONSENT_MODE: 'opt-out', RAPPORT_SEARCH_PEOPLE_MIN: '1' };
    const stocked = definePlugin({
      name: 'stocked',
      provides: null,
      needs: ['catalog'],
      create: ({ needs }) => ({
        port: null,
        async start() {
          await needs.catalog.save([
            { id: 'kettle', title: 'Kettle', categoryIds: [], prices: [{ currency: 'EUR', amount: '9' }] },
          ]);
        },
      }),
    });
    const gateway = await openTestGateway([...plugins, stocked], { warmUp: true, environment });
    try {
      const { log } = gateway.system;
      expect(log.lines.filter(({ level }) => level === 'error' || level === 'warn')).to.deep.equal([]);
      expect(log.lines).to.deep.include({
        level: 'info',
        message: 'warmed up',
        fields: { operations: 400, kinds: 6, failed: 0 },
      });
      gateway.system.clock.advance(1_000);
      const report = await gateway.ask('{ searchReport { query } }', { role: 'MERCHANDISER' });
      expect(report.at('searchReport')).to.deep.equal([]);
    } finally {
      await gateway.close();
    }
  });
});
