import type { Query } from './ask.js';
import type { Slicing } from './compare.js';
import type { Log } from './log.js';

/** How many of something, in ranges: `1`, `2`, `3–5`, `6+`. Ascending lower bounds. */
export function ranges(bounds: readonly number[]): {
  labels: string[];
  of(count: number): string | undefined;
} {
  const labels = bounds.map((low, at) => {
    const next = bounds[at + 1];
    if (next === undefined) return `${low}+`;
    return next - 1 === low ? String(low) : `${low}–${next - 1}`;
  });
  return { labels, of: (count) => labels[bounds.findLastIndex((low) => count >= low)] };
}

export function byHistory(
  queries: readonly Query[],
  by: string,
  bounds: readonly number[],
  note?: string,
): Slicing {
  const { labels, of } = ranges(bounds);
  return { by, labels, label: (query) => of(queries[query]!.history.length), ...(note ? { note } : {}) };
}

export function byRepeat(queries: readonly Query[], past: string): Slicing {
  const labels = [`right answer new to the ${past}`, `right answer seen before in the ${past}`];
  return {
    by: 'what was seen before',
    labels,
    label: (query) => labels[Number(queries[query]!.history.includes(queries[query]!.target))],
  };
}

const never = 'never (unreachable)';

/** By how often the right answer was seen in training: what is new has been seen seldom or never. */
export function byItemAge(queries: readonly Query[], log: Log, what: string): Slicing {
  const { labels, of } = ranges([1, 3, 6, 21, 101]);
  return {
    by: 'support of the right answer',
    note: `training ${what} that hold it; what no one has held yet can be found by nothing that learns from behaviour alone`,
    labels: [never, ...labels],
    label: (query) => {
      const support = log.support(queries[query]!.target);
      return support === 0 ? never : of(support);
    },
  };
}

/** By how often the newest item of the history was seen in training: 0 is a cold start. */
export function byLastItem(queries: readonly Query[], log: Log, what: string): Slicing {
  const { labels, of } = ranges([1, 3, 6, 21, 101]);
  return {
    by: 'support of the newest item',
    note: `training ${what} that hold the newest item of the history`,
    labels: ['never', ...labels],
    label: (query) => {
      const last = queries[query]!.history.at(-1);
      const support = last === undefined ? 0 : log.support(last);
      return support === 0 ? 'never' : of(support);
    },
  };
}

/** Head, middle and tail: a third of all clicks each. */
export function byPopularity(queries: readonly Query[], log: Log): Slicing {
  const labels = ['head', 'middle', 'tail', never];
  const order = mostClicked(log);
  const part = new Int8Array(log.items).fill(3);
  const sizes = [0, 0, 0];
  let clicks = 0;
  for (const item of order) {
    const third = Math.min(2, Math.floor((3 * clicks) / Math.max(1, log.clicks.length)));
    part[item] = third;
    sizes[third]!++;
    clicks += log.itemClicks[item]!;
  }
  return {
    by: 'popularity',
    note: `of the right answer; a third of all training clicks each: the head is ${sizes[0]} items, the middle ${sizes[1]}, the tail ${sizes[2]}`,
    labels,
    label: (query) => labels[part[queries[query]!.target] ?? 3],
  };
}

/** Tenths of the items that were ever clicked: 1 is the tenth clicked most. */
export function byDecile(queries: readonly Query[], log: Log): Slicing {
  const order = mostClicked(log);
  const decile = new Int8Array(log.items);
  for (const [place, item] of order.entries()) decile[item] = 1 + Math.floor((10 * place) / order.length);
  const labels = Array.from({ length: 10 }, (_, at) => String(at + 1));
  return {
    by: 'popularity decile',
    note: 'of the right answer, in tenths of all items seen in training: 1 is the tenth that was clicked most',
    labels,
    label: (query) => {
      const { target } = queries[query]!;
      return target < log.items && decile[target]! > 0 ? String(decile[target]) : undefined;
    },
  };
}

function mostClicked(log: Log): number[] {
  return Array.from({ length: log.items }, (_, item) => item)
    .filter((item) => log.itemClicks[item]! > 0)
    .sort((a, b) => log.itemClicks[b]! - log.itemClicks[a]!);
}
