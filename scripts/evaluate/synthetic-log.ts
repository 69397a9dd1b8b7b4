import { seeded } from '../../plugins/recommendations/models/random.js';

export interface SyntheticShop {
  readonly products: number;
  readonly seed: number;
}

/** Of Zipf and Mandelbrot's law: real shops' logs lie between .8 and 1. */
const exponent = 0.9;
const flattening = 20;
/** Products of one kind lie side by side. */
const kindSize = 50;
/** Share of products whose turn to be popular comes and goes while a log is written. */
const turnover = 0.2;
const lengthMean = 5;
const lengthMax = 40;

/**
 * Sessions of a shop that does not exist: few products are popular, by Zipf's law, and others as time goes on; a session
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
  const popular = (time: number): number => {
    const drawn = random() * total;
    let low = 0;
    let high = products - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (cumulative[middle]! < drawn) low = middle + 1;
      else high = middle;
    }
    return spread((low + Math.floor(time * turnover * products)) % products, products);
  };

  return (time) => {
    const length = Math.min(lengthMax, 2 + Math.floor(-Math.log(1 - random()) * (lengthMean - 1.5)));
    const session = [popular(time)];
    while (session.length < length) {
      const chance = random();
      const last = session.at(-1)!;
      const kind = last - (last % kindSize);
      if (chance < 0.14) session.push(session[Math.floor(random() * session.length)]!);
      else if (chance < 0.8)
        session.push(Math.min(products - 1, kind + Math.floor(kindSize * random() ** 2)));
      else session.push(popular(time));
    }
    return session;
  };
}

/** Neighbours in popularity are of different kinds. */
function spread(rank: number, products: number): number {
  const kinds = Math.ceil(products / kindSize);
  const item = (rank % kinds) * kindSize + Math.floor(rank / kinds);
  return item < products ? item : rank;
}
