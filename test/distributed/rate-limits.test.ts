import { expect } from 'chai';
import { deadlines } from '../../src/deadlines.js';
import { describeDrivers } from '../contracts/drivers.js';
import { type Cuttable, openCuttable } from '../support/cuttable.js';
import { testKeys } from '../support/gateway.js';
import { openProcess, type RunningProcess, untilSo } from './processes.js';

const perSecond = 20;
const burst = 10 * perSecond;
/** Requests of one client to both gateways, as fast as they answer. */
const loadMs = 4_000;
/** Between two reports, and on the way. */
const reportSeconds = 0.5;

/** Two gateways that have nothing in common but a Redis (`REDIS_URL`). */
describeDrivers('rate limits of several processes', ['bull'], (_, url) => {
  let line: Cuttable;
  let gateways: readonly RunningProcess[] = [];

  before(async function () {
    this.timeout(90_000);
    const { hostname, port, pathname } = new URL(url!);
    line = await openCuttable(hostname, Number(port || 6379));
    const backends = { store: '', queue: `redis://127.0.0.1:${line.port}${pathname}` };
    const settings = { RAPPORT_RATE_CLIENT: `${perSecond}` };
    gateways = await Promise.all([1, 2].map(() => openProcess('gateway', backends, settings)));
    await untilSo('each knows of the other', async () => (await metricOf('processes')) === '2 2');
  });
  after(async function () {
    this.timeout(30_000);
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    await line?.close();
  });

  async function metricOf(name: string): Promise<string> {
    const values = await Promise.all(
      gateways.map(async ({ url: at }) => {
        const response = await fetch(`${at}/metrics`, { headers: { 'x-api-key': testKeys.ADMIN } });
        return new RegExp(`^rapport_rate_limit_${name} (.*)$`, 'm').exec(await response.text())?.[1];
      }),
    );
    return values.join(' ');
  }
  async function ask({ url: at }: RunningProcess): Promise<Response> {
    const response = await fetch(`${at}/graphql?query={version}`, {
      headers: { 'x-api-key': testKeys.STOREFRONT },
    });
    await response.text();
    return response;
  }

  it('hold together: two gateways admit what one would', async function () {
    this.timeout(30_000);
    let admitted = 0;
    const retryAfter = new Set<number>();
    const startMs = performance.now();
    const secondsPassed = () => (performance.now() - startMs) / 1_000;
    const load = async (gateway: RunningProcess) => {
      while (secondsPassed() * 1_000 < loadMs) {
        const { status, headers } = await ask(gateway);
        if (status === 200) admitted++;
        else retryAfter.add(Number(headers.get('retry-after')));
      }
    };
    await Promise.all(gateways.map(load));
    const allowed = burst + perSecond * secondsPassed();
    console.log(`      ${admitted} admitted by two gateways; one would have admitted ${Math.round(allowed)}`);
    expect(admitted).to.be.within(burst, 2 * burst + perSecond * (secondsPassed() + reportSeconds));
    for (const seconds of retryAfter) expect(seconds).to.be.within(1, 20);
  });

  it('let nobody wait for a Redis that hangs, and are shared again afterwards', async function () {
    this.timeout(60_000);
    line.hang();
    await untilSo('both fall back', async () => {
      const startMs = performance.now();
      await Promise.all(gateways.map(ask));
      expect(performance.now() - startMs).to.be.below(deadlines.ratesMs);
      return (await metricOf('fallback')) === '1 1';
    });
    const ready = await fetch(`${gateways[0]!.url}/health/ready`, {
      headers: { 'x-api-key': testKeys.ADMIN },
    });
    expect(ready.status).to.equal(200);
    expect(((await ready.json()) as { degraded: readonly string[] }).degraded).to.deep.equal(['queue']);
    await line.restore();
    await untilSo('shared again', async () => (await metricOf('fallback')) === '0 0', 30_000);
  });

  it('go on without Redis, each gateway with its part, and are shared again afterwards', async function () {
    this.timeout(60_000);
    await line.cut();
    await untilSo('both fall back', async () => (await metricOf('fallback')) === '1 1');
    const [gateway] = gateways;
    await untilSo('admitted again', async () => (await ask(gateway!)).status === 200, 20_000);
    const tookMs = await untilSo('refused', async () => (await ask(gateway!)).status === 429, 20_000);
    expect(tookMs).to.be.above(0);
    await line.restore();
    await untilSo('shared again', async () => (await metricOf('fallback')) === '0 0', 20_000);
    expect(gateways[0]!.lines.join('\n'))
      .to.contain('rate limits cannot be shared')
      .and.contain('rate limits are shared again');
  });
});
