import { type Candidates, noCandidates } from '../../../src/ports/recommenders.js';
import { type Part, renumbered, type Storable } from '../models/stored.js';
import { createRows } from '../snapshots/rows.js';
import type { TieOrder } from './candidates.js';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** A habit of the week shows within weeks, one of the year after a year. */
const halfLivesMs = [28 * dayMs, 730 * dayMs] as const;
const hoursABand = 4;
/** Six bands of working days and six of weekends, then twelve months. */
const bands = 12;
const width = bands + 12;
const landmarkShiftExponent = 60;
/** So much interest at the usual rate is assumed of every product at every time: few events prove no habit. */
const assumedInterest = 10;
/** A product counts as more popular than otherwise from here on. */
const liftMin = 1.1;
/** What is popular at a time is looked up anew after so long. */
const keptMs = 10 * 60_000;
const proposalsMax = 30;
/** A power of two, so that an item's part is a shift away. */
const itemsPerPartBits = 12;
const itemsPerPart = 2 ** itemsPerPartBits;

/** What is more popular at certain times than otherwise; days, hours and months are UTC. */
export interface Moments extends Storable {
  learn(item: number, weight: number, atMs: number): void;
  /** In the same four hours of working days or of weekends; at most 30. */
  ofTheWeek(atMs: number): Candidates;
  /** In the same month; at most 30. */
  ofTheYear(atMs: number): Candidates;
  /** Dates all that was learned so far earlier. */
  setBack(byMs: number): void;
}

interface Kept {
  readonly time: number;
  readonly list: Candidates;
}

interface SumsPart extends Part {
  readonly name: 'moments';
  readonly landmarksMs: readonly (number | null)[];
  readonly units: readonly number[];
  readonly totals: readonly number[];
  /** Of each item `width` sums. */
  readonly items: Int32Array;
  readonly sums: Float32Array;
}

/**
 * Decayed interest by time of the week and of the year. Only what is more popular at a time than otherwise is proposed, as far as that is no
 * chance: expected and observed interest are shrunk toward each other, and a score is the popularity overall × this ratio.
 */
export function createMoments(tie: TieOrder, isPopular: (item: number) => boolean = () => true): Moments {
  let sums = new Float32Array(1024 * width);
  const totals = new Float64Array(width);
  const landmarksMs: (number | null)[] = [null, null];
  /** What interest of 1 adds now. */
  const units = [1, 1];
  const kept: (Kept | undefined)[] = [];
  let now = { minute: Number.NaN, band: 0, month: bands, ofWeek: 1, ofYear: 1 };

  const stored = createRows((block) =>
    sums.slice(block * itemsPerPart * width, (block + 1) * itemsPerPart * width),
  );

  function makeRoom(item: number): void {
    if ((item + 1) * width <= sums.length) return;
    const larger = new Float32Array(Math.max((item + 1) * width, sums.length * 2));
    larger.set(sums);
    sums = larger;
  }

  /** Forward decay, as of `popularity.ts`. */
  function growth(kind: 0 | 1, atMs: number): number {
    const landmarkMs = landmarksMs[kind] ?? atMs;
    landmarksMs[kind] = landmarkMs;
    const exponent = (atMs - landmarkMs) / halfLivesMs[kind];
    if (exponent <= landmarkShiftExponent) return 2 ** exponent;
    const [from, to] = kind === 0 ? [0, bands] : [bands, width];
    const factor = 2 ** -exponent;
    stored.changingAll();
    for (let row = 0; row < sums.length; row += width) {
      for (let time = from; time < to; time++) sums[row + time]! *= factor;
    }
    for (let time = from; time < to; time++) totals[time]! *= factor;
    units[kind]! *= factor;
    landmarksMs[kind] = atMs;
    return 1;
  }

  /** All of one minute weighs the same, so that most events take two additions. */
  function enter(minute: number): void {
    const atMs = minute * minuteMs;
    now = {
      minute,
      band: bandOf(atMs),
      month: monthOf(atMs),
      ofWeek: growth(0, atMs),
      ofYear: growth(1, atMs),
    };
    units[0] = Math.max(units[0]!, now.ofWeek);
    units[1] = Math.max(units[1]!, now.ofYear);
  }

  function popularAt(kind: 0 | 1, time: number): Candidates {
    const [from, to] = kind === 0 ? [0, bands] : [bands, width];
    let total = 0;
    for (let other = from; other < to; other++) total += totals[other]!;
    if (!(totals[time]! > 0)) return noCandidates;
    const part = totals[time]! / total;
    const assumed = assumedInterest * units[kind]!;
    const found: { readonly item: number; readonly score: number }[] = [];
    let lowest = 0;
    for (let item = 0, row = 0; row < sums.length; item++, row += width) {
      const here = sums[row + time]!;
      if (here === 0 || !isPopular(item)) continue;
      let overall = 0;
      for (let other = from; other < to; other++) overall += sums[row + other]!;
      const lift = (here + assumed) / (overall * part + assumed);
      const score = overall * lift;
      if (lift < liftMin || score <= lowest) continue;
      found.push({ item, score });
      if (found.length < 4 * proposalsMax) continue;
      best(found);
      lowest = found.at(-1)!.score;
    }
    best(found);
    return {
      items: found.map(({ item }) => item),
      scores: found.map(({ score }) => score),
      causes: found.map(() => -1),
      length: found.length,
    };
  }

  function best(found: { readonly item: number; readonly score: number }[]): void {
    found.sort((a, b) => b.score - a.score || tie(a.item, b.item));
    found.length = Math.min(found.length, proposalsMax);
  }

  function look(kind: 0 | 1, time: number, atMs: number): Candidates {
    const round = Math.floor(atMs / keptMs) * width + time;
    const known = kept[kind];
    if (known?.time === round) return known.list;
    const list = popularAt(kind, time);
    kept[kind] = { time: round, list };
    return list;
  }

  return {
    learn(item, weight, atMs) {
      makeRoom(item);
      const minute = Math.floor(atMs / minuteMs);
      if (minute !== now.minute) enter(minute);
      stored.changing(item >> itemsPerPartBits);
      const row = item * width;
      sums[row + now.band]! += weight * now.ofWeek;
      totals[now.band]! += weight * now.ofWeek;
      sums[row + now.month]! += weight * now.ofYear;
      totals[now.month]! += weight * now.ofYear;
    },
    ofTheWeek: (atMs) => look(0, bandOf(atMs), atMs),
    ofTheYear: (atMs) => look(1, monthOf(atMs), atMs),
    setBack(byMs) {
      for (const kind of [0, 1]) {
        const landmarkMs = landmarksMs[kind] ?? null;
        landmarksMs[kind] = landmarkMs === null ? null : landmarkMs - byMs;
      }
      now.minute = Number.NaN;
    },

    save() {
      const now = { landmarksMs: [...landmarksMs], units: [...units], totals: Array.from(totals) };
      const blocks = stored.read(Math.ceil(sums.length / width / itemsPerPart));
      return (function* (): Generator<SumsPart> {
        let first = 0;
        for (const block of blocks) {
          const items: number[] = [];
          for (let cell = 0; cell < block.length; cell++) {
            if (block[cell]! <= 0) continue;
            const row = Math.floor(cell / width);
            items.push(row);
            cell = (row + 1) * width - 1;
          }
          const some = new Float32Array(items.length * width);
          for (const [at, row] of items.entries()) {
            some.set(block.subarray(row * width, (row + 1) * width), at * width);
          }
          const start = first;
          first += itemsPerPart;
          yield {
            name: 'moments',
            ...now,
            items: Int32Array.from(items, (row) => start + row),
            sums: some,
          };
        }
      })();
    },
    restore(part, renumbering) {
      const sumsPart = part as SumsPart;
      now.minute = Number.NaN;
      for (const kind of [0, 1]) {
        landmarksMs[kind] = sumsPart.landmarksMs[kind] ?? null;
        units[kind] = sumsPart.units[kind] ?? 1;
      }
      totals.set(sumsPart.totals);
      for (let at = 0; at < sumsPart.items.length; at++) {
        const item = renumbered(sumsPart.items[at]!, renumbering);
        if (item < 0) continue;
        makeRoom(item);
        for (let time = 0; time < width; time++) {
          sums[item * width + time] = sumsPart.sums[at * width + time]!;
        }
      }
    },
  };
}

function bandOf(atMs: number): number {
  const at = new Date(atMs);
  const weekend = at.getUTCDay() % 6 === 0;
  return (weekend ? bands / 2 : 0) + Math.floor(at.getUTCHours() / hoursABand);
}

const monthOf = (atMs: number) => bands + new Date(atMs).getUTCMonth();
