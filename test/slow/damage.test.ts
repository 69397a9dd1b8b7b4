import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import { createRandom } from '../support/boot.js';
import type { Heard } from './damage-trial.js';

/** `DAMAGE_TRIALS=200 DAMAGE_SEED=7` for a shorter look at other damage. */
const trials = Number(process.env.DAMAGE_TRIALS ?? 2_000);
const seed = Number(process.env.DAMAGE_SEED ?? 1);
const trialMsMax = 60_000;
const pageBytes = 4_096;
const module = fileURLToPath(new URL('damage-trial.ts', import.meta.url));

interface Shown {
  readonly inStock: boolean;
  readonly categories: readonly { readonly id: string }[];
}

type Outcome =
  | 'right answers'
  | 'refused by name'
  | 'degraded, named'
  | 'wrong'
  | 'refused without a name'
  | 'crashed';

describe('Damage to the data directory', () => {
  let child: ChildProcess | null = null;
  let work = '';
  after(() => {
    child?.kill();
    if (work !== '') rmSync(work, { recursive: true, force: true });
  });

  it(`ends in a refusal by name, right answers or named degradation (${trials} trials)`, async function () {
    this.timeout(60_000 + trials * trialMsMax);
    work = mkdtempSync(join(tmpdir(), 'rapport-damage-'));
    const origins = ['closed', 'killed'].map((name) => join(work, name));
    const filled = spawnSync(process.execPath, ['--import=tsx', module, 'fill', ...origins], {
      encoding: 'utf8',
    });
    expect(filled.status, filled.stderr).to.equal(0);
    const random = createRandom(seed);
    const tally = new Map<Outcome, number>();
    const bad: string[] = [];

    async function hear(directory: string): Promise<Heard | string> {
      child ??= fork(module, { execArgv: ['--import=tsx'], stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
      const asked = child;
      const heard = await new Promise<Heard | string>((resolve) => {
        asked.once('message', (message) => resolve(message as Heard));
        asked.once('exit', (code, signal) => resolve(`${signal ?? code}`));
        asked.send(directory);
      });
      asked.removeAllListeners();
      if (typeof heard === 'string') child = null;
      return heard;
    }

    async function trial(origin: string, damage: (directory: string) => string) {
      const directory = join(work, 'trial');
      rmSync(directory, { recursive: true, force: true });
      cpSync(origin, directory, { recursive: true });
      const did = damage(directory);
      return { did, heard: await hear(directory) };
    }

    const references = [];
    for (const origin of origins) references.push((await trial(origin, () => 'nothing')).heard as Heard);
    for (const { refused, named } of references) expect([refused, ...named]).to.deep.equal([null]);
    for (let n = 0; n < trials; n++) {
      const which = n % origins.length;
      const { did, heard } = await trial(origins[which]!, (directory) => damageOne(directory, random));
      const outcome = judge(heard, references[which]!);
      tally.set(outcome, (tally.get(outcome) ?? 0) + 1);
      if (['wrong', 'refused without a name', 'crashed'].includes(outcome)) {
        bad.push(
          `${outcome} (${['closed', 'killed'][which]}): ${did}: ${describe_(heard, references[which]!)}`,
        );
      }
    }
    for (const [outcome, count] of [...tally].sort()) console.log(`      ${outcome}: ${count}`);
    expect(bad).to.deep.equal([]);
  });
});

function judge(heard: Heard | string, reference: Heard): Outcome {
  if (typeof heard === 'string' || 'threw' in heard) return 'crashed';
  if (heard.refused !== null)
    return heard.refused.includes('STORE_DAMAGED') ? 'refused by name' : 'refused without a name';
  if (heard.trespassed) return 'wrong';
  const different = Object.keys(reference.parts).filter(
    (part) => JSON.stringify(heard.parts[part]) !== JSON.stringify(reference.parts[part]),
  );
  if (different.length === 0) return 'right answers';
  // A product may be missing; it is never another one.
  const isOther = (part: string) =>
    part.startsWith('product') && !isLess(heard.parts[part], reference.parts[part]);
  if (different.some(isOther)) return 'wrong';
  return heard.named.length > 0 ? 'degraded, named' : 'wrong';
}

/** Nothing, or the same without categories that are damaged, and out of stock where the stock is. */
function isLess(heard: unknown, reference: unknown): boolean {
  if (heard === null) return true;
  const [found, expected] = [heard, reference] as [Shown, Shown];
  const categories = expected.categories.filter(({ id }) => found.categories.some((each) => each.id === id));
  return isDeepStrictEqual(found, { ...expected, categories, inStock: expected.inStock && found.inStock });
}

function describe_(heard: Heard | string, reference: Heard): string {
  if (typeof heard === 'string') return heard;
  const different = Object.keys(reference.parts).filter(
    (part) => JSON.stringify(heard.parts[part]) !== JSON.stringify(reference.parts[part]),
  );
  return JSON.stringify({ ...heard, parts: different.slice(0, 3) }).slice(0, 600);
}

/** Damages one file of a directory, and says how. */
function damageOne(directory: string, random: () => number): string {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const below = (n: number) => Math.floor(random() * n);
  // Half of the damage goes to the data file, which is nearly all that there is.
  const path =
    random() < 0.5 ? files.find((file) => file.endsWith('data.mdb'))! : files[below(files.length)]!;
  const bytes = readFileSync(path);
  const name = path.slice(directory.length + 1);
  if (bytes.length === 0) {
    writeFileSync(path, 'x');
    return `${name} gets a byte`;
  }
  const at = below(bytes.length);
  switch (below(8)) {
    case 0: {
      const length = Math.min(1 + below(512), bytes.length - at);
      for (let i = at; i < at + length; i++) bytes[i] = below(256);
      writeFileSync(path, bytes);
      return `${name}: ${length} random bytes at ${at}`;
    }
    case 1:
      writeFileSync(path, bytes.subarray(0, at));
      return `${name}: cut off at ${at}`;
    case 2: {
      const page = at - (at % pageBytes);
      bytes.fill(0, page, Math.min(page + pageBytes, bytes.length));
      writeFileSync(path, bytes);
      return `${name}: page at ${page} zeroed`;
    }
    case 3: {
      const to = below(Math.ceil(bytes.length / pageBytes)) * pageBytes;
      const from = at - (at % pageBytes);
      bytes.copy(bytes, to, from, from + pageBytes);
      writeFileSync(path, bytes);
      return `${name}: page at ${from} copied to ${to}`;
    }
    case 4:
      if (random() < 0.5) {
        rmSync(path);
        return `${name}: removed`;
      }
      writeFileSync(path, 'some text instead\n'.repeat(1 + below(300)));
      return `${name}: replaced by text`;
    default: {
      const bit = below(8);
      bytes[at]! ^= 1 << bit;
      writeFileSync(path, bytes);
      return `${name}: bit ${bit} of byte ${at} flipped`;
    }
  }
}
