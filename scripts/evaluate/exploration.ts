import { createBandit } from '../../plugins/recommendations/exploration/bandit.js';
import { seedOf } from '../../src/kit/beta.js';
import { createChance } from '../demo/chance.js';

const armsPerShop = 14;
const visitorsARound = 20;

/** What was lost against always showing the best arm, in expected clicks. */
export interface Regret {
  readonly policy: 'bandit' | 'greedy' | 'uniform';
  readonly points: readonly { readonly showings: number; readonly regret: number }[];
}

/**
 * Simulated trials in one place of one placement: as many candidates as the ranking offers there, click rates that nobody knows, and a fusion
 * that knows something of them (its scores are the rates, off by a factor e^N(0, ½)). `greedy` always shows what the
 * fusion has first, `uniform` any; the bandit is the serving one, with one draw for all visitors of a round. Means over `shops`.
 */
export function evaluateExploration(showings = 100_000, shops = 20, seed = 1): readonly Regret[] {
  const policies = ['bandit', 'greedy', 'uniform'] as const;
  const checkpoints = Array.from({ length: 11 }, (_, at) => Math.round(showings ** (0.5 + at / 20)));
  const sums = policies.map(() => checkpoints.map(() => 0));
  for (let shop = 0; shop < shops; shop++) {
    for (const [at, policy] of policies.entries()) {
      const chance = createChance(seed + shop);
      const normal = () =>
        Math.sqrt(-2 * Math.log(1 - chance.next())) * Math.cos(2 * Math.PI * chance.next());
      const rates = Array.from({ length: armsPerShop }, () => Math.min(0.5, 0.02 * Math.exp(0.8 * normal())));
      const strengths = rates.map((rate) => rate * Math.exp(0.5 * normal()));
      const ids = rates.map((_, arm) => `arm ${arm}`);
      const best = Math.max(...rates);
      const greedy = strengths.indexOf(Math.max(...strengths));
      const bandit = createBandit();
      let regret = 0;
      let arm = 0;
      let next = 0;
      for (let showing = 0; showing < showings; showing++) {
        if (policy === 'uniform') arm = Math.floor(chance.next() * armsPerShop);
        else if (policy === 'greedy') arm = greedy;
        else if (showing % visitorsARound === 0) {
          arm = bandit.choose('home', ids, strengths, seedOf(`${shop} ${showing / visitorsARound}`));
        }
        if (policy === 'bandit') {
          bandit.count('home', ids[arm]!, { trials: 1, successes: chance.next() < rates[arm]! ? 1 : 0 });
        }
        regret += best - rates[arm]!;
        while (checkpoints[next] === showing + 1) sums[at]![next++]! += regret / shops;
      }
    }
  }
  return policies.map((policy, at) => ({
    policy,
    points: checkpoints.map((of, point) => ({ showings: of, regret: sums[at]![point]! })),
  }));
}
