import type { DriverModule, Host, Plugin } from './plugin.js';
import { variableName } from './settings.js';

const driverOfScheme: Readonly<Record<string, string>> = {
  mongodb: 'mongodb',
  'mongodb+srv': 'mongodb',
  http: 'meilisearch',
  https: 'meilisearch',
  redis: 'bull',
  rediss: 'bull',
};

/** The driver that a plugin runs on. */
export interface ChosenDriver {
  readonly name: string;
  readonly module: DriverModule<object>;
}

/** The variable that chooses the driver of a plugin. */
export function urlVariable({ name }: Plugin): string {
  return variableName(name, 'url');
}

/** Chooses by the scheme of the URL. One that fits no driver is a fault like any other setting's, and reported with them. */
export async function chooseDrivers(
  plugins: readonly Plugin[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly chosen: Map<string, ChosenDriver>; readonly faults: ReadonlyMap<string, string> }> {
  const chosen = new Map<string, ChosenDriver>();
  const faults = new Map<string, string>();
  for (const plugin of plugins) {
    if (!plugin.drivers) continue;
    const variable = urlVariable(plugin);
    const url = environment[variable];
    const scheme = url ? (/^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase() ?? null) : null;
    const name = url ? driverOfScheme[scheme ?? ''] : 'embedded';
    const load = name ? plugin.drivers[name] : undefined;
    if (name && load) {
      chosen.set(plugin.name, { name, module: await load() });
      continue;
    }
    const schemes = Object.keys(driverOfScheme).filter((key) => plugin.drivers?.[driverOfScheme[key]!]);
    const allowed = schemes.map((key) => `${key}://`).join(' or ');
    faults.set(
      variable,
      `${variable} ${allowed ? `must begin with ${allowed}` : 'takes no URL'}, ${scheme ? `not ${scheme}://` : 'and this begins with no scheme'}; leave it out for the embedded driver`,
    );
  }
  return { chosen, faults };
}

/** A driver before and after it is opened. */
export interface LateDriver {
  readonly name: string;
  readonly openDeadlineMs: number | undefined;
  /** The driver that `create` gets. Before it is open, only its traits can be read. */
  readonly members: object;
  open(settings: unknown, host: Host): Promise<void>;
  close(): Promise<void>;
}

/** Lets plugins be created, and their graph be checked, before any backend is connected to. */
export function createLateDriver(plugin: string, { name, module }: ChosenDriver): LateDriver {
  let opened: (object & { close(): Promise<void> }) | null = null;
  const traits = module.traits ?? {};
  return {
    name,
    openDeadlineMs: module.openDeadlineMs,
    members: new Proxy(
      {},
      {
        get(_, key) {
          const value = Reflect.get(opened ?? traits, key);
          if (typeof value === 'function') return value.bind(opened);
          if (opened || typeof key === 'symbol' || key in traits) return value;
          throw new Error(`${plugin} uses ${String(key)} of its ${name} driver before its start`);
        },
      },
    ),
    async open(settings, host) {
      opened = await module.open(settings as never, host);
    },
    async close() {
      await opened?.close();
    },
  };
}
