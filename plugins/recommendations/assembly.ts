import type { Capabilities } from '../../src/capabilities.js';
import { RapportError } from '../../src/errors.js';
import type { Host } from '../../src/plugin.js';
import type { Recommendations } from '../../src/ports/recommendations.js';
import { createFloor } from './floor.js';
import { createHistoryReader } from './history.js';
import { createLearning } from './learning.js';
import { createModels } from './models.js';
import type { RepeatPolicy } from './placements.js';
import { createRanker } from './ranking.js';
import { createRecommendations } from './recommendations.js';
import { createRefit } from './refit.js';
import { openArchive } from './snapshots/archive.js';
import { createSnapshots, type Snapshot, snapshotSpec } from './snapshots/snapshots.js';
import { createJudgedLearning } from './versions/judged-learning.js';
import { choiceSpec, createVersions, type Versions, versionSpec } from './versions/versions.js';

/** Puts the parts together: models that learn, a ranking made from them, and the rules of an answer above it. */
export function assemble(
  { catalog, consent, events, store }: Pick<Capabilities, 'catalog' | 'consent' | 'events' | 'store'>,
  host: Pick<Host, 'clock' | 'ids' | 'log' | 'role'>,
  repeatPolicies: ReadonlyMap<string, RepeatPolicy>,
): {
  readonly port: Recommendations;
  /** Throws `unavailable` before the start. */
  readonly versions: () => Versions;
  start(): Promise<void>;
  stop(): Promise<void>;
} {
  const { shelf } = catalog;
  const models = createModels(shelf);
  const floor = createFloor(models, shelf, host.clock);
  const history = createHistoryReader(events, host.clock);
  let opened: Versions | null = null;
  const versions = (): Versions => {
    if (opened === null)
      throw new RapportError('unavailable', 'RECOMMENDATIONS_STARTING', 'models are not open yet');
    return opened;
  };
  const failed = (error: unknown) =>
    host.log.error('a learned model could not be stored', { error: String(error) });
  const refit = createRefit(
    createJudgedLearning(() => models.session, versions, failed),
    host,
  );
  // Models are learned once, by whoever builds, and loaded by everybody.
  const learns = host.role === 'gateway' ? { consider: () => undefined, stop: () => undefined } : refit;
  const learning = createLearning({ catalog, events, models, refit: learns, history, host });
  const category = (id: string) => catalog.category(id);
  const ranker = createRanker({ models, shelf, floor, category, repeatPolicies });
  const port = createRecommendations({
    catalog,
    consent,
    history,
    ranker,
    report: { read: (days, nowMs) => models.report.read(days, nowMs) },
    clock: host.clock,
  });
  return {
    port,
    versions,
    async start() {
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
      await learning.start(kept, createSnapshots(kept, archive, shelf, host));
    },
    async stop() {
      opened?.stop();
      await learning.stop();
    },
  };
}
