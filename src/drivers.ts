import { shownValue } from './kit/shown-value.js';
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

/** The variables that choose the driver of a plugin: by its name, and by the scheme of its URL. */
export function driverVariables({ name }: Plugin): readonly [name: string, url: string] {
  return [variableName('', name), variableName(name, 'url')];
}

type Loaders = Readonly<Record<string, () => Promise<DriverModule<object>>>>;

/** The drivers of a plugin: its own, then those that other plugins contribute. Throws an Error that names the plugins if two have one name. */
export function driversOf(plugin: Plugin, plugins: readonly Plugin[]): Loaders {
  const loaders: Record<string, Loaders[string]> = { ...plugin.drivers };
  const owners = new Map(Object.keys(loaders).map((name) => [name, plugin.name]));
  for (const other of plugin.drivers ? plugins : []) {
    const contributed = new Map<string | null, Loaders>(Object.entries(other.driversFor ?? {}));
    for (const [name, load] of Object.entries(contributed.get(plugin.provides) ?? {})) {
      const owner = owners.get(name);
      if (owner !== undefined)
        throw new Error(`${owner} and ${other.name} both have a driver of ${plugin.provides} named ${name}`);
      owners.set(name, other.name);
      loaders[name] = load;
    }
  }
  return loaders;
}

export interface DriverChoices {
  readonly chosen: ReadonlyMap<string, ChosenDriver>;
  /** By the variable that is wrong. */
  readonly faults: ReadonlyMap<string, string>;
}

/** Chooses by name or by the scheme of the URL. A choice that fits no driver is a fault like any other setting's, and reported with them. */
export async function chooseDrivers(
  plugins: readonly Plugin[],
  environment: Readonly<Record<string, string | undefined>>,
): Promise<DriverChoices> {
  const chosen = new Map<string, ChosenDriver>();
  const faults = new Map<string, string>();
  for (const plugin of plugins) {
    if (!plugin.drivers) continue;
    const loaders = driversOf(plugin, plugins);
    const [nameVariable, urlVariable] = driverVariables(plugin);
    const named = environment[nameVariable];
    const url = environment[urlVariable];
    const scheme = url ? (/^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase() ?? null) : null;
    const name = named || (url ? driverOfScheme[scheme ?? ''] : 'embedded');
    const load = name && Object.hasOwn(loaders, name) ? loaders[name] : undefined;
    if (name && load) {
      chosen.set(plugin.name, { name, module: await load() });
      continue;
    }
    if (named) {
      const names = Object.keys(loaders).join(', ');
      faults.set(nameVariable, `${nameVariable} ${shownValue(named)} is no driver; there are ${names}`);
      continue;
    }
    const schemes = Object.keys(driverOfScheme).filter((key) => Object.hasOwn(loaders, driverOfScheme[key]!));
    const allowed = schemes.map((key) => `${key}://`).join(' or ');
    faults.set(
      urlVariable,
      `${urlVariable} ${allowed ? `must begin with ${allowed}` : 'takes no URL'}, ${scheme ? `not ${scheme}://` : 'and this begins with no scheme'}; leave it out for the embedded driver`,
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
