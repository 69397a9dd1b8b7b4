import { seeded } from '../../src/kit/random.js';

export interface SyntheticShop {
  readonly products: number;
  readonly seed: number;
}

/** Of Zipf and Mandelbrot's law, such that a hundredth of the products gets an eighth of the clicks, and half of them five sixths, as in real logs. */
const exponent = 0.65;
const flattening = 50;
/** Products of one kind lie side by side, and are about equally popular. */
const kindSize = 50;
/** Every fifth product comes to the shop while the log is written. */
const launchedEvery = 5;
const lengthMean = 5;
const lengthMax = 40;
const again = 0.14;
const sameKind = 0.66;

/**
 * Sessions of a shop that does not exist: few products are popular, by Zipf's law, and new ones come; a session
 * stays mostly with products of one kind, one click in seven goes back to something seen before. Five clicks on average.
 * The same seed gives the same log. `time` runs from 0 to 1 over the log.
 */
export function createSyntheticSessions({ products, seed }: SyntheticShop): (time: number) => number[] {
  const random = seeded(seed);
  const cumulative = new Float64Array(products);
  let total = 0;
  for (let rank = 0; rank < products; rank++) {
    total += 1 / (rank + 1 + flattening) ** exponent;
    cumulative[rank] = total;
  }
  const isThere = (product: number, time: number) =>
    product % launchedEvery !== 0 || ((product * 7919) % 1000) / 1000 <= time;
  const popular = (time: number): number => {
    const drawn = random() * total;
    let low = 0;
    let high = products - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle]! < drawn) low = middle + 1;
      else high = middle;
    }
    return isThere(low, time) ? low : popular(time);
  };

  return (time) => {
    const length = Math.min(lengthMax, 2 + Math.floor(-Math.log(1 - random()) * (lengthMean - 1.5)));
    const session = [popular(time)];
    while (session.length < length) {
      const chance = random();
      const last = session.at(-1)!;
      const near = Math.min(products - 1, last - (last % kindSize) + Math.floor(kindSize * random()));
      if (chance < again) session.push(session[Math.floor(random() * session.length)]!);
      else if (chance < again + sameKind && isThere(near, time)) session.push(near);
      else session.push(popular(time));
    }
    return session;
  };
}
