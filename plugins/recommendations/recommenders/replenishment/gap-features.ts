import type { Gaps } from './gaps.js';

/** So many of a person's gaps at other products weigh as much as that they are like everybody. */
const personWeight = 10;
/** So many of a person's gaps at the product itself weigh as much as all of that. */
const ownWeight = 6;
const month = Math.log(30);

/** How a person's intervals differ from everybody's, over all products. */
export interface Habit {
  readonly gaps: number;
  /** The sum of the errors of the gaps' logarithms. */
  readonly deviation: number;
}

export const noHabit: Habit = { gaps: 0, deviation: 0 };

/**
 * Before anything was learned: the median is the sum of what is known, and the longer a product and a person have been known, the less
 * it is off. In the order of `fillFeatures`.
 */
export const prior = [
  [month - 1.28, 1, 1, 1, 1, 0.2, 0.1],
  [month, 1, 1, 1, 1, 0, 0],
  [month + 1.28, 1, 1, 1, 1, -0.2, -0.1],
];

export const featureCount = 7;

/**
 * What is known of a gap when it begins: of everybody's (`mean`, and of the product `common`, mean logarithms of days), the person's and
 * the person's own at the product.
 */
export function fillFeatures(
  into: Float64Array,
  mean: number,
  common: number,
  habit: Habit,
  own: Readonly<Gaps>,
): void {
  // The gaps at this product count as such, and not as those of the person again.
  const others = Math.max(0, habit.gaps - own.count);
  const deviation = habit.deviation - (own.sumOfLogs - own.count * common);
  const person = others > 0 ? deviation / (others + personWeight) : 0;
  into[0] = 1;
  into[1] = mean - month;
  into[2] = common - mean;
  into[3] = person;
  into[4] = (own.sumOfLogs - own.count * (common + person)) / (own.count + ownWeight);
  into[5] = own.count < tabulated ? logsOfOwn[own.count]! : logOfOwn(own.count);
  into[6] = others < tabulated ? logsOfOthers[others]! : logOfOthers(others);
}

const logOfOwn = (count: number) => Math.log(1 + count) - 1;
const logOfOthers = (count: number) => Math.log(1 + count / 5) / 2 - 1;
const tabulated = 1024;
const logsOfOwn = Float64Array.from({ length: tabulated }, (_, count) => logOfOwn(count));
const logsOfOthers = Float64Array.from({ length: tabulated }, (_, count) => logOfOthers(count));
