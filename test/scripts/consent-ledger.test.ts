import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { consent } from '../../plugins/consent/plugin.js';
import { customers } from '../../plugins/customers/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import { projectDirectory } from '../../src/project-directory.js';
import { contextOf } from '../support/events.js';
import { openTestGateway, type TestGateway, testKeys } from '../support/gateway.js';
import { nodeArguments } from '../support/node-arguments.js';

interface Verified {
  readonly records: number;
  readonly subjects: number;
  readonly decisions: number;
  readonly faults: readonly string[];
}

const run = promisify(execFile);
const root = projectDirectory();
const verifier = join(root, 'scripts/verify-consent-ledger.mjs');

describe('An export of the consent ledger', function () {
  this.timeout(60_000);
  let gateway: TestGateway;
  let directory: string;
  let file: string;
  let digest: string;
  let bytes: Buffer;
  let verify: (bytes: Buffer, receipts?: readonly string[]) => Verified;

  const shopperOf = (customerId: string) =>
    gateway.system.port('customers').recognise(contextOf(`of ${customerId}`, { customerId }));

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'rapport-ledger-'));
    file = join(directory, 'ledger.jsonl');
    ({ verify } = await import(pathToFileURL(verifier).href));
    gateway = await openTestGateway([store, queue, customers, consent]);
    for (const [customerId, evidence] of [
      ['ada', 'checkbox'],
      ['ben', 'Häkchen ✓'],
    ] as const) {
      for (const decision of [
        { purpose: 'PERSONALIZATION', status: 'GRANTED', evidence, language: 'de-AT', jurisdiction: 'AT' },
        { purpose: 'PERSONALIZATION', status: 'DENIED', appliesTo: ['VOICE'] },
        { purpose: 'ANALYTICS', status: 'WITHDRAWN' },
      ]) {
        gateway.system.clock.advance(1_000);
        await gateway.system
          .port('consent')
          .decide(await shopperOf(customerId), [decision], { messageId: 'm' });
      }
    }
    const { stdout } = await exported(file);
    digest = stdout.trim().split('\n').at(-1)!;
    bytes = readFileSync(file);
  });

  after(async () => {
    await gateway.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const exported = (out: string, ...more: readonly string[]) =>
    run(
      process.execPath,
      [
        ...nodeArguments('scripts/consent-ledger.ts'),
        ...['--url', gateway.url, '--key', testKeys.ADMIN, '--out', out, ...more],
      ],
      { cwd: root },
    );

  /** Runs the script in a folder where nothing of the project is, as an auditor would. */
  const audited = (...args: readonly string[]) =>
    run(process.execPath, [verifier, ...args], { cwd: directory }).then(
      ({ stdout }) => ({ code: 0, text: stdout }),
      ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
        code,
        text: stdout + stderr,
      }),
    );

  it('is whole by the stand-alone script, with its digest and a receipt of a shopper', async () => {
    const [{ hash } = { hash: '' }] = await gateway.system.port('consent').history(await shopperOf('ben'));
    const { code, text } = await audited(file, '--sha256', digest, '--receipt', hash);
    expect(text).to.contain('12 records of 4 subjects, 12 decisions');
    expect(text).to.contain('The ledger is whole.');
    expect(code).to.equal(0);
    expect((await audited(file, '--receipt', 'f'.repeat(64))).text).to.contain('is missing');
    expect((await audited(file, '--sha256', 'f'.repeat(64))).code).to.equal(1);
    expect((await audited(join(directory, 'none'))).code).to.equal(2);
  });

  it('fails for every byte that is changed, and for every byte that is missing', () => {
    expect(verify(bytes).faults).to.deep.equal([]);
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1 + (at % 255);
      expect(verify(changed).faults, `byte ${at}`).not.to.deep.equal([]);
      const shorter = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
      expect(verify(shorter).faults, `without byte ${at}`).not.to.deep.equal([]);
    }
    expect(verify(Buffer.concat([bytes, Buffer.from('\n')])).faults).not.to.deep.equal([]);
  });

  /** Changes lines and seals the file anew, as somebody could who knows the format. */
  function resealed(change: (lines: string[]) => string[]): Buffer {
    const lines = change(bytes.toString().split('\n').slice(0, -2));
    const body = lines.map((line) => `${line}\n`).join('');
    const records = lines.slice(1).map((line) => JSON.parse(line) as { entries: unknown[] });
    const decisions = records.reduce((sum, { entries }) => sum + entries.length, 0);
    const sha256 = createHash('sha256').update(body).digest('hex');
    return Buffer.from(`${body}${JSON.stringify({ records: records.length, decisions, sha256 })}\n`);
  }

  it('fails if it is sealed anew after a decision was changed, removed or moved', () => {
    expect(verify(resealed((lines) => lines)).faults).to.deep.equal([]);
    const faultsOf = (change: (lines: string[]) => string[]) => verify(resealed(change)).faults.join('\n');
    const replacing = (one: string, other: string) =>
      faultsOf((lines) => lines.map((line) => line.replaceAll(one, other)));
    expect(replacing('WITHDRAWN', 'GRANTED')).to.contain('was changed: ANALYTICS');
    expect(replacing('"AT"', '"DE"')).to.contain('was changed');
    expect(replacing('customer:ada', 'customer:eve')).to.contain('was changed');
    expect(faultsOf((lines) => lines.toSpliced(1, 1))).to.contain('comes after record 0');
    const [head, first, second, ...rest] = bytes.toString().split('\n').slice(0, -2) as [
      string,
      string,
      string,
    ];
    expect(faultsOf(() => [head, second, first, ...rest])).to.contain('comes after record 0');
  });

  it('has one subject only if it names one, and overwrites no file', async () => {
    const own = join(directory, 'ada.jsonl');
    await exported(own, '--subject', 'customer:ada');
    const found = verify(readFileSync(own));
    expect(found).to.include({ records: 3, subjects: 1 });
    expect(found.faults).to.deep.equal([]);
    const mine = join(directory, 'mine');
    writeFileSync(mine, 'mine');
    const refused = await exported(mine).catch((error: { stderr: string }) => error);
    expect(refused.stderr).to.contain('could not be exported');
    expect(readFileSync(mine, 'utf8')).to.equal('mine');
  });
});
