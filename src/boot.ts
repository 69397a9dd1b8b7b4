import { satisfies } from 'semver';
import { z } from 'zod';
import type { Capabilities, Capability } from './capabilities.js';
import { describeError } from './errors.js';
import { createHost, type HostParts } from './host.js';
import { hostOf } from './isolation.js';
import { contractVersion, type DriverModule, type Instance, type Plugin } from './plugin.js';
import { portView } from './port-view.js';
import {
  type CoreSettings,
  coreSettings,
  readSettings,
  type SettingsGroup,
  variableName,
} from './settings.js';
import { startWorker } from './worker.js';

const nameCharactersMax = 60;
/** In log lines and errors these mean the core itself. */
const reservedNames: ReadonlySet<string> = new Set(['base', 'core', 'gateway', 'host']);
const openDeadlineMs = 15_000;
const startDeadlineMs = 120_000;
const closeDeadlineMs = 10_000;

const driverOfScheme: Readonly<Record<string, string>> = {
  mongodb: 'mongodb',
  'mongodb+srv': 'mongodb',
  http: 'meilisearch',
  https: 'meilisearch',
  redis: 'bull',
  rediss: 'bull',
};

export interface RunningPlugin {
  readonly plugin: Plugin;
  readonly instance: Instance<unknown>;
  /** Which driver it runs on; null for plugins without. */
  readonly driver: string | null;
}

export interface System {
  readonly core: CoreSettings;
  readonly plugins: readonly RunningPlugin[];
  port<C extends Capability>(capability: C): Capabilities[C];
  /** Closes everything in reverse order; each has its deadline. Never throws. */
  close(): Promise<void>;
}

export interface BootOptions {
  readonly plugins: readonly Plugin[];
  /** `RAPPORT_…` variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly host: (core: CoreSettings) => HostParts;
}

/**
 * Checks settings and needs, opens drivers, creates and starts plugins in the order of their needs. A failure
 * at any step closes what was opened and rejects with one readable message.
 */
export async function boot(options: BootOptions): Promise<System> {
  const plugins = inOrderOfNeeds(options.plugins);
  const { chosen, faults } = await chooseDrivers(plugins, options.environment);
  const settings = readSettings(options.environment, settingsGroups(plugins, chosen), {
    faults,
    others: plugins.filter(({ drivers }) => drivers).map(urlVariable),
  });
  const core = settings.get('') as CoreSettings;
  const host = createHost(options.host(core), core.role);
  const ports: Partial<Record<Capability, unknown>> = {};
  const running: RunningPlugin[] = [];
  const closers: { readonly name: string; close(): Promise<void> }[] = [{ name: 'host', close: host.close }];

  async function close(): Promise<void> {
    for (const closer of closers.splice(0).reverse()) {
      await withDeadline(closer.close(), closeDeadlineMs, `closing ${closer.name}`).catch((error: unknown) =>
        host.log.error('could not close', { part: closer.name, err: describeError(error) }),
      );
    }
  }

  try {
    for (const plugin of plugins) {
      const own = settings.get(plugin.name) ?? {};
      const choice = chosen.get(plugin.name);
      const ownHost = hostOf(host, plugin.name);
      let driver: unknown;
      if (choice) {
        const opening = choice.module.open(own as never, ownHost);
        const opened = await withDeadline(
          opening,
          choice.module.openDeadlineMs ?? openDeadlineMs,
          `the ${choice.name} driver of ${plugin.name}`,
        ).catch((error: unknown) => {
          opening.then((late) => late.close()).catch(() => undefined);
          throw new Error(
            `${plugin.name} could not be opened on its ${choice.name} driver: ${messageOf(error)}`,
            { cause: error },
          );
        });
        closers.push({ name: `${plugin.name} (${choice.name})`, close: () => opened.close() });
        driver = opened;
      }
      const needs = Object.fromEntries(
        plugin.needs.map((need) => [
          need,
          portView(ports[need], { plugin: plugin.name, capability: need }, host),
        ]),
      );
      const instance = plugin.create({ driver, needs, host: ownHost, settings: own });
      if (instance.close) closers.push({ name: plugin.name, close: instance.close });
      if (plugin.provides) ports[plugin.provides] = instance.port;
      running.push({ plugin, instance, driver: choice?.name ?? null });
      if (instance.start) {
        await withDeadline(instance.start(), startDeadlineMs, `the start of ${plugin.name}`).catch(
          (error: unknown) => {
            throw new Error(`${plugin.name} could not start: ${messageOf(error)}`, { cause: error });
          },
        );
      }
    }
    if (core.role !== 'gateway' && ports.queue) startWorker(ports.queue as Capabilities['queue'], running);
  } catch (error) {
    await close();
    throw error;
  }

  return {
    core,
    plugins: running,
    port: <C extends Capability>(capability: C) => {
      const port = ports[capability];
      if (port === undefined) throw new Error(`no plugin provides ${capability}`);
      return portView(port, { plugin: 'core', capability }, host) as Capabilities[C];
    },
    close,
  };
}

/** Refuses, by name, a bad name, two providers of one capability, an unknown need, a circle and a foreign contract version. */
export function inOrderOfNeeds(plugins: readonly Plugin[]): readonly Plugin[] {
  const providers = new Map<Capability, Plugin>();
  const names = new Set<string>();
  for (const plugin of plugins) {
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(plugin.name) || plugin.name.length > nameCharactersMax)
      throw new Error(
        `a plugin is named "${String(plugin.name).slice(0, nameCharactersMax)}"; a name is kebab case, for example "my-plugin", of at most ${nameCharactersMax} characters`,
      );
    if (reservedNames.has(plugin.name))
      throw new Error(`a plugin is named ${plugin.name}, as a part of the core is; choose another name`);
    if (names.has(plugin.name)) throw new Error(`two plugins are named ${plugin.name}`);
    names.add(plugin.name);
    if (plugin.compatibility !== undefined && !satisfies(contractVersion, plugin.compatibility)) {
      throw new Error(
        `${plugin.name} was written for plugin contract ${plugin.compatibility}; this is ${contractVersion}`,
      );
    }
    if (plugin.provides === null) continue;
    const other = providers.get(plugin.provides);
    if (other) throw new Error(`${other.name} and ${plugin.name} both provide ${plugin.provides}`);
    providers.set(plugin.provides, plugin);
  }
  const ordered: Plugin[] = [];
  const path: string[] = [];
  function visit(plugin: Plugin): void {
    if (ordered.includes(plugin)) return;
    if (path.includes(plugin.name)) {
      throw new Error(
        `a circle of needs: ${[...path.slice(path.indexOf(plugin.name)), plugin.name].join(' → ')}`,
      );
    }
    path.push(plugin.name);
    for (const need of plugin.needs) {
      const provider = providers.get(need);
      if (!provider) throw new Error(`${plugin.name} needs ${need}, which no plugin provides`);
      visit(provider);
    }
    path.pop();
    ordered.push(plugin);
  }
  for (const plugin of plugins) visit(plugin);
  return ordered;
}

interface Chosen {
  readonly name: string;
  readonly module: DriverModule<object>;
}

/** What chooses the driver of a plugin. */
function urlVariable({ name }: Plugin): string {
  return variableName(name, 'url');
}

/** A URL that fits no driver is a fault like any other setting's, and told with them. */
async function chooseDrivers(
  plugins: readonly Plugin[],
  environment: BootOptions['environment'],
): Promise<{ readonly chosen: Map<string, Chosen>; readonly faults: ReadonlyMap<string, string> }> {
  const chosen = new Map<string, Chosen>();
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

function settingsGroups(plugins: readonly Plugin[], chosen: ReadonlyMap<string, Chosen>): SettingsGroup[] {
  const groups: SettingsGroup[] = [{ name: '', schema: coreSettings }];
  for (const plugin of plugins) {
    const own = plugin.settings?.shape ?? {};
    const driver = chosen.get(plugin.name)?.module.settings.shape ?? {};
    groups.push({ name: plugin.name, schema: z.strictObject({ ...own, ...driver }) });
  }
  return groups;
}

/** Rejects when the promise has not settled in time; what was begun goes on and is the caller's to clean up. */
export async function withDeadline<T>(promise: Promise<T>, deadlineMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`${what} took longer than ${deadlineMs / 1000} s`)),
      deadlineMs,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
