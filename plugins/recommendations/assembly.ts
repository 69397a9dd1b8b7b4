import type { Capabilities } from '../../src/capabilities.js';
import type { Contributed } from '../../src/contributed.js';
import { describeError, RapportError } from '../../src/errors.js';
import type { Clock, Host, ReadContributions } from '../../src/plugin.js';
import type { Category, Shelf } from '../../src/ports/catalog.js';
import type { RepeatPolicy } from '../../src/ports/placements.js';
import type { Recommendations } from '../../src/ports/recommendations.js';
import type { Recommender } from '../../src/ports/recommenders.js';
import { createExploration } from './exploration/exploration.js';
import { createLearning } from './learning/learning.js';
import { createPeopleRetraining, createSessionRetraining } from './learning/model-retraining.js';
import { createModels } from './learning/models.js';
import { together } from './learning/retraining.js';
import type { TrustOptions } from './learning/statistics.js';
import { choiceSpec, versionSpec } from './model-registry/documents.js';
import { createVersions, type Versions } from './model-registry/versions.js';
import { contributedPlacements } from './ranking/contributed-placements.js';
import { createFloor } from './ranking/floor.js';
import { placements } from './ranking/placements.js';
import { createRanker } from './ranking/ranking.js';
import { createRepeatRule } from './ranking/repeat-rule.js';
import { createBuyAgain } from './recommenders/buy-again.js';
import { checkRecommenders } from './recommenders/contributed-recommenders.js';
import { createRecommenders } from './recommenders/recommenders.js';
import { createDecisionIds } from './serving/decision-id.js';
import { openDecisionKey } from './serving/decision-key.js';
import { createHistoryReader } from './serving/history.js';
import type { Contributions } from './serving/ranked-list.js';
import { createRecommendations } from './serving/recommendations.js';
import { openArchive } from './snapshots/archive.js';
import { createLeasing, leaseSpec } from './snapshots/lease.js';
import { createSnapshots, type Snapshot, snapshotSpec } from './snapshots/snapshots.js';

/** What ranks, without anything that reads or writes: also what the evaluation measures. */
export function assembleRanking(parts: {
  readonly shelf: Shelf;
  readonly category: (id: string) => Category | null;
  readonly clock: Clock;
  readonly repeatPolicies: ReadonlyMap<string, RepeatPolicy>;
  readonly exploreShare: number;
  readonly trust?: TrustOptions;
  readonly contributed?: () => readonly Contributed<Recommender>[];
}) {
  const { shelf, category, clock, repeatPolicies, exploreShare, trust, contributed } = parts;
  const decisions = createDecisionIds();
  const models = createModels(shelf, trust, clock.nowMs, decisions, contributed);
  const recommenders = createRecommenders({ models, shelf });
  const exploration = createExploration(
    exploreShare,
    () => models.trials,
    (item) => shelf.idOf(item),
  );
  const floor = createFloor(models, shelf, clock);
  const buyAgain = createBuyAgain(models, shelf);
  const mayRepeat = createRepeatRule({ shelf, buyAgain, category, repeatPolicies });
  const ranker = createRanker({ recommenders, models, shelf, floor, mayRepeat, exploration });
  return { models, buyAgain, recommenders, ranker, decisions };
}

/** Puts the parts together: models that learn, a ranking made from them, and the rules of an answer above it. */
export function assemble(
  needs: Pick<Capabilities, 'catalog' | 'consent' | 'events' | 'search' | 'speech' | 'store'>,
  host: Pick<Host, 'clock' | 'ids' | 'log' | 'role'>,
  repeatPolicies: ReadonlyMap<string, RepeatPolicy>,
  {
    exploreShare = 0,
    trust,
    contributions = () => [],
  }: {
    readonly exploreShare?: number;
    readonly trust?: TrustOptions;
    readonly contributions?: ReadContributions;
  } = {},
): {
  readonly port: Recommendations;
  /** Throws `unavailable` before the start. */
  readonly versions: () => Versions;
  /** Builds what was learned anew, without people who were erased. */
  forget(): void;
  start(): Promise<void>;
  stop(): Promise<void>;
} {
  const { catalog, consent, events, search, speech, store } = needs;
  const { shelf } = catalog;
  let contributed: Contributions = { rules: [], recommenders: [], providers: [], placements };
  const { models, buyAgain, recommenders, ranker, decisions } = assembleRanking({
    shelf,
    category: (id) => catalog.category(id),
    clock: host.clock,
    repeatPolicies,
    exploreShare,
    contributed: () => contributed.recommenders,
    ...(trust === undefined ? {} : { trust }),
  });
  const history = createHistoryReader(events);
  let opened: Versions | null = null;
  const versions = (): Versions => {
    if (opened === null)
      throw new RapportError('unavailable', 'RECOMMENDATIONS_STARTING', 'models are not open yet');
    return opened;
  };
  const failed = (error: unknown) =>
    host.log.error('a learned model could not be stored', { err: describeError(error) });
  // Models are learned once, by whoever builds, and loaded by everybody.
  const learns = host.role !== 'gateway';
  const sessions = createSessionRetraining(() => models.session, { versions, failed, host });
  const people = createPeopleRetraining(() => models.people, { versions, failed, host });
  const retraining = learns ? together(sessions, people) : together();
  const learning = createLearning({
    catalog,
    consent,
    events,
    models,
    retraining,
    people: store.people,
    host,
  });
  const port = createRecommendations({
    catalog,
    consent,
    search,
    speech,
    history,
    ranker,
    recommenders,
    models,
    buyAgain,
    decisions,
    clock: host.clock,
    contributed: () => contributed,
  });
  return {
    port,
    versions,
    forget: learning.forget,
    async start() {
      const others = contributions('recommender');
      const providers = contributions('placement');
      const own = recommenders.map(({ name }) => name);
      const names = [...own, ...others.map(({ contribution }) => contribution.name)];
      const all = new Map([...placements, ...contributedPlacements(providers, names)]);
      checkRecommenders(others, own, [...all.keys()]);
      contributed = { rules: contributions('rankingRule'), recommenders: others, providers, placements: all };
      decisions.use(await openDecisionKey(store, host), all);
      const archive = await openArchive(store);
      const kept = await store.collection<Snapshot>(snapshotSpec);
      opened = createVersions({
        versions: await store.collection(versionSpec),
        choices: await store.collection(choiceSpec),
        archive,
        shelf,
        host,
        use: models.use,
      });
      await opened.start();
      const lease = createLeasing(await store.collection(leaseSpec), 'building', host);
      await learning.start(kept, createSnapshots(kept, archive, shelf, host), lease);
    },
    async stop() {
      opened?.stop();
      await learning.stop();
    },
  };
}
