import type { Plugin } from './plugin.js';

/**
 * The plugins without those that another one replaces, which know whose place they take. Throws an Error that names both if what is replaced is not there or is replaced twice,
 * or if the other one does not provide the same capability.
 */
export function withoutReplaced(plugins: readonly Plugin[]): readonly Plugin[] {
  const replacements = new Map<string, string>();
  const replacedBy = new Map<string, Plugin>();
  for (const { name, replaces, provides } of plugins) {
    if (replaces === undefined) continue;
    const replaced = plugins.find((other) => other.name === replaces);
    if (!replaced || replaced.name === name)
      throw new Error(`${name} replaces ${replaces}, and no other plugin is named so`);
    if (replaced.replaces !== undefined)
      throw new Error(
        `${name} replaces ${replaces}, which itself replaces ${replaced.replaces}; load only one`,
      );
    const other = replacements.get(replaces);
    if (other !== undefined) throw new Error(`${other} and ${name} both replace ${replaces}`);
    if (provides !== replaced.provides)
      throw new Error(
        `${name} replaces ${replaces}, which provides ${replaced.provides ?? 'no capability'}; it must provide the same, not ${provides ?? 'none'}`,
      );
    replacements.set(replaces, name);
    replacedBy.set(name, replaced);
  }
  return plugins
    .filter(({ name }) => !replacements.has(name))
    .map((plugin) => {
      const replaced = replacedBy.get(plugin.name);
      return replaced === undefined ? plugin : Object.create(plugin, { replaced: { value: replaced } });
    });
}
