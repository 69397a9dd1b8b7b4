import { z } from 'zod';
import type { Capabilities, Capability } from './capabilities.js';
import { createContributions, type LeftOut } from './contributions.js';
import {
  type ChosenDriver,
  chooseDrivers,
  createLateDriver,
  driverVariables,
  type LateDriver,
} from './drivers.js';
import { createHost, type HostParts } from './host.js';
import { resolversOf } from './inherited-resolvers.js';
import { hostOf } from './isolation.js';
import { createLifecycle, messageOf, type Part } from './lifecycle.js';
import { inOrderOfNeeds } from './needs.js';
import { type Instance, instanceFields, type Plugin, type Resolvers } from './plugin.js';
import { refuseUnknownFields } from './plugin-fields.js';
import { inScope, scopedInstance, scopedResolvers } from './plugin-scope.js';
import { portView } from './port-view.js';
import { withoutReplaced } from './replacements.js';
import { type CoreSettings, coreSettings, readSettings, type SettingsGroup } from './settings.js';
import { checkJobs, startWorker } from './worker.js';

const openDeadlineMs = 15_000;
const startDeadlineMs = 120_000;

export interface RunningPlugin {
  readonly plugin: Plugin;
  readonly instance: Instance<unknown>;
  /** Those of its instance, its declaration, and the plugin that it replaces. */
  readonly resolvers: Resolvers;
  /** Which driver it runs on; null for plugins without. */
  readonly driver: string | null;
}

export interface System {
  readonly core: CoreSettings;
  readonly plugins: readonly RunningPlugin[];
  port<C extends Capability>(capability: C): Capabilities[C];
  /** Contributions that failed or were late, by plugin and extension point, since the start. */
  leftOut(): readonly LeftOut[];
  /** Closes everything in reverse order; each has its deadline. Never throws. */
  close(): Promise<void>;
}

/** A system of which nothing is open yet. */
export interface CreatedSystem extends Pick<System, 'core' | 'plugins'> {
  /**
   * Opens all drivers, then starts all plugins, in the order of their needs. A failure closes what was started and rejects with one
   * readable message.
   */
  start(): Promise<System>;
}

export interface BootOptions {
  readonly plugins: readonly Plugin[];
  /** `RAPPORT_…` variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Faults of keys and plugins that were read before; reported together with those of the settings. */
  readonly faults?: readonly string[];
  /** `RAPPORT_PLUGINS` if a plugin could not be loaded: unknown names may be its settings. */
  readonly unread?: readonly string[];
  readonly host: (core: CoreSettings) => HostParts;
}

/** Creates and starts a system. */
export async function boot(options: BootOptions): Promise<System> {
  return (await createSystem(options)).start();
}

/**
 * Checks settings and needs, and creates all plugins in the order of their needs. Opens nothing, so that whatever else can be
 * wrong is found before a backend is connected to. Rejects with one readable message.
 */
export async function createSystem(options: BootOptions): Promise<CreatedSystem> {
  const ordered = inOrderOfNeeds(withoutReplaced(options.plugins));
  const { chosen, faults } = await chooseDrivers(ordered, options.environment);
  const withDrivers = ordered.filter(({ drivers }) => drivers);
  const choosing = withDrivers.map((plugin) => driverVariables(plugin)[0]);
  const settings = readSettings(without(options.environment, choosing), settingsGroups(ordered, chosen), {
    faults: [...(options.faults ?? []), ...faults.values()],
    unread: [...(options.unread ?? []), ...faults.keys()],
    others: withDrivers.flatMap(driverVariables),
  });
  const core = settings.get('') as CoreSettings;
  const host = createHost(options.host(core), core.role);
  const ports: Partial<Record<Capability, unknown>> = {};
  const contributions = createContributions(host);
  const created: Omit<RunningPlugin, 'resolvers'>[] = [];
  const drivers: Part[] = [];
  const parts: Part[] = [];

  function needsOf({ name, needs }: Plugin): Readonly<Partial<Capabilities>> {
    const user = (capability: Capability) => ({ plugin: name, capability });
    return Object.fromEntries(needs.map((need) => [need, portView(ports[need], user(need), host)]));
  }

  for (const plugin of ordered) {
    const own = settings.get(plugin.name) ?? {};
    const ownHost = hostOf(host, plugin.name);
    const choice = chosen.get(plugin.name);
    const driver = choice && createLateDriver(plugin.name, choice);
    const instance = createInstance(plugin, {
      driver: driver?.members,
      needs: needsOf(plugin),
      host: ownHost,
      settings: own,
      contributions: contributions.of,
    });
    if (plugin.provides) ports[plugin.provides] = instance.port;
    contributions.add(plugin.name, instance.contributes);
    created.push({ plugin, instance, driver: choice?.name ?? null });
    if (driver) drivers.push(driverPart(plugin, driver, () => driver.open(own, ownHost)));
    parts.push(pluginPart(plugin, instance));
  }

  const plugins = created.map(
    (each): RunningPlugin => ({
      ...each,
      resolvers: scopedResolvers(each.plugin, resolversOf(each.plugin, each.instance, needsOf)),
    }),
  );
  return {
    core,
    plugins,
    async start() {
      const lifecycle = createLifecycle(host.log);
      contributions.complete();
      try {
        // All drivers are open before the first plugin starts, and closed after the last one.
        for (const part of [...drivers, ...parts]) await lifecycle.start(part);
        for (const each of contributions.unread())
          host.log.warn('no plugin reads what is contributed to this extension point', each);
        if (core.role !== 'gateway' && ports.queue)
          startWorker(ports.queue as Capabilities['queue'], plugins);
      } catch (error) {
        await lifecycle.close();
        throw error;
      }
      return {
        core,
        plugins,
        port: <C extends Capability>(capability: C) => {
          const port = ports[capability];
          if (port === undefined) throw new Error(`no plugin provides ${capability}`);
          return portView(port, { plugin: 'core', capability }, host) as Capabilities[C];
        },
        leftOut: contributions.leftOut,
        close: lifecycle.close,
      };
    },
  };
}

function without(
  environment: BootOptions['environment'],
  names: readonly string[],
): BootOptions['environment'] {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !names.includes(name)));
}

/** Adds the plugin's name to an error of `create`. */
function createInstance(plugin: Plugin, parts: Parameters<Plugin['create']>[0]): Instance<unknown> {
  try {
    const instance = inScope(plugin, () => plugin.create(parts));
    refuseUnknownFields(instance, instanceFields, 'the instance');
    checkJobs(instance);
    checkCounters(instance);
    return scopedInstance(plugin, instance);
  } catch (error) {
    throw new Error(`${plugin.name} could not be created: ${messageOf(error)}`, { cause: error });
  }
}

/** Throws an Error that names the first counter whose name is not valid. */
function checkCounters({ counters = {} }: Instance<unknown>): void {
  for (const name of Object.keys(counters)) {
    if (!/^[a-z][a-z0-9_]{0,59}$/.test(name))
      throw new Error(
        `a counter is named "${name.slice(0, 60)}"; a name is snake case, for example "unknown_products"`,
      );
  }
}

function driverPart({ name }: Plugin, driver: LateDriver, open: () => Promise<void>): Part {
  return {
    name: `${name} (${driver.name})`,
    start: {
      run: open,
      deadlineMs: driver.openDeadlineMs ?? openDeadlineMs,
      failure: `${name} could not be opened on its ${driver.name} driver`,
    },
    close: driver.close,
  };
}

function pluginPart({ name }: Plugin, { start, close }: Instance<unknown>): Part {
  return {
    name,
    ...(start && {
      start: { run: start, deadlineMs: startDeadlineMs, failure: `${name} could not start` },
    }),
    ...(close && { close }),
  };
}

function settingsGroups(
  plugins: readonly Plugin[],
  chosen: ReadonlyMap<string, ChosenDriver>,
): SettingsGroup[] {
  const groups: SettingsGroup[] = [{ name: '', schema: coreSettings }];
  for (const plugin of plugins) {
    const own = plugin.settings?.shape ?? {};
    const driver = chosen.get(plugin.name)?.module.settings.shape ?? {};
    groups.push({ name: plugin.name, schema: z.strictObject({ ...own, ...driver }) });
  }
  return groups;
}
