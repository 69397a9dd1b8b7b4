import { catalog } from '../../plugins/catalog/plugin.js';
import { queue } from '../../plugins/queue/plugin.js';
import { store } from '../../plugins/store/plugin.js';
import { boot } from '../../src/boot.js';
import { createIds, systemClock, systemRandom } from '../../src/host.js';
import { coreSettings, variableName } from '../../src/settings.js';
import { gatewayTarget } from './gateway-target.js';
import type { Options } from './options.js';
import type { Target } from './target.js';
import { catalogTarget, dryTarget } from './targets.js';

export interface OpenTarget {
  readonly target: Target;
  close(): Promise<void>;
}

/** Opens the catalog of the data directory, or that of a gateway. Rejects with what to do if it cannot be opened. */
export async function openTarget(options: Options): Promise<OpenTarget> {
  const close = async () => undefined;
  if (options.dryRun) return { target: dryTarget, close };
  if (options.url) {
    if (!options.key) throw new Error('--url needs --key with a SERVER key of that gateway');
    return { target: gatewayTarget(options.url, options.key), close };
  }
  const log = {
    error: console.error,
    warn(message: string, fields?: object) {
      // The import runs three plugins only, so that nothing reads what they contribute to others.
      if (!message.startsWith('no plugin reads what is contributed')) console.error(message, fields ?? '');
    },
    info: () => undefined,
    debug: () => undefined,
  };
  try {
    const system = await boot({
      plugins: [store, queue, catalog],
      environment: ownSettings(),
      host: ({ dataDir }) => ({
        clock: systemClock,
        ids: createIds(systemClock),
        random: systemRandom,
        log,
        dataDir,
      }),
    });
    return { target: catalogTarget(system.port('catalog')), close: system.close };
  } catch (error) {
    throw new Error(
      `${error instanceof Error ? error.message : String(error)}\n` +
        'If a gateway is running on this data directory, import through it: --url http://localhost:4000 --key <a SERVER key>.',
      { cause: error },
    );
  }
}

/** The settings of the plugins that an import runs; those of the others are none of its business. */
function ownSettings(): Record<string, string | undefined> {
  const core = new Set(Object.keys(coreSettings.shape).map((key) => variableName('', key)));
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => core.has(name) || /^RAPPORT_(STORE|QUEUE|CATALOG)_/.test(name),
    ),
  );
}
