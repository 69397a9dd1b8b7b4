import { distance as editDistance } from 'fastest-levenshtein';
import { z } from 'zod';

/** Settings of the process itself; a plugin's are in its own schema, prefixed with its name. */
export const coreSettings = z.strictObject({
  port: z.coerce
    .number()
    .int()
    .min(0)
    .max(65535)
    .default(4000)
    .describe('Where the gateway listens; 0 picks a free port.'),
  bind: z.string().default('0.0.0.0').describe('The address the gateway binds to.'),
  dataDir: z.string().min(1).default('data').describe('Where the embedded drivers keep their files.'),
  role: z
    .enum(['all', 'gateway', 'worker'])
    .default('all')
    .describe('`gateway` answers requests, `worker` reacts to facts, `all` does both in one process.'),
  apiKeys: z
    .string()
    .default('')
    .describe(
      '`STOREFRONT=…,SERVER=…,MERCHANDISER=…,ADMIN=…`; a role may come several times. Empty outside production: one development key a role is made and printed.',
    ),
  plugins: z
    .string()
    .default('')
    .describe('Further plugins, comma separated: paths (`./plugins/x.js`) or packages.'),
  demo: z
    .stringbool()
    .default(true)
    .describe('Seed the demo shop into an empty embedded data directory, outside production.'),
  logLevel: z
    .enum(['error', 'warn', 'info', 'debug', 'silent'])
    .default('info')
    .describe('The least severe line to log.'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .default('EUR')
    .describe('Of a shopper who names none, ISO 4217.'),
  locale: z.string().min(2).default('en').describe('Of a shopper who names none, BCP 47.'),
  jwtJwksUrl: z
    .url()
    .optional()
    .describe("The identity provider's keys; without it no bearer token is accepted."),
  jwtIssuer: z.string().optional().describe('The `iss` a token must carry.'),
  jwtAudience: z.string().optional().describe('The `aud` a token must carry.'),
  shutdownMs: z.coerce
    .number()
    .int()
    .min(0)
    .max(60_000)
    .default(10_000)
    .describe('How long a stop waits for requests in flight.'),
});

export type CoreSettings = z.output<typeof coreSettings>;

/** A prefix of settings (`search` reads `RAPPORT_SEARCH_…`) and the strict schema that checks them. */
export interface SettingsGroup {
  readonly name: string;
  readonly schema: z.ZodObject;
}

export function variableName(group: string, key: string): string {
  const words = `${group ? `${group}-` : ''}${key.replace(/[A-Z]/g, (letter) => `-${letter}`)}`;
  return `RAPPORT_${words.replaceAll('-', '_').toUpperCase()}`;
}

/**
 * Reads `RAPPORT_…` variables into the groups. Throws one Error that lists every fault: values that do not
 * fit, missing ones, and names that nobody knows, with the nearest known one. `faults`: what is wrong with variables that
 * were read before; `others`: names that are known although no group reads them now.
 */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
  groups: readonly SettingsGroup[],
  known: { readonly faults?: ReadonlyMap<string, string>; readonly others?: readonly string[] } = {},
): Map<string, Record<string, unknown>> {
  const raw = new Map<string, Record<string, string>>(groups.map(({ name }) => [name, {}]));
  const owners = new Map<string, { group: string; key: string }>();
  for (const { name, schema } of groups) {
    for (const key of Object.keys(schema.shape)) owners.set(variableName(name, key), { group: name, key });
  }
  const names = [...new Set([...owners.keys(), ...(known.others ?? [])])];
  const faulty = [...(known.faults?.keys() ?? [])].map(prefixOf);
  const faults: string[] = [...(known.faults?.values() ?? [])];
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith('RAPPORT_') || value === undefined || value === '') continue;
    const owner = owners.get(variable);
    if (owner) raw.get(owner.group)![owner.key] = value;
    // Which settings a driver has is known only once it is chosen.
    else if (!faulty.some((prefix) => variable.startsWith(prefix)))
      faults.push(`${variable} is no setting${nearest(variable, names)}`);
  }
  const settings = new Map<string, Record<string, unknown>>();
  for (const { name, schema } of groups) {
    const result = schema.safeParse(raw.get(name));
    if (result.success) settings.set(name, result.data);
    else {
      for (const issue of result.error.issues) {
        faults.push(`${variableName(name, String(issue.path[0] ?? ''))}: ${issue.message}`);
      }
    }
  }
  if (faults.length > 0) throw new Error(`These settings need correcting:\n  ${faults.join('\n  ')}`);
  return settings;
}

/** `RAPPORT_SEARCH_URL` → `RAPPORT_SEARCH_` */
function prefixOf(variable: string): string {
  return variable.slice(0, variable.lastIndexOf('_') + 1);
}

function nearest(variable: string, known: readonly string[]): string {
  const close = known
    .map((name) => ({ name, distance: editDistance(variable, name) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return close && close.distance <= 4 ? `; did you mean ${close.name}?` : '; see the table in README.md';
}
