import { once } from 'node:events';
import { request as send } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import type { Edge } from '../../src/plugin.js';
import { definePlugin } from '../../src/plugin.js';
import { openTestGateway, type TestGateway } from '../support/gateway.js';

describe('Routes of a plugin', () => {
  let gateway: TestGateway;
  let edges: Edge[];
  let finish: (() => void)[];

  const hanging = definePlugin({
    name: 'hanging',
    provides: null,
    needs: [],
    create: () => ({
      port: null,
      routes(router) {
        router.route('GET', '/hanging/:way', async (_, response, edge) => {
          edges.push(edge);
          if (edge.params.way === 'streams') response.write('first');
          await new Promise<void>((resolve) => finish.push(resolve));
          edge.signal.throwIfAborted();
          response.end('at last');
        });
        router.route('POST', '/hasty', async (_, response, edge) => {
          edges.push(edge);
          edge.body(100).catch(() => undefined);
          response.writeHead(200, { 'content-length': 2 }).end('ok');
        });
        router.route('POST', '/hanging', async (_, response, edge) => {
          edges.push(edge);
          await edge.body(100);
          await new Promise<void>((resolve) => finish.push(resolve));
          response.end();
        });
      },
    }),
  });
  beforeEach(async () => {
    edges = [];
    finish = [];
    gateway = await openTestGateway([hanging]);
  });
  afterEach(() => gateway.close());

  const started = async (count: number) => {
    while (edges.length < count) await turn();
  };
  const metrics = async () => (await fetch(`${gateway.url}/metrics`)).text();

  it('that do not answer within 30 s are answered for them, and the plugin is named', async () => {
    const late = fetch(`${gateway.url}/hanging/quietly`);
    await started(1);
    gateway.system.clock.advance(30_000);
    const response = await late;
    expect(response.status).to.equal(503);
    expect(response.headers.get('retry-after')).to.equal('5');
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    expect(error.code).to.equal('GATEWAY_ROUTE_DEADLINE');
    expect(error.message).to.contain('hanging did not answer within 30 s');
    expect(edges[0]!.signal.aborted).to.equal(true);
    expect(gateway.system.log.lines.at(-1)).to.deep.equal({
      level: 'warn',
      message: 'a plugin did not answer a request in time',
      fields: { plugin: 'hanging', route: 'GET /hanging/:way' },
    });
    expect(await metrics()).to.contain('rapport_route_refusals_total{plugin="hanging",reason="deadline"} 1');
  });

  it('are not held for what a client sends slowly, and may stream as long as bytes leave', async () => {
    const slow = send(`${gateway.url}/hanging`, { method: 'POST', headers: { 'content-length': 2 } });
    slow.on('error', () => undefined).write('a');
    await started(1);
    gateway.system.clock.advance(9_000);
    const stream = await fetch(`${gateway.url}/hanging/streams`);
    gateway.system.clock.advance(30_000);
    finish.shift()!();
    expect(await stream.text()).to.equal('firstat last');
    slow.destroy();
  });

  it('that answered without waiting for the body they asked for are not late afterwards', async () => {
    const hasty = send(`${gateway.url}/hasty`, { method: 'POST', headers: { 'content-length': 2 } });
    hasty.write('a');
    const [response] = await once(hasty, 'response');
    response.resume();
    hasty.end('b');
    await once(response, 'close');
    for (let turns = 0; turns < 20; turns++) await turn();
    gateway.system.clock.advance(30_000);
    expect(await metrics()).not.to.contain('reason="deadline"');
    expect(gateway.system.log.lines.map(({ message }) => message)).not.to.include(
      'a plugin did not answer a request in time',
    );
  });

  it('keep at most 200 requests in flight, and let go of them', async () => {
    const asked = Array.from({ length: 200 }, () => fetch(`${gateway.url}/hanging/quietly`));
    await started(200);
    const refused = await fetch(`${gateway.url}/hanging/quietly`);
    expect(refused.status).to.equal(503);
    expect(refused.headers.get('retry-after')).to.equal('1');
    expect(((await refused.json()) as { error: { code: string } }).error.code).to.equal('GATEWAY_ROUTE_BUSY');
    for (const go of finish.splice(0)) go();
    for (const { status } of await Promise.all(asked)) expect(status).to.equal(200);
    const fine = fetch(`${gateway.url}/hanging/quietly`);
    await started(201);
    finish[0]!();
    expect((await fine).status).to.equal(200);
  });

  it('count a handler that was given up until it ends, for ten minutes at most', async () => {
    const ask = () => fetch(`${gateway.url}/hanging/quietly`);
    const late = Array.from({ length: 200 }, ask);
    await started(200);
    gateway.system.clock.advance(30_000);
    for (const { status } of await Promise.all(late)) expect(status).to.equal(503);
    const refused = await ask();
    expect(refused.status).to.equal(503);
    const { error } = (await refused.json()) as { error: { code: string; message: string } };
    expect(error.code).to.equal('GATEWAY_ROUTE_BUSY');
    expect(error.message).to.contain('hanging').and.to.contain('200 of them were not answered within 30 s');
    expect(edges).to.have.lengthOf(200);
    finish.shift()!();
    await turn();
    const fine = ask();
    await started(201);
    finish.pop()!();
    expect((await fine).status).to.equal(200);
    const last = ask();
    await started(202);
    expect((await ask()).status).to.equal(503);
    gateway.system.clock.advance(30_000);
    expect((await last).status).to.equal(503);
    gateway.system.clock.advance(9.5 * 60_000);
    const again = ask();
    await started(203);
    finish.pop()!();
    expect((await again).status).to.equal(200);
  });

  it('hear that their client is gone, which is no defect', async () => {
    const gone = send(`${gateway.url}/hanging/quietly`);
    gone.on('error', () => undefined).end();
    await started(1);
    const { signal } = edges[0]!;
    gone.destroy();
    await once(signal, 'abort');
    finish[0]!();
    await turn();
    expect(gateway.system.log.lines.filter(({ level }) => level === 'error')).to.deep.equal([]);
  });
});
