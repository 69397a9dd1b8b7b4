import { InvalidArgumentError } from 'commander';

/** A number of rows, or a share of them. */
export interface Limit {
  readonly text: string;
  /** True if so many of all are more than the limit. */
  isExceeded(count: number, all: number): boolean;
}

/** Throws an InvalidArgumentError that names the value and what is allowed. */
export function limit(text: string): Limit {
  const match = /^(\d+(?:\.\d+)?)(%?)$/.exec(text);
  const number = Number(match?.[1]);
  if (!match || (match[2] === '%' ? number > 100 : !Number.isInteger(number)))
    throw new InvalidArgumentError('It must be a number of rows, such as 20, or a share, such as 5%.');
  const isShare = match[2] === '%';
  return { text, isExceeded: (count, all) => count > (isShare ? (all * number) / 100 : number) };
}
