import { expect } from 'chai';
import { describeError, isRapportError, RapportError } from '../../src/errors.js';
import { answerError } from '../../src/gateway/edges.js';
import { maskError } from '../../src/gateway/mask-error.js';
import { messageOf } from '../../src/lifecycle.js';
import { settingFault } from '../../src/setting-faults.js';
import { createTestLog } from '../support/boot.js';

/** The same module loaded a second time, as by a plugin that was built against an installed package. */
async function secondCopy(): Promise<typeof import('../../src/errors.js')> {
  const copy = (await import(`../../src/errors.js?${'copy'}`)) as typeof import('../../src/errors.js');
  expect(copy.RapportError).not.to.equal(RapportError);
  return copy;
}

describe('A RapportError', () => {
  it('is recognised when another copy of its module made it', async () => {
    const copy = await secondCopy();
    const error = new copy.RapportError('unavailable', 'WEATHER_AWAY', 'the station is silent');
    expect(isRapportError(error)).to.equal(true);
    expect(isRapportError(error, 'unavailable')).to.equal(true);
    expect(isRapportError(error, 'denied')).to.equal(false);
    expect(copy.isRapportError(new RapportError('denied', 'X', 'no'))).to.equal(true);
    const log = createTestLog();
    expect(maskError(error, 'r1', log).extensions).to.include({ code: 'WEATHER_AWAY', kind: 'unavailable' });
    expect(log.lines).to.deep.equal([]);
  });

  it('is nothing else: not an error that looks like one, nor a kind nobody knows', () => {
    const alike = Object.assign(new Error('no'), { name: 'RapportError', kind: 'denied', code: 'X' });
    for (const value of [alike, new Error('no'), null, undefined, 'denied', 7, {}])
      expect(isRapportError(value)).to.equal(false);
    expect(isRapportError(new RapportError('odd' as 'denied', 'X', 'no'))).to.equal(false);
  });
});

describe('The description of an error', () => {
  it('has message, stack, code and causes', () => {
    const cause = Object.assign(new Error('ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const error = new RapportError('unavailable', 'STORE_UNAVAILABLE', 'the store is away', { cause });
    const described = describeError(error);
    expect(described).to.include({
      name: 'RapportError',
      message: 'the store is away',
      code: 'STORE_UNAVAILABLE',
    });
    expect(described.stack).to.match(/^RapportError: the store is away\n\s+at .*errors\.test\.[tj]s/);
    expect(described.cause).to.include({ message: 'ECONNREFUSED', code: 'ECONNREFUSED', cause: null });
  });

  it('has no passwords of URLs', () => {
    for (const password of ['PW', 'P:W', 'P/W', 'P#W@x', 'P?W'])
      expect(
        describeError(new Error(`Request to http://u:${password}@search:7700/health failed`)).message,
      ).to.equal('Request to http://…@search:7700/health failed');
    expect(settingFault('RAPPORT_SEARCH_URL', 'http://u:P/W#@search', 'allowed: a URL')).to.equal(
      'RAPPORT_SEARCH_URL is "http://…@search"; allowed: a URL',
    );
    expect(messageOf(new Error('Request to http://u:PW@search/health failed'))).not.to.contain('PW');
  });

  it('is bounded, whatever was thrown', () => {
    const endless = new Error('x'.repeat(1_000_000));
    endless.cause = endless;
    (endless as { code?: string }).code = 'y'.repeat(1_000_000);
    const unreadable = {
      get message(): string {
        throw new Error('no');
      },
    };
    const values = [endless, unreadable, Object.create(null), Symbol('s'), null, undefined, 'text', 7n];
    for (const value of values) expect(JSON.stringify(describeError(value)).length).to.be.below(25_000);
    expect(describeError('text')).to.include({ message: 'text', stack: null });
    expect(describeError(new AggregateError([new Error('first')])).cause?.message).to.equal('first');
  });

  it('does not read texts of many megabytes, which copies them', () => {
    const text = () => 'x'.repeat(50_000_000);
    let isStackRead = false;
    const error = Object.assign(new Error(text()), { code: text() });
    Object.defineProperty(error, 'stack', {
      get() {
        isStackRead = true;
        return '';
      },
    });
    const described = describeError(error);
    expect(described).to.include({
      message: 'a text of 50000000 characters',
      code: 'a text of 50000000 characters',
    });
    expect(isStackRead).to.equal(false);
    expect(describeError(text()).message).to.equal('a text of 50000000 characters');
    let nested: unknown[] = [];
    for (let i = 0; i < 60; i++) nested = [nested, nested];
    expect(describeError(nested).message).to.equal('an array of 2');
  });

  it('has a message of at most 1,000 characters for a caller, in the graph and beside it', () => {
    const log = createTestLog();
    const error = new RapportError('unavailable', 'WEATHER_AWAY', 'x'.repeat(10_000));
    expect(maskError(error, 'r1', log).message).to.have.length(1_001);
    let body = '';
    const req = { complete: true };
    const end = (text: string) => {
      body = text;
    };
    const response = { req, headersSent: false, setHeader() {}, writeHead() {}, end };
    answerError(response as never, error, { ids: { next: () => 'r2' }, log });
    expect((JSON.parse(body) as { error: { message: string } }).error.message).to.have.length(1_001);
  });

  it('leaves out what an error carries beside, and addresses of people', () => {
    const error = Object.assign(new Error('cannot mail anna.b@example.org now'), {
      operation: { email: 'anna.b@example.org' },
    });
    expect(JSON.stringify(describeError(error))).not.to.include('anna');
  });

  it('is in the log of defects, in the graph and beside it', () => {
    const log = createTestLog();
    const defect = new TypeError('undefined.x');
    maskError(defect, 'r1', log);
    const req = { complete: true };
    const response = { req, headersSent: false, setHeader() {}, writeHead() {}, end() {} };
    answerError(response as never, defect, { ids: { next: () => 'r2' }, log });
    expect(log.lines).to.have.length(2);
    for (const { fields } of log.lines) {
      expect(fields.err).to.include({ name: 'TypeError', message: 'undefined.x' });
      expect((fields.err as { stack: string }).stack).to.match(/errors\.test\.[tj]s/);
    }
  });
});
