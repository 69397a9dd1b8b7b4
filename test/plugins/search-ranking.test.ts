import { expect } from 'chai';
import fc from 'fast-check';
import { createColumns } from '../../plugins/search/drivers/embedded/columns.js';
import { textsOf } from '../../plugins/search/drivers/embedded/documents.js';
import { find } from '../../plugins/search/drivers/embedded/find.js';
import { knowledgeOf } from '../../plugins/search/drivers/embedded/language.js';
import {
  descriptionPlaceOf,
  kindOf,
  nowhere,
  sharedMarks,
  titlePlaceOf,
} from '../../plugins/search/drivers/embedded/marks.js';
import { createMatches } from '../../plugins/search/drivers/embedded/match.js';
import { bestBySort } from '../../plugins/search/drivers/embedded/order.js';
import { type Group, planGroups, queryWords } from '../../plugins/search/drivers/embedded/plan.js';
import { frequencyOf, rarity } from '../../plugins/search/drivers/embedded/rarity.js';
import { createOrderReader } from '../../plugins/search/drivers/embedded/reading-order.js';
import { createSynonyms } from '../../plugins/search/drivers/embedded/synonyms.js';
import { createTextIndex, type TextIndex } from '../../plugins/search/drivers/embedded/text-index.js';
import { productOf, queryOf } from '../contracts/search.js';

const words = ['red', 'blue', 'lamp', 'desk', 'oak', 'steel', 'for', 'wool'];
const language = knowledgeOf('en');
const synonyms = createSynonyms(
  [
    {
      id: 's1',
      kind: 'EQUIVALENT',
      input: null,
      terms: ['lamp', 'steel oak'],
      locale: '*',
      status: 'APPROVED',
      weight: 0.9,
    },
    {
      id: 's2',
      kind: 'ONE_WAY',
      input: 'desk',
      terms: ['wool'],
      locale: '*',
      status: 'APPROVED',
      weight: 0.6,
    },
  ] as never,
  language,
);

interface Hit {
  readonly value: number;
  readonly marks: number;
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
          if (list.documents[i] === document) return { value: list.impacts[i]!, marks: list.marks[i]! };
      }
      return null;
    });
    if (held.includes(null)) continue;
    const value = (held.reduce((sum, hit) => sum + hit!.value, 0) / terms.length) * weight;
    const marks = held.map((hit) => hit!.marks).reduce(sharedMarks);
    best = best
      ? { value: Math.max(best.value, value), marks: sharedMarks(best.marks, marks) }
      : { value, marks };
  }
  return best;
}

function near(required: readonly (Hit | null)[]): number {
  const places = required.map((hit) => (hit ? titlePlaceOf(hit.marks) : nowhere));
  const described = required.map((hit) => (hit ? descriptionPlaceOf(hit.marks) : nowhere));
  const together = (all: readonly number[]): number => {
    let sum = 0;
    for (let i = 1; i < all.length; i++) {
      if (all[i] === nowhere || all[i - 1] === nowhere) continue;
      const distance = all[i]! - all[i - 1]!;
      sum += distance === 1 ? 1 : Math.abs(distance) <= 3 ? 0.5 : 0;
    }
    return all.length > 1 ? sum / (all.length - 1) : 0;
  };
  const first = Math.min(...places);
  const last = required.at(-1);
  return (
    (1 + 0.2 * [0, 0.3, 1][last ? kindOf(last.marks) : 0]!) *
    (1 + 0.3 * (places.filter((place) => place !== nowhere).length / places.length)) *
    (1 + (first === nowhere ? 0 : 0.2 / (1 + first / 4))) *
    (1 + 0.2 * together(places)) *
    (1 + 0.2 * together(described))
  );
}

/** Every document scored and sorted as a whole. */
function plainly(
  index: TextIndex,
  text: string,
  size: number,
): { total: number; values: Map<number, number> } {
  const groups = planGroups(index, queryWords(text).words, synonyms);
  const rarities = groups.map((group) =>
    rarity(index.documents(), Math.min(index.documents(), frequencyOf(index, group))),
  );
  const demanded = groups.reduce((sum, { required }, i) => sum + (required ? rarities[i]! : 0), 0);
  const { headFactor } = createOrderReader(index, groups);
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
          const merge = (): void => {
            for (const working = index.merge(); !working.next().done; );
          };
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
            const ranked = bestBySort(columns, found, asked).map((document) => values.get(document)!);
            const expected = [...values.values()].sort((a, b) => b - a).slice(0, 10);
            expect(ranked.length).to.equal(expected.length);
            for (const [i, value] of ranked.entries()) expect(value).to.be.closeTo(expected[i]!, 1e-5);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
});
