import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { projectDirectory } from '../src/project-directory.js';

/**
 * Words that only we used, and the field's term for each. A word that also has a usual meaning (share, rate, print) cannot be counted,
 * so it is not here. Patterns are in lower case; a camelCase name counts as its words.
 */
const terms: readonly (readonly [ours: string, instead: string])[] = [
  ['shelf', 'product index'],
  ['situation', 'ranking context'],
  ['mixture', 'blend weights'],
  ['certainty', 'confidence'],
  ['news', 'unseen first'],
  ['seen factor', 'seen-item demotion'],
  ['lending|lenders?|borrow(s|ed|ing)?', 'back-off smoothing, neighbours'],
  ['handicap', 'position-bias offset'],
  ['trials', 'exploration slots'],
  ['crowd level', 'sampling rate'],
  ['watched (shoppers|people)', 'sampled shoppers'],
  ['judged people', 'hold-out users'],
  ['refit(s|ted|ting)?', 'retraining'],
  ['follower', 'log consumer'],
  ['renumber(ing|s|ed)?', 'id remap'],
  ['judg(e|es|ed|ing)', 'evaluate'],
  ['lessons?', 'training example'],
  ['(calm|straight) weights?', 'EMA weights, skip connection'],
  ['sharpness', 'inverse temperature'],
  ['tally', 'accumulator'],
  ['bands?', 'daypart'],
  ['fading', 'exponential decay'],
  ['ripeness', 'due ratio'],
  ['outlooks?', 'conditional quantiles'],
  ['journal', 'write-ahead log'],
  ['mover', 'checkpointer'],
  ['overlay', 'memtable'],
  ['doubt', 'indeterminate write'],
  ['reactions?', 'handler'],
  ['couriers?', 'outbox relay'],
  ['stamp(s|ed|ing)?', 'fencing token, or the name of the fields that are set'],
  ['mended', 'sanitised'],
  ['ill-formed', 'malformed'],
  ['reading order', 'proximity scorer'],
  ['weigher', 'BM25F scorer'],
  ['word beginnings', 'prefix index'],
  ['(growing|frozen) segments?', 'mutable or immutable segment'],
  ['sealing', 'commit'],
  ['taste', 'personalisation boost'],
  ['lanes?', 'fast path'],
  ['steady', 'fragment cache key'],
  ['kept (rows|texts|predictions)', 'columnar store, fragment cache, prediction cache'],
  ['unfit', 'coercion failed'],
  ['blank (visitor|session)s?', 'anonymous visitor'],
  ['told|tells', 'published, reported, notified'],
  ['noted', 'recorded'],
  ['hands?', 'passes, returns'],
  ['asked|asks', 'reads, requests'],
  ['whoever', 'a noun: the caller, the process, the shopper'],
];

/** A comment that opens with a clause: "What a link keeps of the claim". The noun comes first: "The part of a claim that a link keeps". */
const clause = /(?:\/\*\*|\/\/|^\s*\*) (?:What|Whether|How|Who|Whose|Whoever|Of)\b/gm;
const clauseName = 'comments that open with a clause';

const root = projectDirectory();
/** How often each is used today. A count may only fall: `UPDATE_LANGUAGE=1 npx mocha test/language.test.ts` writes the lower ones. */
const ratchet = join(root, 'test', 'language.json');

function texts(): string[] {
  const inFolders = ['src', 'plugins', 'schema', 'scripts', '.github'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => (folder === 'scripts' ? /\.md$/ : /\.(?:ts|js|graphql|md)$/).test(name))
      .map((name) => join(folder, name)),
  );
  return ['README.md', ...inFolders].map((path) => readFileSync(join(root, path), 'utf8'));
}

function timesIn(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].length;
}

/** The number of uses by term. */
function countsOf(files: readonly string[]): Record<string, number> {
  const text = files.join('\n');
  const words = text.replace(/([a-z\d])([A-Z])/g, '$1 $2').toLowerCase();
  return Object.fromEntries([
    ...terms.map(([ours]) => [ours, timesIn(words, new RegExp(`\\b(?:${ours})\\b`, 'g'))] as const),
    [clauseName, timesIn(text, clause)],
  ]);
}

describe('The language', () => {
  it('uses no word more often for which the field has a term', () => {
    const counts = countsOf(texts());
    const before: Readonly<Record<string, number>> = JSON.parse(readFileSync(ratchet, 'utf8'));
    const instead = new Map(terms);
    const faults = Object.entries(counts)
      .filter(([ours, times]) => times > (before[ours] ?? 0))
      .map(
        ([ours, times]) =>
          `"${ours}": ${times} uses, at most ${before[ours] ?? 0} are allowed; use ${instead.get(ours) ?? 'the noun first'}`,
      );
    expect(faults, 'git diff main shows the new uses').to.deep.equal([]);
    if (process.env.UPDATE_LANGUAGE === '1') writeFileSync(ratchet, `${JSON.stringify(counts, null, 2)}\n`);
  });

  it('would notice a new use in a name and in a comment', () => {
    const found = countsOf(['const laneOfRequest = 1;\n/** What the lane is for. */']);
    expect(found['lanes?'], 'lane').to.equal(2);
    expect(found[clauseName], 'clause').to.equal(1);
  });
});
