/** Code whose mutants are tried, and the tests that should notice them. */
export interface Area {
  readonly name: string;
  /** Files and folders from the root; those that match `without` are left out. */
  readonly code: readonly string[];
  readonly without?: RegExp;
  /** Quick tests first: the next stage runs only if a mutant survived the one before. */
  readonly stages: readonly (readonly string[])[];
}

const plugin = (name: string) => `test/plugins/${name}.test.ts`;
const gateway = (name: string) => `test/gateway/${name}.test.ts`;

export const areas: readonly Area[] = [
  {
    name: 'ranking',
    code: ['plugins/recommendations'],
    // Training, snapshots and versions decide what is learned, not how it is ranked.
    without:
      /\/(learning-to-rank|session-knn|next-basket|snapshots|model-registry)\/|\/(learning|retraining|model-retraining|report|resolvers|settings|plugin)\.ts$/,
    stages: [
      ['test/policy/*.test.ts'],
      ['test/golden/*.test.ts'],
      [
        plugin('recommendations-fusion'),
        plugin('recommendations-models'),
        plugin('influence-constants'),
        plugin('bought-together'),
        plugin('replenishment'),
        plugin('similar'),
        plugin('log-clock'),
      ],
      [plugin('recommendations'), plugin('recommendations-policies'), plugin('influence')],
    ],
  },
  {
    name: 'consent',
    code: ['plugins/consent'],
    stages: [
      [plugin('consent'), plugin('consent-chain')],
      [plugin('consent-ledger')],
      [
        plugin('consent-contention'),
        plugin('consent-damage'),
        plugin('consent-import'),
        plugin('consent-model'),
      ],
    ],
  },
  {
    name: 'gateway',
    code: [
      'src/gateway/cost.ts',
      'src/gateway/document-limits.ts',
      'src/gateway/limits.ts',
      'src/gateway/rate-limits.ts',
      'src/gateway/token-bucket.ts',
      'src/gateway/admission.ts',
      'src/gateway/counting.ts',
      'src/gateway/inputs.ts',
      'src/gateway/steady.ts',
      'src/gateway/work.ts',
    ],
    stages: [
      [gateway('limits'), gateway('rate-limits'), gateway('token-bucket'), gateway('admission')],
      [gateway('counting'), gateway('planned'), gateway('steady'), gateway('work'), gateway('bodies')],
      [gateway('bad-requests'), gateway('turns'), gateway('keys'), gateway('http')],
    ],
  },
  {
    name: 'store log',
    code: [
      'plugins/store/drivers/embedded/write-ahead-log.ts',
      'plugins/store/drivers/embedded/log-file.ts',
      'plugins/store/drivers/embedded/log-lines.ts',
      'plugins/store/drivers/embedded/recovery.ts',
      'plugins/store/drivers/embedded/checksum.ts',
      'plugins/store/drivers/embedded/checkpointer.ts',
    ],
    stages: [
      [plugin('store-log'), plugin('store-damage'), 'test/contracts/store.test.ts'],
      [plugin('store-backup'), 'test/contracts/store-crash.test.ts'],
    ],
  },
];
