import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createErasures, readErasures } from '../../plugins/store/erasures.js';

describe('The file of erasures', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'rapport-erasures-'));
  });
  afterEach(() => rmSync(directory, { recursive: true, force: true }));

  it('keeps what is added behind a line that was cut off', async () => {
    const file = join(directory, 'erasures.jsonl');
    const ids = () => readErasures(file).map(({ id }) => id);
    const erasures = createErasures({ dataDir: directory }, file);
    const people = ['a'.repeat(43)];
    await erasures.add({ id: '1', atMs: 1, people });
    appendFileSync(file, '{"id":"cut o');
    expect(ids()).to.deep.equal(['1']);
    await erasures.add({ id: '2', atMs: 2, people });
    expect(ids()).to.deep.equal(['1', '2']);
  });
});
