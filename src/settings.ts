import { distance as editDistance } from 'fastest-levenshtein';
import { z } from 'zod';

/** A comma-separated list; empty if omitted. */
function listOf(element: z.ZodType<string, string>) {
  return z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter(Boolean),
    )
    .pipe(z.array(element));
}

function rateOf(perSecond: number, of: string) {
  return z.coerce
    .number()
    .positive()
    .max(1e9)
    .default(perSecond)
    .describe(`Units a second ${of}; ten times as many at once.`);
}

/** Settings of the process itself; a plugin's are in its own schema, prefixed with its name. */
export const coreSettings = z.strictObject({
  port: z.coerce
    .number()
    .int()
    .min(0)
    .max(65535)
    .default(4000)
    .describe('Where the gateway listens; 0 picks a free port.'),
  bind: z
    .string()
    .optional()
    .describe(
      'The address the gateway binds to. If omitted, `127.0.0.1` in development mode and `0.0.0.0` otherwise.',
    ),
  operatorPort: z.coerce
    .number()
    .int()
    .min(0)
    .max(65535)
    .optional()
    .describe(
      'A second port for `/metrics` and the details of `/health/ready`, without a key; keep it inside your network. If omitted, both need an ADMIN key on the main port.',
    ),
  dataDir: z.string().min(1).default('data').describe('Where the embedded drivers keep their files.'),
  role: z
    .enum(['all', 'gateway', 'worker'])
    .default('all')
    .describe('`gateway` answers requests, `worker` reacts to facts, `all` does both in one process.'),
  apiKeys: z
    .string()
    .default('')
    .describe(
      '`STOREFRONT=…,SERVER=…,MERCHANDISER=…,ADMIN=…`; a role may come several times. In development mode (`--dev`) without any key, one known key a role is used and printed.',
    ),
  apiKeysFile: z
    .string()
    .optional()
    .describe(
      'A file of further keys, one `ROLE=key` a line, each line ended by a line break. It is read again when it changes and on SIGHUP, so that keys can be added and revoked without a restart.',
    ),
  plugins: z
    .string()
    .default('')
    .describe('Further plugins, comma separated: paths (`./plugins/x.js`) or packages.'),
  demo: z
    .stringbool()
    .default(true)
    .describe('Seed the demo shop into an empty embedded data directory, in development mode only.'),
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
  jwtJwksUrl: listOf(z.url()).describe(
    "The identity provider's keys, comma separated; either one for all issuers or one for each. If omitted, no bearer token is accepted.",
  ),
  jwtIssuer: listOf(z.string()).describe('The `iss` a token must carry, one of these, comma separated.'),
  jwtAudience: listOf(z.string()).describe('The `aud` a token must carry, one of these, comma separated.'),
  jwtCustomerClaim: z
    .string()
    .min(1)
    .default('sub')
    .describe('The claim of a token that holds the customer id.'),
  trustProxy: z.coerce
    .number()
    .int()
    .min(0)
    .max(10)
    .default(0)
    .describe(
      'How many proxies in front of the gateway append to `X-Forwarded-For`. With 0 the header is never believed.',
    ),
  rateLimits: z
    .stringbool()
    .default(true)
    .describe(
      'Limit how much each API key and client address may ask for. A request counts one unit, as do each 128 bytes of its body and each millisecond of expected work; an event counts ten. Gateways with the same `RAPPORT_QUEUE_URL` share the limits.',
    ),
  rateKeyless: rateOf(100, 'of one client address without a valid key'),
  rateClient: rateOf(10_000, 'of one client address with a STOREFRONT key'),
  rateStorefront: rateOf(100_000, 'of one STOREFRONT key'),
  rateServer: rateOf(500_000, 'of one SERVER key'),
  rateOperator: rateOf(20_000, 'of one MERCHANDISER or ADMIN key'),
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
 * fit, missing ones, and names that nobody knows, with the nearest known one; before that, one that names two groups which
 * read the same variable. `faults`: what is wrong with variables that
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
    for (const key of Object.keys(schema.shape)) {
      const variable = variableName(name, key);
      const other = owners.get(variable);
      if (other)
        throw new Error(
          `${variable} is read by ${settingOf(other)} and by ${settingOf({ group: name, key })}`,
        );
      owners.set(variable, { group: name, key });
    }
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

function settingOf({ group, key }: { readonly group: string; readonly key: string }): string {
  return group === '' ? `the core as ${key}` : `${group} as ${key}`;
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
