import satisfies from 'semver/functions/satisfies.js';
import type { Capability } from './capabilities.js';
import { contractVersion, type Plugin } from './plugin.js';

const nameCharactersMax = 60;
/** Names of the core in log lines and errors. */
const reservedNames: ReadonlySet<string> = new Set(['base', 'core', 'gateway', 'host']);

/**
 * Sorts plugins so that each comes after those it needs. Throws an Error that names the plugins if a name is bad or used twice, if two
 * provide one capability, and for an unknown need, a circle and a contract version that does not fit.
 */
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
