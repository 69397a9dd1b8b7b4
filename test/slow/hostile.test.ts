import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { type GatewayProcess, keys, openGatewayProcess } from '../../scripts/soak/gateway-process.js';
import { type HostileInput, hostileInputs } from './hostile-inputs.js';

const mib = 1_024 * 1_024;
const cpuMsMax = 50;
const retainedMibMax = 1;
const cheapMsMax = 500;
const tries = 3;

interface Reply {
  readonly status: number;
  readonly tookMs: number;
  readonly text: string;
}

function send(gateway: GatewayProcess, input: Omit<HostileInput, 'name'>, agent?: Agent): Promise<Reply> {
  const beganMs = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        port: gateway.port,
        host: '127.0.0.1',
        path: input.path,
        method: input.method,
        headers: input.headers,
        agent,
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          resolve({
            status: response.statusCode!,
            tookMs: performance.now() - beganMs,
            text: Buffer.concat(parts).toString(),
          }),
        );
      },
    );
    const pieces = Array.isArray(input.body) ? input.body : null;
    // The server may close the connection while pieces are still on their way.
    sent.on('error', (error) =>
      pieces ? resolve({ status: 0, tookMs: performance.now() - beganMs, text: '' }) : reject(error),
    );
    for (const piece of pieces ?? []) sent.write(piece);
    sent.end(pieces ? undefined : (input.body ?? undefined));
  });
}

function graphql(query: string, variables: object = {}): Omit<HostileInput, 'name'> {
  return {
    path: '/graphql',
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': keys.STOREFRONT },
    body: JSON.stringify({ query, variables }),
  };
}

/** CPU time of the process while `run` runs, without what measuring takes, milliseconds. */
async function cpuMsOf(gateway: GatewayProcess, run: () => Promise<unknown>): Promise<number> {
  const first = await gateway.usage();
  const before = await gateway.usage();
  await run();
  const after = await gateway.usage();
  const measuring = before.cpuSeconds - first.cpuSeconds;
  return Math.max(0, (after.cpuSeconds - before.cpuSeconds - measuring) * 1_000);
}

/** Waits until the process has done what it does beside answering. */
async function untilQuiet(gateway: GatewayProcess): Promise<void> {
  for (let i = 0; i < 60; i++) {
    const before = await gateway.usage();
    await pause(2_000);
    if ((await gateway.usage()).cpuSeconds - before.cpuSeconds < 0.1) return;
  }
}

function percentile(values: readonly number[], share: number): number {
  return (
    [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0
  );
}

describe('Somebody who means harm', function () {
  this.timeout(600_000);
  const dataDir = mkdtempSync(join(tmpdir(), 'rapport-hostile-'));
  /** The same shop, for processes beside. */
  const freshDir = mkdtempSync(join(tmpdir(), 'rapport-hostile-'));
  let gateway: GatewayProcess;
  const figures: string[] = [];

  before(async () => {
    // In development mode an empty directory gets the demo shop.
    await (await openGatewayProcess({ dataDir, development: true })).stop();
    // So that it starts outside development, too.
    rmSync(join(dataDir, 'DEMO-SHOP'));
    cpSync(dataDir, freshDir, { recursive: true });
    gateway = await openGatewayProcess({
      dataDir,
      development: false,
      environment: { RAPPORT_RATE_LIMITS: 'false' },
      nodeOptions: ['--max-old-space-size=1024'],
    });
    await untilQuiet(gateway);
  });
  after(async () => {
    await gateway?.stop();
    for (const directory of [dataDir, freshDir]) rmSync(directory, { recursive: true, force: true });
    console.log(figures.map((line) => `    ${line}`).join('\n'));
  });

  it('and has no key costs at most 50 ms of CPU a request, and is told why in a few words', async () => {
    const worst = new Map<string, number>();
    for (let turn = 0; turn < tries; turn++) {
      for (const [i] of hostileInputs(0).entries()) {
        const input = hostileInputs(turn * 1_000 + i)[i]!;
        let reply: Reply | undefined;
        const cpuMs = await cpuMsOf(gateway, async () => {
          reply = await send(gateway, input);
        });
        // The first request warms up, and anything may run beside one of them.
        worst.set(input.name, Math.min(cpuMs, worst.get(input.name) ?? Number.POSITIVE_INFINITY));
        expect(reply!.status, input.name).to.be.below(500);
        if (!input.name.includes('introspection'))
          expect(reply!.text.length, `${input.name}: ${reply!.text.slice(0, 200)}`).to.be.below(10_000);
      }
    }
    const sorted = [...worst].sort((a, b) => b[1] - a[1]);
    figures.push(`CPU of a request without a key: at most ${sorted[0]![1].toFixed(1)} ms (${sorted[0]![0]})`);
    expect(sorted.filter(([, cpuMs]) => cpuMs > cpuMsMax)).to.deep.equal([]);
  });

  it('and has no key makes the process keep nothing', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    let n = 0;
    const flood = async (count: number) => {
      const until = n + count;
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          while (n < until) {
            const number = n++;
            const fields = Array.from({ length: 850 }, (_, i) => `g${number}x${i}`).join(' ');
            const headers = { 'content-type': 'application/json' };
            const body = JSON.stringify({ query: `{ ${fields} }` });
            await send(gateway, { path: '/graphql', method: 'POST', headers, body }, agent);
          }
        }),
      );
    };
    await flood(1_000);
    const before = await gateway.usage();
    const count = 3_000;
    await flood(count);
    const after = await gateway.usage();
    agent.destroy();
    const retained = Math.max(0, after.rssBytes - before.rssBytes) / mib;
    figures.push(
      `Retained after ${count} requests without a key: ${retained.toFixed(0)} MiB, ${((retained * 1_024) / count).toFixed(1)} KiB each`,
    );
    expect(retained / count).to.be.below(retainedMibMax);
    expect(retained).to.be.below(200);
  });

  it('and holds bodies back is refused, closed, and takes a bounded amount of memory', async () => {
    const before = await gateway.usage();
    const hold = (key: string | null, bytes: number) =>
      new Promise<{ text: string; openMs: number }>((resolve) => {
        const beganMs = performance.now();
        let text = '';
        const socket = connect(gateway.port, '127.0.0.1', () => {
          const own = key ? `x-api-key: ${key}\r\n` : '';
          socket.write(
            `POST /graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n${own}content-length: ${bytes}\r\n\r\n`,
          );
          if (key) socket.write(Buffer.alloc(bytes - 1, 0x20));
        });
        socket.on('data', (chunk) => {
          text += chunk.toString();
        });
        socket.on('error', () => undefined);
        socket.on('close', () => resolve({ text, openMs: performance.now() - beganMs }));
      });
    const keyless = await Promise.all(Array.from({ length: 200 }, () => hold(null, 8 * mib)));
    expect(keyless.every(({ text }) => text.includes(' 413 '))).to.equal(true);
    const storefront = Array.from({ length: 200 }, () => hold(keys.STOREFRONT, mib));
    await pause(5_000);
    const during = await gateway.usage();
    const held = await Promise.all(storefront);
    const longest = Math.max(...keyless.map(({ openMs }) => openMs));
    const longestHeld = Math.max(...held.map(({ openMs }) => openMs));
    const grown = (during.rssBytes - before.rssBytes) / mib;
    figures.push(
      `200 bodies of 8 MiB without a key: refused, closed after ${(longest / 1_000).toFixed(1)} s at most`,
      `200 bodies of 1 MiB with a storefront key, the last byte held back: ${grown.toFixed(0)} MiB more, closed after ${(longestHeld / 1_000).toFixed(1)} s at most`,
    );
    expect(held.every(({ text }) => / (408|503) /.test(text))).to.equal(true);
    expect(longest).to.be.below(15_000);
    expect(longestHeld).to.be.below(25_000);
    expect(grown).to.be.below(200);
  });

  it('and sends nothing, or a head without an end, is closed', async () => {
    const open = (text: string) =>
      new Promise<number>((resolve) => {
        const beganMs = performance.now();
        const socket = connect(gateway.port, '127.0.0.1', () => socket.write(text));
        socket.on('error', () => undefined);
        socket.resume().on('close', () => resolve(performance.now() - beganMs));
      });
    const times = await Promise.all(['', 'POST /graphql HTTP/1.1\r\nhost: a\r\n', 'P'].map(open));
    figures.push(
      `Connections that send no whole head: closed after ${(Math.max(...times) / 1_000).toFixed(1)} s at most`,
    );
    expect(Math.max(...times)).to.be.below(20_000);
  });

  for (const recommendations of [38, 59]) {
    it(`and asks 40 times a second for ${recommendations} recommendations, from the start of a process on, does not make others wait`, async () => {
      const fresh = await openGatewayProcess({
        dataDir: freshDir,
        development: false,
        environment: { RAPPORT_RATE_LIMITS: 'false' },
      });
      try {
        await expectRoom(fresh, `${recommendations} recommendations`, manyLists(recommendations));
      } finally {
        await fresh.stop();
      }
    });
  }

  for (const first of [100, 12]) {
    it(`and requests 40 times a second eight lists of ${first} by a session of 5,000 views, each with a cart of 100, does not make others wait`, async () => {
      const fresh = await openGatewayProcess({
        dataDir: freshDir,
        development: false,
        environment: { RAPPORT_RATE_LIMITS: 'false' },
      });
      try {
        await expectRoom(fresh, `eight lists of ${first}`, await heavyLists(fresh, first));
      } finally {
        await fresh.stop();
      }
    });
  }

  /** Views 5,000 products in one session, and returns operations of it that differ. */
  async function heavyLists(
    fresh: GatewayProcess,
    first: number,
  ): Promise<(n: number) => Omit<HostileInput, 'name'>> {
    const context = { channel: 'WEB', sessionId: 'heavy', currency: 'EUR' };
    const listed = await send(fresh, graphql('{ products(first: 100) { edges { node { id } } } }'));
    const reply = JSON.parse(listed.text) as {
      data: { products: { edges: readonly { node: { id: string } }[] } };
    };
    const ids = reply.data.products.edges.map(({ node }) => node.id);
    const id = (n: number) => ids[n % ids.length]!;
    for (let part = 0; part < 10; part++) {
      const events = Array.from({ length: 500 }, (_, i) => ({
        messageId: `heavy-${first}-${part}-${i}`,
        type: 'PRODUCT_VIEWED',
        productIds: [id(i * 7)],
      }));
      const record =
        'mutation ($c: ShopperContext!, $e: [EventInput!]!) { recordEvents(context: $c, events: $e) { accepted } }';
      expect((await send(fresh, graphql(record, { c: context, e: events }))).text).to.contain('500');
    }
    const lists = Array.from({ length: 8 }, (_, k) => k);
    const query = `query ($c: ShopperContext!, ${lists.map((k) => `$k${k}: [ID!], $p${k}: ID`).join(', ')}) {
      shopper(context: $c) { ${lists
        .map(
          (k) =>
            `a${k}: recommendations(placement: "home", first: ${first}, cart: $k${k}, productId: $p${k}, diversity: 1) { decisionId }`,
        )
        .join(' ')} } }`;
    return (n) =>
      graphql(query, {
        c: context,
        ...Object.fromEntries(
          lists.flatMap((k) => [
            [`k${k}`, Array.from({ length: 100 }, (_, j) => id(n * 17 + k * 101 + j * (1 + (n % 7))))],
            [`p${k}`, id(n * 31 + k)],
          ]),
        ),
      });
  }

  function manyLists(recommendations: number): (n: number) => Omit<HostileInput, 'name'> {
    return (n) => {
      const lists = Array.from(
        { length: recommendations },
        (_, i) =>
          `a${i}: recommendations(placement: "home", first: 10, diversity: ${((n * recommendations + i) % 9_973) / 10_000}) { items { product { id } } }`,
      );
      return graphql(
        `{ shopper(context: { channel: WEB, sessionId: "hostile-${n % 20}", currency: EUR }) { ${lists.join(' ')} } }`,
      );
    };
  }

  async function expectRoom(
    fresh: GatewayProcess,
    name: string,
    expensive: (n: number) => Omit<HostileInput, 'name'>,
  ): Promise<void> {
    // Of its own each, so that cheap queries do not wait for a connection on this side.
    const [attacker, shopper] = [new Agent({ keepAlive: true }), new Agent({ keepAlive: true })];
    const cheap = graphql('{ products(first: 5) { edges { node { id } } } }');
    const cheapMs: number[] = [];
    const statuses: Record<string, number> = {};
    const pending: Promise<unknown>[] = [];
    for (let n = 0; n < 40 * 10; n++) {
      pending.push(
        send(fresh, expensive(n), attacker).then(
          ({ status, text }) => {
            const name = `${status} ${/"code":"(\w+)"/.exec(text)?.[1] ?? ''}`.trim();
            statuses[name] = (statuses[name] ?? 0) + 1;
          },
          () => undefined,
        ),
      );
      if (n % 2 === 0)
        pending.push(
          send(fresh, cheap, shopper).then(({ status, tookMs }) => {
            expect(status).to.equal(200);
            cheapMs.push(tookMs);
          }),
        );
      await pause(25);
    }
    await Promise.all(pending);
    attacker.destroy();
    shopper.destroy();
    figures.push(
      `Beside 40 operations of ${name} a second: cheap ones p50 ${percentile(cheapMs, 0.5).toFixed(0)} ms, p99 ${percentile(cheapMs, 0.99).toFixed(0)} ms, at most ${Math.max(...cheapMs).toFixed(0)} ms; expensive ones ${JSON.stringify(statuses)}`,
    );
    expect(percentile(cheapMs, 0.99)).to.be.below(cheapMsMax);
  }

  it('and writes as fast as can be with a storefront key is limited', async () => {
    const limitedDir = mkdtempSync(join(tmpdir(), 'rapport-hostile-'));
    const limited = await openGatewayProcess({ dataDir: limitedDir, development: false });
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    const statuses: Record<string, number> = {};
    let accepted = 0;
    let n = 0;
    const untilMs = performance.now() + 10_000;
    try {
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          while (performance.now() < untilMs) {
            const batch = Array.from({ length: 100 }, () => ({
              type: 'track',
              messageId: `h${n++}`,
              anonymousId: 'hostile',
              event: 'Signed Up',
              properties: { text: 'x'.repeat(400) },
            }));
            const { status, text } = await send(
              limited,
              {
                path: '/v1/batch',
                method: 'POST',
                headers: { 'x-api-key': keys.STOREFRONT },
                body: JSON.stringify({ batch }),
              },
              agent,
            );
            statuses[status] = (statuses[status] ?? 0) + 1;
            if (status === 200) accepted += (JSON.parse(text) as { accepted: number }).accepted;
          }
        }),
      );
      figures.push(
        `One client writing for 10 s: ${accepted} events of ${n} accepted, answers ${JSON.stringify(statuses)}`,
      );
      expect(statuses[429] ?? 0).to.be.above(0);
      // 100,000 units at once and 10,000 a second; an event counts ten and four for its bytes.
      expect(accepted).to.be.below(15_000);
    } finally {
      agent.destroy();
      await limited.stop();
      rmSync(limitedDir, { recursive: true, force: true });
    }
  });
});
