import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { catalog } from '../../plugins/catalog/plugin.js';
import { merchandising } from '../../plugins/merchandising/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import type { Synonym } from '../../src/ports/merchandising.js';
import { bootPlugins, type TestSystem } from '../support/boot.js';

describe('merchandising', () => {
  let system: TestSystem;
  const save = (input: object) => system.port('merchandising').saveSynonym(input);

  beforeEach(async () => {
    system = await bootPlugins([store, queue, catalog, merchandising]);
  });
  afterEach(() => system.close());

  it('keeps synonyms over a restart', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'rapport-'));
    const before = await bootPlugins([store, queue, catalog, merchandising], { dataDir });
    const { synonym } = await before
      .port('merchandising')
      .saveSynonym({ locale: 'de', terms: ['Sofa', 'Couch'] });
    await before.close();
    const after = await bootPlugins([store, queue, catalog, merchandising], { dataDir });
    expect(after.port('merchandising').allSynonyms()).to.deep.equal([synonym]);
    await after.close();
    rmSync(dataDir, { recursive: true });
  });

  it('tells listeners before a change is acknowledged', async () => {
    const seen: number[] = [];
    const port = system.port('merchandising');
    port.watch(() => seen.push(port.allSynonyms().length));
    const { synonym } = await save({ terms: ['sofa', 'couch'] });
    expect(seen).to.deep.equal([1]);
    expect(await port.removeSynonym(synonym!.id)).to.equal(true);
    expect(seen).to.deep.equal([1, 0]);
    expect(await port.removeSynonym(synonym!.id)).to.equal(false);
  });

  it('answers those of a language, of its regions and of all', async () => {
    const saved: Synonym[] = [];
    for (const locale of ['*', 'de', 'de-CH', 'fr'])
      saved.push((await save({ locale, terms: ['a', `b ${locale}`] })).synonym!);
    const locales = (locale: string) =>
      system
        .port('merchandising')
        .synonyms(locale)
        .map((synonym) => synonym.locale);
    expect(locales('de-CH')).to.have.members(['*', 'de', 'de-CH']);
    expect(locales('de')).to.have.members(['*', 'de']);
    expect(locales('en')).to.deep.equal(['*']);
  });

  it('refuses what cannot work, naming each fault and its place', async () => {
    const codes = async (input: object): Promise<string[]> =>
      (await save(input)).userErrors.map(
        ({ code, path }) => `${code.replace('MERCHANDISING_SYNONYM_', '')} ${path.slice(1).join('.')}`,
      );
    expect(await codes({ terms: ['sofa', ' '] })).to.deep.equal(['TERM_BLANK terms.1']);
    expect(await codes({ terms: ['Sofa', 'sofá'] })).to.deep.equal(['OF_ITSELF terms.1']);
    expect(await codes({ kind: 'ONE_WAY', input: 'sofa', terms: ['couch', 'SOFA'] })).to.deep.equal([
      'OF_ITSELF terms.1',
    ]);
    expect(await codes({ kind: 'ONE_WAY', terms: ['couch'] })).to.deep.equal(['INPUT_MISSING input']);
    expect(await codes({ input: 'sofa', terms: ['couch', 'settee'] })).to.deep.equal(['INPUT_UNUSED input']);
    expect(await codes({ terms: ['sofa'] })).to.deep.equal(['TOO_FEW_TERMS terms']);
    expect(await codes({ terms: Array.from({ length: 51 }, (_, i) => `t${i}`) })).to.deep.equal([
      'TOO_MANY_TERMS terms',
    ]);
    expect(await codes({ terms: ['sofa', 'x'.repeat(101)] })).to.deep.equal(['TERM_TOO_LONG terms.1']);
    for (const odd of ['so\u0000fa', 'so\ud800fa', '\u202eafos', 'sofa\u2066']) {
      expect(await codes({ terms: ['couch', odd] }), odd).to.deep.equal(['TERM_INVALID terms.1']);
    }
    expect(await codes({ locale: 'not a locale', terms: ['a', 'b'] })).to.deep.equal([
      'LOCALE_INVALID locale',
    ]);
    expect(await codes({ id: 'nobody', terms: ['a', 'b'] })).to.deep.equal(['UNKNOWN id']);
    expect(system.port('merchandising').allSynonyms()).to.deep.equal([]);
  });

  it('says which value it refuses, and what is allowed', async () => {
    const messages = async (input: object): Promise<string> =>
      (await save(input)).userErrors.map(({ message }) => message).join('\n');
    expect(await messages({ terms: ['sofa', '?!'] })).to.match(/"\?!" is not a term; .*one letter or digit/);
    expect(await messages({ terms: ['sofa', 'x '.repeat(9)] })).to.match(
      /"x x.*" has 9 words and 17 characters; at most 8 words and 100 characters are allowed/,
    );
    expect(await messages({ terms: ['sofa', 'so\u202efa'] })).to.match(
      /"so\ufffdfa" holds the character U\+202E;/,
    );
    expect(await messages({ input: 'bench', terms: ['a', 'b'] })).to.match(/no input, not "bench"/);
    expect(await messages({ terms: ['sofa'] })).to.match(/needs 2 to 50 terms, not 1/);
    expect(await messages({ kind: 'ONE_WAY', input: 'a', terms: [] })).to.match(/needs 1 to 50 terms, not 0/);
  });

  it('refuses a second one that says the same, and lets circles be', async () => {
    await save({ terms: ['sofa', 'couch'] });
    expect((await save({ terms: ['Couch', 'sofa'] })).userErrors.map(({ code }) => code)).to.deep.equal([
      'MERCHANDISING_SYNONYM_DUPLICATE',
    ]);
    expect((await save({ kind: 'ONE_WAY', input: 'a', terms: ['b'] })).userErrors).to.deep.equal([]);
    expect((await save({ kind: 'ONE_WAY', input: 'b', terms: ['a'] })).userErrors).to.deep.equal([]);
  });

  it('takes words of any script, and markup as text', async () => {
    for (const terms of [
      ['أريكة', 'كنبة'],
      ['ספה', 'כורסה'],
      ['沙发', '長椅子'],
      ['<b>sofa</b>', 'couch'],
      ['😀 mug', 'cup'],
    ]) {
      const { synonym, userErrors } = await save({ terms });
      expect(userErrors).to.deep.equal([]);
      expect(synonym!.terms).to.deep.equal(terms);
    }
  });

  it('replaces a synonym by its id', async () => {
    const { synonym } = await save({ terms: ['sofa', 'couch'] });
    const { synonym: changed } = await save({ id: synonym!.id, terms: ['sofa', 'settee'] });
    expect(system.port('merchandising').allSynonyms()).to.deep.equal([changed]);
  });
});
