import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { store as storePlugin } from '../../plugins/store/plugin.js';
import { boot } from '../../src/boot.js';
import { createIds, systemClock, systemRandom } from '../../src/host.js';
import type { Plugin } from '../../src/plugin.js';
import type { CollectionSpec, Document, Store } from '../../src/ports/store.js';

export interface OpenStore {
  /** Says which store it is, without a password: the same for the same place. */
  readonly name: string;
  readonly store: Store;
  close(): Promise<void>;
}

/** Opens a place documents are kept in: a `mongodb://` URL, or the path of a data directory. Rejects when it is in use or away. */
export async function openStore(place: string): Promise<OpenStore> {
  const isUrl = /^mongodb(\+srv)?:\/\//.test(place);
  const environment = isUrl ? { RAPPORT_STORE_URL: place } : { RAPPORT_DATA_DIR: place };
  const system = await bootQuietly([storePlugin], { RAPPORT_ROLE: 'gateway', ...environment });
  return { name: nameOf(place), store: system.port('store'), close: system.close };
}

/** The place without credentials; a longer one ends in a digest. */
export function nameOf(place: string): string {
  if (!/^[a-z][a-z+]*:\/\//.test(place)) return resolve(place);
  const name = place.replace(/\/\/[^/@]*@/, '//');
  return name.length <= 500
    ? name
    : `${name.slice(0, 400)}#${createHash('sha256').update(name).digest('hex')}`;
}

/**
 * Every collection that plugins declare, by name. They say so when they start, so they are started once on an empty
 * directory; only those that need the store can have any.
 */
export async function declaredCollections(
  plugins: readonly Plugin[],
): Promise<readonly CollectionSpec<Document>[]> {
  const declared = new Map<string, CollectionSpec<Document>>();
  const recording: Plugin = {
    ...storePlugin,
    create(parts) {
      const instance = storePlugin.create(parts);
      const store = instance.port as Store;
      const port: Store = {
        ...store,
        collection(spec) {
          declared.set(spec.name, spec as unknown as CollectionSpec<Document>);
          return store.collection(spec);
        },
      };
      return { ...instance, port };
    },
  };
  const directory = mkdtempSync(join(tmpdir(), 'rapport-migrate-'));
  try {
    const system = await bootQuietly([recording, ...keepers(plugins)], {
      RAPPORT_ROLE: 'gateway',
      RAPPORT_DATA_DIR: directory,
    });
    await system.close();
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  return [...declared.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Plugins that need the store, and what they need beside. */
function keepers(plugins: readonly Plugin[]): readonly Plugin[] {
  const wanted = new Set<Plugin>();
  function want(plugin: Plugin): void {
    if (wanted.has(plugin) || plugin.name === storePlugin.name) return;
    wanted.add(plugin);
    for (const need of plugin.needs) {
      for (const other of plugins) if (other.provides === need) want(other);
    }
  }
  for (const plugin of plugins) if (plugin.needs.includes('store')) want(plugin);
  return [...wanted];
}

function bootQuietly(plugins: readonly Plugin[], environment: Readonly<Record<string, string>>) {
  const quiet = () => undefined;
  return boot({
    plugins,
    environment,
    host: ({ dataDir }) => ({
      clock: systemClock,
      ids: createIds(systemClock),
      random: systemRandom,
      log: { error: console.error, warn: console.error, info: quiet, debug: quiet },
      dataDir,
    }),
  });
}
