import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ConfigurationError } from './configuration-error.js';
import { messageOf } from './lifecycle.js';
import type { Plugin } from './plugin.js';

/**
 * Loads plugins from outside this repository: `./path/to/plugin.js` or a package name, comma separated. Each module
 * exports `plugin`. Throws a ConfigurationError that names each module which cannot be loaded or is no plugin.
 */
export async function loadThirdParty(list: string): Promise<readonly Plugin[]> {
  const loaded: Plugin[] = [];
  const faults: string[] = [];
  for (const specifier of list
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)) {
    try {
      loaded.push(await loadPlugin(specifier));
    } catch (error) {
      faults.push(`RAPPORT_PLUGINS: ${messageOf(error)}`);
    }
  }
  if (faults.length > 0) throw new ConfigurationError(faults);
  return loaded;
}

async function loadPlugin(specifier: string): Promise<Plugin> {
  const isPath = specifier.startsWith('.') || specifier.startsWith('/');
  const source = isPath ? resolve(specifier) : specifier;
  let module: { readonly plugin?: unknown };
  try {
    module = (await import(isPath ? pathToFileURL(source).href : source)) as typeof module;
  } catch (error) {
    throw new Error(`${specifier} cannot be loaded: ${messageOf(error)}`, { cause: error });
  }
  const { plugin } = module;
  if (!isPlugin(plugin)) throw new Error(`${specifier} exports no \`plugin\` made by definePlugin`);
  if (plugin.compatibility === undefined)
    throw new Error(
      `${plugin.name} does not say which plugin contract it was written for (\`compatibility\`)`,
    );
  return Object.create(plugin, { source: { value: source } }) as Plugin;
}

function isPlugin(value: unknown): value is Plugin {
  const plugin = value as Partial<Plugin> | null | undefined;
  return (
    typeof plugin?.name === 'string' && typeof plugin.create === 'function' && Array.isArray(plugin.needs)
  );
}
