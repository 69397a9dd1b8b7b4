import type { Evaluation } from './evaluation.js';
import { evaluateExploration } from './exploration.js';

const names = {
  bandit: 'Rapport',
  greedy: 'always what the ranking has first',
  uniform: 'any of them, by lot',
};

/** What trials cost, simulated: clicks lost against a shop that knows the best product for the place from the start. */
export async function evaluateTrials(): Promise<Evaluation> {
  const before = process.cpuUsage();
  const regrets = evaluateExploration();
  const spent = process.cpuUsage(before);
  const showings = regrets[0]!.points.at(-1)!.showings;
  const metric = `regret after ${showings} showings`;
  const last = (policy: keyof typeof names) => ({
    [metric]: regrets.find((regret) => regret.policy === policy)!.points.at(-1)!.regret,
  });
  return {
    task: 'placements',
    dataset: 'trials, simulated',
    metrics: last('bandit'),
    microsecondsPerQuery: (spent.user + spent.system) / (showings * regrets.length),
    baselines: [
      { method: names.greedy, metrics: last('greedy') },
      { method: names.uniform, metrics: last('uniform') },
    ],
    curves: [
      {
        title: 'Regret of trials',
        x: 'showings',
        y: 'clicks lost',
        note: 'against always showing the best product; means over 20 simulated shops',
        fromZero: true,
        lines: regrets.map(({ policy, points }) => ({
          name: names[policy],
          points: points.map(({ showings, regret }) => ({ x: showings, y: regret })),
        })),
      },
    ],
    details: { showings },
    notes: [
      'simulated: 17 products for one place, click rates that nobody knows around 2 %, and a ranking whose scores are these rates times a log-normal error of ½; the bandit is the one that serves',
      'µs per query is for the simulation of one showing',
    ],
  };
}
