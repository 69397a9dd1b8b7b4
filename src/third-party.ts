import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from './plugin.js';

/**
 * Loads plugins from outside this repository: `./path/to/plugin.js` or a package name, comma separated. Each module
 * exports `plugin`. Throws an Error that names the module which cannot be loaded or is no plugin.
 */
export async function loadThirdParty(list: string): Promise<readonly Plugin[]> {
  const loaded: Plugin[] = [];
  for (const specifier of list
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)) {
    const isPath = specifier.startsWith('.') || specifier.startsWith('/');
    let module: { readonly plugin?: unknown };
    const source = isPath ? resolve(specifier) : specifier;
    try {
      module = (await import(isPath ? pathToFileURL(source).href : source)) as typeof module;
    } catch (error) {
      throw new Error(
        `RAPPORT_PLUGINS: ${specifier} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
        { cause: error },
      );
    }
    if (!isPlugin(module.plugin))
      throw new Error(`RAPPORT_PLUGINS: ${specifier} exports no \`plugin\` made by definePlugin`);
    if (module.plugin.compatibility === undefined) {
      throw new Error(
        `RAPPORT_PLUGINS: ${module.plugin.name} does not say which plugin contract it was written for (\`compatibility\`)`,
      );
    }
    loaded.push(Object.create(module.plugin, { source: { value: source } }) as Plugin);
  }
  return loaded;
}

function isPlugin(value: unknown): value is Plugin {
  const plugin = value as Partial<Plugin> | null | undefined;
  return (
    typeof plugin?.name === 'string' && typeof plugin.create === 'function' && Array.isArray(plugin.needs)
  );
}
