import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readPage } from '../../plugins/showcase/page-files.js';

describe('The files of the showcase', () => {
  let project: string;
  const page = join('plugins', 'showcase', 'page');
  before(() => {
    project = mkdtempSync(join(tmpdir(), 'rapport-showcase-'));
    for (const folder of [page, join('dist', page)]) mkdirSync(join(project, folder), { recursive: true });
    writeFileSync(join(project, 'dist', page, 'types.d.js'), '');
  });
  after(() => rmSync(project, { recursive: true, force: true }));

  it('are those beside the sources, though a build leaves something under the same name', async () => {
    writeFileSync(join(project, page, 'index.html'), '<!doctype html>');
    const files = await readPage(join(project, 'dist', 'plugins', 'showcase'));
    expect([...(files?.keys() ?? [])]).to.deep.equal(['index.html']);
  });

  it('are none where only the build was shipped', async () => {
    rmSync(join(project, page), { recursive: true });
    expect(await readPage(join(project, 'dist'))).to.equal(null);
  });
});
