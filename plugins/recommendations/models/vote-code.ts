import { clicksPerSessionMax } from './session-index.js';
import {
  add,
  type Code,
  constant,
  difference,
  either,
  four,
  get,
  isAbove,
  isBelow,
  isEqual,
  isNotAbove,
  lanesSum,
  larger,
  load,
  loadFloat,
  loadFour,
  loop,
  plus,
  plusFour,
  set,
  shifted,
  splat,
  store,
  storeFloat,
  storeFour,
  sum,
  times,
  timesFour,
  when,
  withLane,
} from './wasm.js';

/** The votes for an item lie side by side in this order, two times four. */
export const lanes = ['near', 'wide', 'sharp', 'pair', 'chain', 'rule', 'next', 'before'] as const;
export const voteCount = lanes.length;
const rowBytes = 4 * voteCount;
const nextByte = 4 * lanes.indexOf('next');
const beforeByte = 4 * lanes.indexOf('before');

/** What is counted beside the votes: clicks in the lower bits, items in common, as far as they fit, in the upper. */
export const clicksMask = 0xffff;
export const coverShift = 16;

/** Where an array lies, in bytes, and how many numbers it has. */
export interface Place {
  readonly at: number;
  readonly count: number;
}
export type Layout = Readonly<
  Record<
    | 'tally'
    | 'counted'
    | 'mixed'
    | 'clicks'
    | 'ends'
    | 'weights'
    | 'anchors'
    | 'freshness'
    | 'matched'
    | 'rules'
    | 'pairs'
    | 'steps'
    | 'totals',
    Place
  >
>;

/** Lets the neighbours vote one after the other; see `VoteKernels`. */
export function voteBody(layout: Layout, ruleDecay: number): Code {
  const [neighbours, queryRows] = [0, 1];
  const [neighbour, start, end, at, row, anchorRow, anchor, common, cell, step] = [
    2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
  ];
  const [weight, fresh, together] = [12, 13, 14];
  const [similar, following] = [15, 16];

  const rowAt = (address: Code, offset = 0) => load(address, layout.clicks.at + offset);
  const times4 = (local: number) => shifted(get(local), constant(2));
  const cellOf = (value: Code) => shifted(value, constant(Math.log2(rowBytes)));
  const ifOfQuery = (body: Code): Code => when(isNotAbove(get(row), get(queryRows)), body);
  const addTo = (byte: number): Code => [
    storeFloat(
      get(cell),
      plus(loadFloat(get(cell), layout.tally.at + byte), get(fresh)),
      layout.tally.at + byte,
    ),
  ];
  const addFour = (byte: number, value: Code): Code =>
    storeFour(
      get(cell),
      plusFour(loadFour(get(cell), layout.tally.at + byte), value),
      layout.tally.at + byte,
    );

  // What the items in common say about the whole session, and where the newest of them came last.
  const look: Code = [
    set(common, constant(0)),
    set(together, [0x43, 0, 0, 0, 0]),
    set(anchor, get(start)),
    set(at, get(start)),
    loop(
      [
        set(row, rowAt(get(at))),
        ifOfQuery([
          set(together, plus(get(together), loadFloat(times4(row), layout.pairs.at))),
          set(common, either(get(common), shifted(constant(1), difference(get(row), constant(1))))),
          when(isEqual(get(row), get(anchorRow)), set(anchor, get(at))),
        ]),
        add(at, constant(4)),
      ],
      at,
      end,
    ),
    store(get(neighbour), get(common), layout.matched.at),
    set(together, times(get(together), get(fresh))),
  ];
  // What came right before and right after the newest item of the query.
  const beside: Code = when(isEqual(get(anchorRow), constant(1)), [
    when(isBelow(sum(get(anchor), constant(4)), get(end)), [
      set(cell, cellOf(rowAt(get(anchor), 4))),
      addTo(nextByte),
    ]),
    when(isAbove(get(anchor), get(start)), [
      set(cell, cellOf(rowAt(difference(get(anchor), constant(4))))),
      addTo(beforeByte),
    ]),
  ]);
  const clicks: Code = [
    set(
      similar,
      withLane(
        withLane(splat(get(weight)), 2, times(get(weight), times(get(weight), get(weight)))),
        3,
        get(together),
      ),
    ),
    set(following, four(0, 0, 0, 0)),
    set(common, shifted(get(common), constant(coverShift))),
    // Four floats a distance, where a click is four bytes.
    set(
      step,
      difference(
        constant(layout.steps.at + 16 * clicksPerSessionMax),
        shifted(difference(get(anchor), get(start)), constant(2)),
      ),
    ),
    set(at, get(start)),
    loop(
      [
        set(row, rowAt(get(at))),
        store(
          times4(row),
          either(sum(load(times4(row), layout.counted.at), constant(1)), get(common)),
          layout.counted.at,
        ),
        set(cell, cellOf(get(row))),
        addFour(0, timesFour(get(similar), loadFour(get(step)))),
        addFour(16, get(following)),
        // Of what is passed on only the rule reaches further than the next click, and fades.
        set(following, timesFour(get(following), four(0, ruleDecay, 0, 0))),
        ifOfQuery(
          set(
            following,
            plusFour(
              get(following),
              timesFour(splat(times(loadFloat(times4(row), layout.rules.at), get(fresh))), four(1, 1, 0, 0)),
            ),
          ),
        ),
        add(at, constant(4)),
        add(step, constant(16)),
      ],
      at,
      end,
    ),
  ];
  return [
    set(neighbour, constant(0)),
    set(end, constant(0)),
    set(neighbours, times4(neighbours)),
    loop(
      [
        set(start, get(end)),
        set(end, load(get(neighbour), layout.ends.at)),
        store(get(neighbour), constant(0), layout.matched.at),
        set(weight, loadFloat(get(neighbour), layout.weights.at)),
        set(fresh, loadFloat(get(neighbour), layout.freshness.at)),
        set(anchorRow, load(get(neighbour), layout.anchors.at)),
        when(isBelow(get(start), get(end)), [look, beside, clicks]),
        add(neighbour, constant(4)),
      ],
      neighbour,
      neighbours,
    ),
  ];
}

/** Sums up the rows. */
export function addBody(layout: Layout): Code {
  const [last, cell, first, second] = [0, 1, 2, 3];
  return [
    set(last, shifted(sum(get(last), constant(1)), constant(Math.log2(rowBytes)))),
    set(cell, constant(rowBytes)),
    loop(
      [
        set(first, plusFour(get(first), loadFour(get(cell), layout.tally.at))),
        set(second, plusFour(get(second), loadFour(get(cell), layout.tally.at + 16))),
        add(cell, constant(rowBytes)),
      ],
      cell,
      last,
    ),
    storeFour(constant(layout.totals.at), get(first)),
    storeFour(constant(layout.totals.at), get(second), 16),
  ];
}

/** Weighs the votes of each row. */
export function mixBody(layout: Layout): Code {
  const [last, cell, out, largest, first, second, product] = [0, 1, 2, 3, 4, 5, 6];
  return [
    set(last, shifted(sum(get(last), constant(1)), constant(Math.log2(rowBytes)))),
    set(cell, constant(rowBytes)),
    set(out, constant(4)),
    set(first, loadFour(constant(layout.totals.at))),
    set(second, loadFour(constant(layout.totals.at), 16)),
    loop(
      [
        set(
          product,
          plusFour(
            timesFour(get(first), loadFour(get(cell), layout.tally.at)),
            timesFour(get(second), loadFour(get(cell), layout.tally.at + 16)),
          ),
        ),
        storeFloat(get(out), lanesSum(product), layout.mixed.at),
        set(largest, larger(get(largest), loadFloat(get(out), layout.mixed.at))),
        add(out, constant(4)),
        add(cell, constant(rowBytes)),
      ],
      cell,
      last,
    ),
    get(largest),
  ];
}
