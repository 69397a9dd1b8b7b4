import { SingleBar } from 'cli-progress';
import { Command } from 'commander';
import { plugins } from '../plugins/index.js';
import { systemClock } from '../src/host.js';
import { loadThirdParty } from '../src/third-party.js';
import { migrate } from './migrate/migrate.js';
import { declaredCollections, openStore } from './migrate/stores.js';

interface Options {
  readonly from: string;
  readonly to: string;
}

const program = new Command('migrate')
  .description(
    'Copies everything from one store into another, empty one: a data directory, or a mongodb:// URL. Killed in between, it goes on where it was when it is run again.',
  )
  .requiredOption('--from <place>', 'a data directory or mongodb:// URL that no process uses')
  .requiredOption('--to <place>', 'an empty one')
  .action((options: Options) => run(options));

async function run(options: Options): Promise<void> {
  const startMs = systemClock.nowMs();
  const specs = await declaredCollections([
    ...plugins,
    ...(await loadThirdParty(process.env.RAPPORT_PLUGINS ?? '')),
  ]);
  const bar = new SingleBar({
    format: 'copying {bar} {percentage}% | {value} of {total} documents | {eta_formatted} left',
    hideCursor: true,
    clearOnComplete: true,
  });
  const from = await openStore(options.from);
  try {
    const to = await openStore(options.to);
    try {
      const copied = await migrate(from, to, specs, systemClock, {
        start: (total, before) => bar.start(total, before),
        advance: (documents) => bar.increment(documents),
      });
      bar.stop();
      const width = Math.max(...copied.map(({ name }) => name.length));
      for (const { name, documents, checksum } of copied) {
        console.log(`${name.padEnd(width)}  ${String(documents).padStart(10)}  ${checksum}`);
      }
      const total = copied.reduce((sum, { documents }) => sum + documents, 0);
      const seconds = (systemClock.nowMs() - startMs) / 1000;
      console.log(
        `${total} documents copied and compared in ${seconds.toFixed(1)} s; both stores hold the same.`,
      );
    } finally {
      bar.stop();
      await to.close();
    }
  } finally {
    await from.close();
  }
}

program.parseAsync().catch((error: unknown) => {
  console.error(
    `Nothing is lost, but the copy stopped: ${error instanceof Error ? error.message : String(error)}`,
  );
  process.exitCode = 1;
});
