import { expect } from 'chai';
import fc from 'fast-check';
import { createColumns } from '../../plugins/search/drivers/embedded/index/columns.js';
import {
  mergePlaces,
  namesKind,
  notInTitle,
  titlePosition,
} from '../../plugins/search/drivers/embedded/index/positions.js';
import { textsOf } from '../../plugins/search/drivers/embedded/index/product-texts.js';
import { createTextIndex, type TextIndex } from '../../plugins/search/drivers/embedded/index/text-index.js';
import { find, idfOf } from '../../plugins/search/drivers/embedded/matching/find.js';
import { createMatches } from '../../plugins/search/drivers/embedded/matching/match.js';
import { type Group, planGroups } from '../../plugins/search/drivers/embedded/matching/query-plan.js';
import { queryWords } from '../../plugins/search/drivers/embedded/matching/query-words.js';
import { createLocaleSynonyms } from '../../plugins/search/drivers/embedded/matching/synonyms.js';
import { createHeadReader } from '../../plugins/search/drivers/embedded/ranking/prominence.js';
import { bestBySort } from '../../plugins/search/drivers/embedded/ranking/ranking.js';
import { languageRules } from '../../plugins/search/drivers/embedded/tokens/language.js';
import { runNow } from '../../src/kit/slices.js';
import { productOf, queryOf } from '../contracts/search.js';
import { allInStock } from '../support/live-catalog.js';
import { runs } from '../support/runs.js';

const words = ['red', 'blue', 'lamp', 'desk', 'oak', 'steel', 'for', 'wool'];
const language = languageRules('en');
const locales = createLocaleSynonyms();
locales.set([
  { id: 's1', kind: 'MULTI_WAY', input: null, terms: ['lamp', 'steel oak'], locale: '*', updatedAtMs: 0 },
  { id: 's2', kind: 'ONE_WAY', input: 'desk', terms: ['wool'], locale: '*', updatedAtMs: 0 },
]);
const synonyms = locales.of('en');

interface Hit {
  readonly value: number;
  readonly place: number;
}

/** What a document has of a group, as the definition says, without any index but its posting lists. */
function hitOf(index: TextIndex, group: Group, document: number): Hit | null {
  let best: Hit | null = null;
  for (const { terms, weight } of group.alternatives) {
    const held = terms.map((term) => {
      for (const segment of index.segments()) {
        if (index.current()[document] !== segment.id) continue;
        const list = segment.list(term);
        for (let i = list?.start ?? 0; list && i < list.end; i++)
          if (list.documents[i] === document) return { value: list.weights[i]!, place: list.places[i]! };
      }
      return null;
    });
    if (held.includes(null)) continue;
    const value = (held.reduce((sum, hit) => sum + hit!.value, 0) / terms.length) * weight;
    const place = held.map((hit) => hit!.place).reduce(mergePlaces);
    best = best
      ? { value: Math.max(best.value, value), place: mergePlaces(best.place, place) }
      : { value, place };
  }
  return best;
}

function near(required: readonly (Hit | null)[]): number {
  const inTitle = required.filter((hit) => hit && titlePosition(hit.place) !== notInTitle).length;
  const last = required.at(-1);
  return (last && namesKind(last.place) ? 1.2 : 1) * (1 + (0.3 * inTitle) / required.length);
}

/** Every document scored and sorted as a whole. */
function plainly(
  index: TextIndex,
  text: string,
  size: number,
): { total: number; values: Map<number, number> } {
  const groups = planGroups(index, queryWords(text).words, synonyms);
  const rarities = groups.map((group) => idfOf(index, group));
  const demanded = groups.reduce((sum, { required }, i) => sum + (required ? rarities[i]! : 0), 0);
  const { headFactor } = createHeadReader(index, groups);
  const all: { document: number; isFull: boolean; share: number; score: number }[] = [];
  for (let document = 0; document < size; document++) {
    if (index.current()[document] === 0) continue;
    const hits = groups.map((group) => hitOf(index, group, document));
    const required = hits.filter((_, i) => groups[i]!.required);
    if (required.every((hit) => hit === null)) continue;
    let score = 0;
    let held = 0;
    for (const [i, hit] of hits.entries()) {
      if (!hit) continue;
      score += (rarities[i]! / 255) * hit.value;
      if (groups[i]!.required) held += rarities[i]!;
    }
    const isFull = !required.includes(null);
    all.push({
      document,
      isFull,
      share: demanded > 0 ? held / demanded : 1,
      score: score * near(required) * headFactor(document),
    });
  }
  const full = all.filter(({ isFull }) => isFull).length;
  const taken = all.filter(({ isFull, share }) => isFull || (full < 10 && (full === 0 || share >= 0.5)));
  return {
    total: taken.length,
    values: new Map(
      taken.map(({ document, isFull, share, score }) => [document, isFull ? 1_000 + score : score * share]),
    ),
  };
}

const text = (most: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: most }).map((some) => some.join(' '));

describe('ranking in the embedded search engine', () => {
  it('is that of scoring every document as a whole, whatever it leaves out on the way', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ id: fc.nat(60), title: text(6), description: text(12) }), {
          minLength: 1,
          maxLength: 120,
        }),
        fc.array(fc.nat(60), { maxLength: 10 }),
        fc.array(fc.constantFrom('put', 'merge'), { maxLength: 3 }),
        fc.array(text(4), { minLength: 1, maxLength: 4 }),
        (puts, removed, phases, queries) => {
          const columns = createColumns('en');
          const index = createTextIndex(language);
          const merge = (): void => runNow(index.merge());
          const part = Math.ceil(puts.length / (phases.length + 1));
          for (const [i, { id, title, description }] of puts.entries()) {
            const product = { ...productOf(`p${id}`, title), description };
            const document = columns.numberFor(product.id);
            columns.set(document, product);
            index.put(document, textsOf({ product, categories: [], stock: {} }, null));
            if (i % part === part - 1 && phases[Math.floor(i / part)] === 'merge') merge();
          }
          for (const id of removed) {
            const document = columns.numberOf(`p${id}`);
            if (document < 0) continue;
            columns.remove(document);
            index.remove(document);
          }
          const matches = createMatches(columns.size());
          for (const query of queries) {
            const asked = queryOf(query, { limit: 10 });
            const found = find({
              columns,
              indexes: [index],
              synonyms,
              matches,
              query: asked,
              passes: columns.exists,
              typing: false,
            });
            const { total, values } = plainly(index, query, columns.size());
            expect(found.documents.length, query).to.equal(total);
            const ranked = bestBySort(columns, allInStock, found, asked).map(
              (document) => values.get(document)!,
            );
            const expected = [...values.values()].sort((a, b) => b - a).slice(0, 10);
            expect(ranked.length).to.equal(expected.length);
            for (const [i, value] of ranked.entries()) expect(value).to.be.closeTo(expected[i]!, 1e-5);
          }
        },
      ),
      { numRuns: runs(100) },
    );
  });
});
