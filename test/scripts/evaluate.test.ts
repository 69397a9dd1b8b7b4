import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { askAll, type Query } from '../../scripts/evaluate/ask.js';
import { popularity, sequentialRules } from '../../scripts/evaluate/baselines.js';
import { evaluateBaskets } from '../../scripts/evaluate/baskets.js';
import { beyondAccuracy, gini } from '../../scripts/evaluate/beyond.js';
import { bootstrap } from '../../scripts/evaluate/bootstrap.js';
import {
  columnsOf,
  means,
  measured,
  sequenceMetrics,
  sessionMetrics,
  slice,
} from '../../scripts/evaluate/compare.js';
import type { Evaluation } from '../../scripts/evaluate/evaluation.js';
import { requireFiles, streamLines } from '../../scripts/evaluate/files.js';
import { verdicts } from '../../scripts/evaluate/goals.js';
import { basketColumns } from '../../scripts/evaluate/judge-baskets.js';
import { createLog, sessionsWithBoth } from '../../scripts/evaluate/log.js';
import { rankOf } from '../../scripts/evaluate/metrics.js';
import { evaluateOrders } from '../../scripts/evaluate/orders.js';
import { writeReport } from '../../scripts/evaluate/report-folder.js';
import { evaluateSearch } from '../../scripts/evaluate/search.js';
import { evaluateSequences } from '../../scripts/evaluate/sequences.js';
import { readSessionFiles } from '../../scripts/evaluate/session-files.js';
import { evaluateSessions } from '../../scripts/evaluate/sessions.js';
import { byPopularity } from '../../scripts/evaluate/slicings.js';

const silent = () => undefined;
const query = (history: readonly number[], target: number, cluster = 0): Query => ({
  history,
  target,
  cluster,
});

async function refused(evaluating: Promise<unknown>, why: RegExp): Promise<void> {
  const outcome = await evaluating.then(
    () => 'it was measured',
    (error: unknown) => String(error),
  );
  expect(outcome).to.match(why);
}

describe('The evaluation', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rapport-evaluate-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const write = (name: string, content: string | Buffer) => writeFileSync(join(folder, name), content);

  describe('metrics', () => {
    it('count every equal score against us', () => {
      expect(rankOf([7, 8, 9], [3, 2, 2], 7)).to.equal(1);
      expect(rankOf([7, 8, 9], [3, 2, 2], 8)).to.equal(3);
      expect(rankOf([7, 8, 9], [3, 2, 2], 6)).to.equal(0);
    });

    it('are those of the papers: the place of the one right answer, nothing beyond the cutoff', () => {
      const lists = [
        [5, 6, 7],
        [5, 6, 7],
        [5, 6, 7],
        [5, 6, 7],
      ];
      const queries = [query([], 5), query([], 6), query([], 7), query([], 8)];
      const answers = askAll(queries, (_, at) => ({ items: lists[at]!, scores: [3, 2, 1] }), { cutoff: 2 });
      expect(means(columnsOf(answers, sessionMetrics))).to.deep.equal({ 'P@20': 50, 'MRR@20': 37.5 });
      expect(means(columnsOf(answers, sequenceMetrics))['NDCG@10']).to.be.closeTo(
        (1 + 1 / Math.log2(3)) / 4,
        1e-12,
      );
      expect(Array.from(answers.lists.slice(0, 4))).to.deep.equal([5, 6, 5, 6]);
    });

    it('of baskets: found of all wanted, the ideal no longer than the basket, people with a hit', () => {
      const queries = [
        { history: [], targets: [1, 2], cluster: 0 },
        { history: [], targets: [3], cluster: 1 },
      ];
      const columns = means(
        basketColumns(
          [
            [9, 1, 8],
            [7, 8, 9],
          ],
          queries,
          10,
        ),
      );
      expect(columns['Recall@10']).to.equal(0.25);
      expect(columns['PHR@10']).to.equal(0.5);
      const ideal = 1 + 1 / Math.log2(3);
      expect(columns['NDCG@10']).to.be.closeTo(1 / Math.log2(3) / ideal / 2, 1e-12);
    });
  });

  describe('confidence intervals', () => {
    const values = Float64Array.from({ length: 400 }, (_, at) => Number((at * 7919) % 10 < 3));
    const apart = Int32Array.from({ length: 400 }, (_, at) => at);

    it('hold the mean, are as wide as the law of large numbers says, and the same every time', () => {
      const [interval] = bootstrap({ columns: [values], clusters: apart });
      const deviation = Math.sqrt((0.3 * 0.7) / 400);
      expect(interval![0]).to.be.closeTo(0.3 - 1.96 * deviation, 0.01);
      expect(interval![1]).to.be.closeTo(0.3 + 1.96 * deviation, 0.01);
      expect(bootstrap({ columns: [values], clusters: apart })).to.deep.equal([interval]);
    });

    it('do not shrink when the same sessions are only asked oftener', () => {
      const often = Float64Array.from({ length: 4000 }, (_, at) => values[Math.floor(at / 10)]!);
      const clusters = Int32Array.from({ length: 4000 }, (_, at) => Math.floor(at / 10));
      expect(bootstrap({ columns: [often], clusters })).to.deep.equal(
        bootstrap({ columns: [values], clusters: apart }),
      );
    });

    it('stay as wide where there are so many sessions that they are drawn in bags', () => {
      const many = Float64Array.from({ length: 20_000 }, (_, at) => Number((at * 7919) % 10 < 3));
      const [interval] = bootstrap({ columns: [many], clusters: Int32Array.from(many.keys()) });
      expect(interval![1] - interval![0]).to.be.closeTo(2 * 1.96 * Math.sqrt((0.3 * 0.7) / 20_000), 0.002);
    });

    it('of a comparison are paired: a method beside itself gains exactly nothing', () => {
      const columns = { 'P@20': values };
      const row = measured('the same', columns, columns, apart);
      expect(row.gains).to.deep.equal({ 'P@20': { gain: 0, interval: [0, 0] } });
    });

    it('are left out where a single session says nothing of the others', () => {
      expect(
        measured('one', { 'P@20': values }, { 'P@20': values }, new Int32Array(400)).intervals,
      ).to.deep.equal({});
    });
  });

  describe('baselines', () => {
    const log = createLog([[0, 1, 2], [0, 1], [0, 3, 1], [4]], 5);

    it('rank what followed the last item, nearer first, and what is popular', () => {
      const rules = sequentialRules(log, 3)([4, 0]);
      expect(Array.from(rules.items)).to.deep.equal([1, 3, 2]);
      expect(Array.from(rules.scores)).to.deep.equal([2.5, 1, 0.5]);
      expect(Array.from(sequentialRules(log, 3)([4, 99]).items)).to.deep.equal([]);
      expect(Array.from(popularity(log, 2)([]).items)).to.deep.equal([0, 1]);
    });

    it('count sessions with both of two items as one would by hand', () => {
      fc.assert(
        fc.property(fc.array(fc.array(fc.nat(5), { maxLength: 6 }), { maxLength: 60 }), (sessions) => {
          const log = createLog(sessions, 6);
          for (let one = 0; one < 6; one++)
            for (let other = 0; other < 6; other++)
              expect(sessionsWithBoth(log, one, other)).to.equal(
                sessions.filter((session) => session.includes(one) && session.includes(other)).length,
              );
        }),
      );
    });
  });

  describe('beyond accuracy', () => {
    it('tells how unequally items are shown', () => {
      expect(gini([2, 2, 2, 2])).to.be.closeTo(0, 1e-12);
      expect(gini([0, 0, 0, 8])).to.be.closeTo(0.75, 1e-12);
    });

    it('tells coverage, diversity by sessions in common, novelty in bits, and hits nobody would have guessed', () => {
      // 0 and 1 are always together; 2 and 3 never; 4 was never learned from.
      const log = createLog([[0, 1], [0, 1], [2], [3]], 5);
      const shown = { cutoff: 2, lists: Int32Array.from([0, 1, 2, 3]) };
      const figures = beyondAccuracy(
        shown,
        [
          { history: [], targets: [1] },
          { history: [], targets: [3] },
        ],
        log,
      );
      expect(figures['coverage, %']).to.equal(100);
      expect(figures.Gini).to.be.closeTo(0, 1e-12);
      expect(figures.diversity).to.equal(0.5);
      expect(figures['novelty, bits']).to.equal(1.5);
      expect(figures['unexpected hits, %']).to.equal(50);
    });
  });

  describe('slices', () => {
    it('say how many queries no method could answer', () => {
      const log = createLog([[0], [0], [0], [1], [1], [2]], 3);
      const queries = [query([], 0, 0), query([], 2, 1), query([], 9, 2)];
      const { rows, note } = slice(
        byPopularity(queries, log),
        { 'P@20': Float64Array.from([100, 0, 0]) },
        Int32Array.from([0, 1, 2]),
      );
      expect(rows.map(({ label, queries }) => [label, queries])).to.deep.equal([
        ['head', 1],
        ['tail', 1],
        ['never (unreachable)', 1],
      ]);
      expect(note).to.include('the head is 1 items');
    });
  });

  describe('files', () => {
    it('are read plain or packed, with either line end, without empty lines and byte order marks', async () => {
      const text = '\uFEFF1 2\r\n\r\n  \n3\r\n4 5';
      write('plain.txt', text);
      write('packed.txt.gz', gzipSync(text));
      write('misnamed.txt', gzipSync(text));
      for (const name of ['plain.txt', 'packed.txt', 'misnamed.txt']) {
        const lines: string[] = [];
        for await (const line of streamLines(folder, name)) lines.push(line);
        expect(lines, name).to.deep.equal(['1 2', '3', '4 5']);
      }
    });

    it('that are missing or broken are named, with what is there', async () => {
      write('readme.md', '');
      expect(() => requireFiles(folder, 'sessions', ['test.tsv', 'train.txt'])).to.throw(
        /sessions needs test\.tsv and train\.txt \(plain or \.gz\).*missing: test\.tsv, train\.txt; there is: readme\.md/,
      );
      write('cut.txt.gz', gzipSync('1 2 3\n'.repeat(1000)).subarray(0, 30));
      let message = '';
      try {
        for await (const _ of streamLines(folder, 'cut.txt'));
      } catch (error) {
        message = String(error);
      }
      expect(message).to.match(/cut\.txt\.gz cannot be read to its end/);
    });

    it('that hold nothing to be measured are refused with what they need', async () => {
      write(
        'orders.csv',
        'Invoice,StockCode,Description,Quantity,InvoiceDate,Price,Customer ID\nC1,POST,,1,x,0,\n',
      );
      await refused(evaluateOrders(folder, silent), /has 0 invoices that count; 20 are needed/);
      write('products.jsonl', '{"a":1}\nnot json\n');
      write('judgments.csv', 'query,product_id,grade\nlamp,1,3\n');
      await refused(evaluateSearch(folder), /no product in products\.jsonl can be read/);
      write('mapping.json', '{"id":');
      await refused(evaluateSearch(folder), /mapping\.json is no JSON/);
    });

    it('of sessions: rows cut from one session are one cluster; ids are any text; lines that ask nothing are counted', async () => {
      write('train.txt', '1 2 3\n99999999999999999999 x-Ä\n');
      write('test.tsv', '1 2 3\t1\n1 2\t3\n1\t2\n2\t3\nno tab here\n\tx-Ä\n1\tnever-seen\n');
      const { train, tests, catalogSize, leftOut } = await readSessionFiles(folder, silent);
      expect(train).to.deep.equal([
        [0, 1, 2],
        [3, 4],
      ]);
      expect(catalogSize).to.equal(5);
      expect(leftOut).to.equal(1);
      expect(tests.map(({ cluster }) => cluster)).to.deep.equal([0, 0, 0, 1, 2, 3]);
      expect(tests.at(-2)).to.deep.equal({ history: [], target: 4, cluster: 2 });
      expect(tests.at(-1)!.target).to.equal(5);
    });
  });

  describe('of a whole data set', () => {
    it('asks the serving model, tells the documented shape, and judges what it cannot know as missed', async () => {
      write('train.txt', '1 2\n'.repeat(30) + '3 4\n'.repeat(30));
      write('test.tsv', '1\t2\n3\t4\nunknown\t4\n1\tunknown\n');
      const result = await evaluateSessions(folder, silent);
      expect(result.task).to.equal('sessions');
      expect(result.metrics).to.deep.equal({ 'P@20': 50, 'MRR@20': 50 });
      expect(result.microsecondsPerQuery).to.be.above(0);
      expect(result.details['targets never seen in training (unreachable)']).to.equal(1);
      expect(result.baselines!.map(({ method }) => method)).to.include('VMIS-kNN, m = k = 500');
      expect(JSON.parse(JSON.stringify(result))).to.deep.equal(result);
    });

    it('measures purchases and baskets in the same way', async () => {
      const people = Array.from({ length: 40 }, (_, person) => `p${person} a b c d`);
      write('sequences.txt', people.join('\r\n'));
      const sequences = await evaluateSequences(folder, silent);
      expect(sequences.metrics['HR@10']).to.be.within(0, 1);
      expect(sequences.details.people).to.equal(40);

      const baskets = Object.fromEntries(
        Array.from({ length: 40 }, (_, person) => [person, [[1, 2], [2], [2, 3]]]),
      );
      write(
        'baskets.json',
        JSON.stringify({ train: baskets, validate: {}, test: { x: [[2], [2], [2]], y: [[]] } }),
      );
      const next = await evaluateBaskets(folder, silent);
      expect(next.details['people asked about']).to.equal(1);
      expect(next.metrics).to.include({ 'Recall@10': 1, 'PHR@10': 1 });
    });
  });

  describe('goals', () => {
    const evaluation = (precision: number, queries: number): Evaluation => ({
      task: 'sessions',
      dataset: 'diginetica',
      metrics: { 'P@20': precision },
      intervals: { 'P@20': [precision - 0.5, precision + 0.5] },
      microsecondsPerQuery: 100,
      details: { queries },
    });
    const outcome = (of: Evaluation, goal: string) => verdicts(of).find((verdict) => verdict.goal === goal);

    it('are met or missed, and say when other queries might have told otherwise', () => {
      expect(outcome(evaluation(57, 60_858), '> 56')).to.include({ met: true, close: false });
      expect(outcome(evaluation(56.2, 60_858), '> 56')).to.include({ met: true, close: true });
      expect(outcome(evaluation(55, 60_858), '> 56')).to.include({ met: false, close: false });
      expect(outcome(evaluation(55, 60_858), '> 54.22')).to.include({
        met: true,
        why: 'best published: GCE-GNN',
      });
    });

    it('ask for less where less is better, and pass over what only describes and what is ours with a part left out', () => {
      const row = (method: string, error: number, width: number) => ({
        method,
        metrics: { 'date error, days': error, 'width, days': width },
      });
      const again: Evaluation = {
        task: 'orders',
        dataset: 'a shop',
        ...row('', 80, 300),
        microsecondsPerQuery: 1,
        baselines: [row('a mean', 100, 200), row('a median', 90, 250), row('ours, but simpler', 70, 100)],
        details: {},
      };
      expect(verdicts(again).map(({ figure, goal, met }) => [figure, goal, met])).to.deep.equal([
        ['date error, days', '≤ 90', true],
      ]);
    });

    it('of a published split are not held against another one of that name', () => {
      expect(outcome(evaluation(57, 4_000), '> 56')).to.equal(undefined);
      expect(outcome(evaluation(57, 4_000), '> 54.22')).to.equal(undefined);
    });
  });

  describe('the report', () => {
    const result = (dataset: string, value: number): Evaluation => ({
      task: 'sessions',
      dataset,
      metrics: { 'P@20': value },
      intervals: { 'P@20': [value - 1, value + 1] },
      microsecondsPerQuery: 100,
      details: { queries: 10 },
      slices: [{ by: 'clicks so far', rows: [{ label: '1', queries: 10, metrics: { 'P@20': value } }] }],
      curves: [
        {
          title: 'Diversity and its price',
          x: 'diversity',
          y: 'P@20',
          lines: [{ name: 'Rapport', points: [{ x: 0.1, y: value, label: 'as served' }] }],
        },
      ],
    });

    it('holds tables, JSON and plots; measures of other data sets stay, those of the same are replaced', async () => {
      write('not-ours.svg', '<svg/>');
      await writeReport(folder, [result('a shop', 40), result('another', 30)]);
      await writeReport(folder, [{ ...result('a shop', 41.25), slices: [] }]);
      const markdown = readFileSync(join(folder, 'report.md'), 'utf8');
      expect(markdown).to.include('**41.25** [40.25; 42.25]').and.to.include('### sessions: another');
      expect(markdown).not.to.include('40.00');
      const { results } = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'));
      expect(results.map(({ dataset }: Evaluation) => dataset)).to.deep.equal(['a shop', 'another']);
      const files = readdirSync(folder);
      expect(files).to.include.members(['not-ours.svg', 'sessions-a-shop-accuracy.svg']);
      expect(files).not.to.include('sessions-a-shop-by-clicks-so-far.svg');
      for (const [, file] of markdown.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g)) expect(files).to.include(file);
    });

    it('draws plots that show the figures', async () => {
      await writeReport(folder, [result('a shop', 41.25)]);
      const plot = readFileSync(join(folder, 'sessions-a-shop-accuracy.svg'), 'utf8');
      expect(plot).to.match(/^<svg/).and.to.include('41.25').and.to.include('Rapport');
      const curve = readFileSync(join(folder, 'sessions-a-shop-diversity-and-its-price.svg'), 'utf8');
      expect(curve).to.include('as served');
    });

    it('will not overwrite what is no report', async () => {
      write('report.json', '{"something": "else"}');
      let message = '';
      await writeReport(folder, []).catch((error: Error) => {
        message = error.message;
      });
      expect(message).to.match(/is not a report/);
    });
  });
});
