import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { bodyDigest } from '../../plugins/events/body-digest.js';
import { type EventDraft, readEvent } from '../../plugins/events/event-input.js';
import { type LogEntry, logSpec } from '../../plugins/events/log-entry.js';
import { seenSpec } from '../../plugins/events/seen.js';
import { store } from '../../plugins/store/plugin.js';
import type { RecordResult } from '../../src/ports/events.js';
import { bootPlugins, type TestSystem } from '../support/boot.js';
import { bootEvents, contextOf, eventPlugins, historyOf, view } from '../support/events.js';
import { bootPeople } from '../support/people.js';

const dayMs = 86_400_000;

describe('a messageId that comes again with another body', () => {
  let dataDir: string;
  let system: TestSystem;
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'rapport-bodies-'));
    system = await bootEvents({ dataDir });
  });
  afterEach(async () => {
    await system.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const record = (...inputs: unknown[]): Promise<RecordResult> =>
    system.port('events').record(contextOf('s1'), inputs);
  const restart = async (): Promise<void> => {
    const nowMs = system.clock.nowMs();
    await system.close();
    system = await bootEvents({ dataDir });
    system.clock.advance(nowMs - system.clock.nowMs());
  };
  function expectReported(result: RecordResult, places: readonly number[]): void {
    expect(result.warnings.map(({ path }) => path)).to.deep.equal(
      places.map((place) => ['events', String(place), 'messageId']),
    );
    for (const { code, message } of result.warnings) {
      expect(code).to.equal('EVENTS_MESSAGE_ID_REUSED');
      expect(message).to.contain('"m1"');
    }
  }

  it('is reported within a batch, later, at the same time and after a restart, and changes nothing', async () => {
    const batch = await record(view('m1', 'kettle'), view('m1', 'kettle'), view('m1', 'toaster'), view('m2'));
    expect(batch).to.deep.include({ accepted: 2, duplicates: 2, userErrors: [] });
    expectReported(batch, [2]);
    for (const again of ['later', 'after a restart']) {
      if (again === 'after a restart') await restart();
      const result = await record(view('m2'), view('m1', 'toaster'));
      expect(result, again).to.deep.include({ accepted: 0, duplicates: 2, userErrors: [] });
      expectReported(result, [1]);
      expectReported(await record(view('m1', 'kettle')), []);
    }
    const history = await historyOf(system, contextOf('s1'));
    expect(history.map(({ productIds }) => productIds[0])).to.deep.equal(['kettle', 'kettle']);
    const both = await Promise.all(
      ['pan', 'pot'].map((product) =>
        system.port('events').record(contextOf('s2'), [{ ...view('m1', product) }]),
      ),
    );
    expect(both.flatMap(({ warnings }) => warnings)).to.have.length(1);
  });

  it('is reported whatever differs, but not the order of names', async () => {
    const first = {
      ...view('m1'),
      at: '2026-03-01T12:00:00Z',
      quantity: [1],
      value: 5,
      queryId: 'q',
      properties: { a: 1, b: { c: [1, 2], d: 'x' } },
    };
    await record(first);
    expectReported(await record({ ...first, properties: { b: { d: 'x', c: [1, 2] }, a: 1 } }), []);
    const others: readonly object[] = [
      { type: 'PRODUCT_DISMISSED' },
      { at: '2026-03-01T12:00:01Z' },
      { productIds: ['pan'] },
      { quantity: [2] },
      { value: 6 },
      { queryId: null, decisionId: 'q' },
      { properties: { a: 2, b: { c: [1, 2], d: 'x' } } },
      { properties: { a: 1, b: { c: [2, 1], d: 'x' } } },
      { properties: { a: '1', b: { c: [1, 2], d: 'x' } } },
      { properties: null },
    ];
    for (const other of others) expectReported(await record({ ...first, ...other }), [0]);
  });

  it('is reported by recordEvents, as a duplicate and not as rejected', async () => {
    await system.close();
    const people = await bootPeople(eventPlugins, { dataDir });
    system = people;
    const { at } = await people.ask(
      `mutation ($events: [EventInput!]!) {
        recordEvents(context: { channel: WEB, sessionId: "s1" }, events: $events) {
          accepted duplicates rejected userErrors { code path }
        }
      }`,
      {},
      { events: [view('m1'), view('m1', 'pan'), { ...view('m2'), productIds: [] }] },
    );
    expect(at('recordEvents')).to.deep.include({ accepted: 1, duplicates: 1, rejected: 1 });
    expect(at('recordEvents.userErrors')).to.deep.equal([
      { code: 'EVENTS_PRODUCTS_MISSING', path: ['events', '2', 'productIds'] },
      { code: 'EVENTS_MESSAGE_ID_REUSED', path: ['events', '1', 'messageId'] },
    ]);
  });

  it('is unknown of what an earlier version stored, whose ids without a session hold for seven days', async () => {
    const { receivedAtMs, id } = await earlier('log');
    expect(id).to.equal('server-1:m1');
    expect(await record(view('m1', 'pan'))).to.deep.include({ accepted: 0, duplicates: 1, warnings: [] });
    await restart();
    expect(await record(view('m1', 'pan'))).to.deep.include({ accepted: 0, duplicates: 1, warnings: [] });
    system.clock.advance(receivedAtMs + 7 * dayMs + 1 - system.clock.nowMs());
    expect(await record(view('m1'))).to.deep.include({ accepted: 1 });
  });

  it('is read from the log again if a block of an earlier version covers it', async () => {
    await earlier('block');
    expect(await record(view('m1', 'pan'))).to.deep.include({ accepted: 0, duplicates: 1, warnings: [] });
  });

  /** Stores message m1 as an earlier version did, and restarts. */
  async function earlier(where: 'log' | 'block'): Promise<LogEntry> {
    await record(view('m1'));
    const nowMs = system.clock.nowMs();
    await system.close();
    const bare = await bootPlugins([store], { dataDir });
    const log = await bare.port('store').collection(logSpec);
    const [entry] = (await log.find({ index: 'byReceipt', limit: 1 })).items;
    const { bodies: _, shared: __, ...rest } = entry!;
    const old: LogEntry = { ...rest, id: 'server-1:m1', ids: ['m1'] };
    await log.remove([entry!.id]);
    await log.put([old]);
    if (where === 'block') {
      const fingerprints = Buffer.from(Int32Array.of(1, 2).buffer).toString('base64');
      const bodies = Buffer.from(Uint16Array.of(1).buffer).toString('base64');
      const blocks = await bare.port('store').collection(seenSpec);
      await blocks.put([{ id: 'block', untilMs: old.receivedAtMs + 60_000, fingerprints, bodies }]);
    }
    await bare.close();
    system = await bootEvents({ dataDir });
    system.clock.advance(nowMs - system.clock.nowMs());
    return old;
  }
});

describe('the digest of a body', () => {
  it('never fails, is never 0, and is the same for equal bodies in another order of names', () => {
    const draft = readEvent(view('m1'), 'EUR') as EventDraft;
    const reversed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reversed);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([name, each]) => [name, reversed(each)]),
      );
    };
    fc.assert(
      fc.property(fc.jsonValue(), (beside) => {
        const digest = bodyDigest(draft, beside);
        expect(digest).to.be.within(1, 0xffff);
        expect(bodyDigest(draft, reversed(beside))).to.equal(digest);
      }),
    );
    let deep: unknown = 1;
    for (let i = 0; i < 50_000; i++) deep = [deep];
    expect(bodyDigest(draft, deep)).to.be.within(1, 0xffff);
  });

  it('is stored, so it stays what it is', () => {
    const draft = readEvent(
      { ...view('m1'), properties: { a: [1, 2.5, -1, 2 ** 40, 'ä', null, true] } },
      'EUR',
    );
    expect(bodyDigest(draft as EventDraft, { userId: 'anna' })).to.equal(12_336);
  });
});
