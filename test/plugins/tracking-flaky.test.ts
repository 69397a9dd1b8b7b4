import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Analytics } from '@segment/analytics-node';
import { expect } from 'chai';
import type { Permit } from '../../src/ports/consent.js';
import { createRandom } from '../support/boot.js';
import { contextOf } from '../support/events.js';
import { type TestGateway, testKeys } from '../support/gateway.js';
import { openTracking, recorded } from '../support/tracking.js';

/** `FLAKY_SEEDS=100` for a longer look. */
const seeds = Number(process.env.FLAKY_SEEDS ?? 1);
const users = ['u0', 'u1', 'u2', 'u3'];
const turns = 12;
const delayMaxMs = 20;

interface Network {
  url: string;
  faults: number;
  readonly server: Server;
}

/** A network that loses requests and responses, delays them, and sends requests twice. */
async function openFlaky(target: string, random: () => number): Promise<Network> {
  const state: Network = { url: '', faults: 0, server: createServer() };
  function forward(incoming: IncomingMessage, body: Buffer): Promise<{ status: number; body: Buffer }> {
    return new Promise((resolve, reject) => {
      const { method, headers, url } = incoming;
      const sent = request(`${target}${url}`, { method: method!, headers, agent: false }, (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => resolve({ status: response.statusCode!, body: Buffer.concat(parts) }));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }
  state.server.on('request', async (incoming: IncomingMessage, response) => {
    const parts: Buffer[] = [];
    for await (const part of incoming) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    // The first response is lost for every seed.
    const fate = state.faults === 0 ? 0.15 : random();
    if (random() < 0.5) await new Promise((resolve) => setTimeout(resolve, random() * delayMaxMs));
    if (fate < 0.2) state.faults++;
    if (fate < 0.1) return void incoming.socket.destroy();
    const answer = await forward(incoming, body);
    if (fate < 0.2) return void incoming.socket.destroy();
    if (fate < 0.5) await forward(incoming, body);
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body);
  });
  await new Promise<void>((resolve) => state.server.listen(0, '127.0.0.1', resolve));
  state.url = `http://127.0.0.1:${(state.server.address() as AddressInfo).port}`;
  return state;
}

describe('people, over a network that loses, delays and repeats', function () {
  this.timeout(120_000);
  let gateway: TestGateway;
  let network: Network | undefined;
  beforeEach(async () => {
    gateway = await openTracking();
  });
  afterEach(() => {
    network?.server.closeAllConnections();
    network?.server.close();
    return gateway.close();
  });

  for (let seed = 1; seed <= seeds; seed++) {
    it(`are who the messages of Segment’s SDK say, each once (seed ${seed})`, async () => {
      const random = createRandom(seed);
      network = await openFlaky(gateway.url, random);
      const analytics = new Analytics({
        writeKey: testKeys.SERVER,
        host: network.url,
        flushAt: 10,
        maxRetries: 20,
        flushInterval: 50,
      });
      const lost: string[] = [];
      analytics.on('error', ({ reason }) => lost.push(String(reason)));
      const startMs = Date.now() - turns * 60_000;
      const plans = new Map<string, string>();
      const tracked: string[] = [];
      let last = '';
      for (let turn = 0; turn < turns; turn++) {
        const userId = users[Math.floor(random() * users.length)]!;
        const timestamp = new Date(startMs + turn * 60_000);
        const common = { userId, timestamp };
        plans.set(userId, `plan ${turn}`);
        last = userId;
        analytics.identify({
          ...common,
          messageId: `identify ${turn}`,
          anonymousId: 'kiosk',
          traits: { plan: `plan ${turn}`, email: turn % 2 === 0 ? 'not an email' : `${userId}@example.org` },
        });
        analytics.track({
          ...common,
          messageId: `track ${turn}`,
          anonymousId: 'kiosk',
          event: 'Product Viewed',
          properties: { product_id: `p${turn}` },
        });
        tracked.push(`${userId} p${turn}`);
        analytics.group({
          ...common,
          messageId: `group ${turn}`,
          anonymousId: `phone of ${userId}`,
          groupId: 'g',
        });
        analytics.alias({ ...common, messageId: `alias ${turn}`, previousId: `guest ${turn}` });
      }
      await analytics.closeAndFlush({ timeout: 100_000 });
      expect(lost).to.deep.equal([]);

      const customers = gateway.system.port('customers');
      const events = await recorded(gateway);
      const views = events.filter(({ type }) => type === 'PRODUCT_VIEWED');
      expect(
        views.map(({ customerId, productIds }) => `${customerId} ${productIds[0]}`).sort(),
      ).to.deep.equal(tracked.sort());
      expect(new Set(events.map(({ id }) => id)).size).to.equal(events.length);
      const linkedTo = async (sessionId: string) =>
        (await customers.recognise(contextOf(sessionId))).customerId;
      expect(await linkedTo('kiosk')).to.equal(last);
      for (const [userId, plan] of plans) {
        expect(await linkedTo(`phone of ${userId}`)).to.equal(userId);
        expect((await customers.get(userId))!.traits.plan, userId).to.equal(plan);
      }
      for (let turn = 0; turn < turns; turn++) expect(users).to.include(await linkedTo(`guest ${turn}`));
      for (const id of plans.keys()) expect((await customers.personOf(id)).members).to.deep.equal([id]);

      const [into, from] = [...plans.keys()] as [string, string];
      const query = `mutation { mergeCustomers(into: "${into}", from: "${from}", reason: "test") { merge { id } userErrors { code } } }`;
      const merged = new Set<string>();
      for (let sent = 0; sent < 10; sent++) {
        const answer = await fetch(`${network.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-api-key': testKeys.SERVER },
          body: JSON.stringify({ query }),
        })
          .then(
            (response) => response.json() as Promise<{ data: { mergeCustomers: { merge: { id: string } } } }>,
          )
          .catch(() => null);
        if (answer !== null) merged.add(answer.data.mergeCustomers.merge.id);
      }
      expect(merged.size).to.equal(1);
      const shopper = await customers.shopper({ customerId: from });
      const permit = (await gateway.system
        .port('consent')
        .permit(shopper, 'PERSONALIZATION')) as Permit<'PERSONALIZATION'>;
      const history = await gateway.system
        .port('events')
        .history(permit, { limit: 1_000, types: ['PRODUCT_VIEWED'] });
      expect(history.map(({ productIds }) => productIds[0]).sort()).to.deep.equal(
        tracked
          .filter((one) => one.startsWith(`${into} `) || one.startsWith(`${from} `))
          .map((one) => one.split(' ')[1])
          .sort(),
      );
    });
  }
});
