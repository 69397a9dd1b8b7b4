import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { plugins } from '../plugins/index.js';
import { driversOf } from '../src/drivers.js';
import { coreSettings, variableName } from '../src/settings.js';
import { errorsTable } from './errors-table.js';

/** The table of settings, from the very schemas that check them. */
async function settingsTable(): Promise<string> {
  const rows = ['| setting | default | what it does |', '| --- | --- | --- |', ...describe('', coreSettings)];
  for (const plugin of plugins) {
    if (plugin.settings) rows.push(...describe(plugin.name, plugin.settings));
    for (const [driver, load] of Object.entries(driversOf(plugin, plugins))) {
      rows.push(...describe(plugin.name, (await load()).settings, driver));
    }
  }
  return rows.join('\n');
}

function describe(group: string, schema: z.ZodObject, driver?: string): string[] {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return Object.entries(json.properties ?? {}).map(([key, value]) => {
    const { description = '' } = value as { description?: string };
    const fallback = (schema.shape[key] as z.ZodType).safeParse(undefined).data;
    const shown =
      fallback === undefined || fallback === '' || typeof fallback === 'object'
        ? ''
        : `\`${String(fallback)}\``;
    const only = driver ? ` (${driver})` : '';
    return `| \`${variableName(group, key)}\` | ${shown} | ${description}${only} |`;
  });
}

/** README.md with its table of settings brought up to date. Throws when the markers are missing. */
export async function withSettings(readme: string): Promise<string> {
  return withTable(readme, 'settings', await settingsTable());
}

/** The guide of the API with its table of errors brought up to date. Throws when the markers are missing. */
export function withErrors(guide: string): string {
  return withTable(guide, 'errors', errorsTable());
}

function withTable(text: string, name: string, table: string): string {
  const begin = `<!-- ${name}: written by npm run readme -->`;
  const [from, to] = [text.indexOf(begin), text.indexOf(`<!-- end of ${name} -->`)];
  if (from < 0 || to < from) throw new Error(`the markers around the table of ${name} are missing`);
  return `${text.slice(0, from + begin.length)}\n\n${table}\n\n${text.slice(to)}`;
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync('README.md', await withSettings(readFileSync('README.md', 'utf8')));
  writeFileSync('schema/README.md', withErrors(readFileSync('schema/README.md', 'utf8')));
}
