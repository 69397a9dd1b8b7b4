import { z } from 'zod';
import { ConfigurationError } from './configuration-error.js';
import { didYouMean } from './kit/nearest-name.js';
import { canonicalLocale } from './locale.js';
import { isCurrency } from './money.js';
import { allowedMessage, settingFault } from './setting-faults.js';

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
const coreFields = z.strictObject({
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
  trustedDocuments: z
    .string()
    .optional()
    .describe(
      "A manifest of the operations that the shop's frontends were built with: JSON, an object of documents by SHA-256, or Apollo's. Clients send the hash as `extensions.persistedQuery.sha256Hash`.",
    ),
  trustedDocumentsOnly: z
    .stringbool()
    .default(false)
    .describe('`true`: STOREFRONT keys may send only operations of that manifest.'),
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
    .refine(isCurrency, { error: 'allowed: an ISO 4217 code such as EUR' })
    .default('EUR')
    .describe('Of a shopper who names none, ISO 4217.'),
  locale: z
    .string()
    .transform((tag, check) => {
      const canonical = canonicalLocale(tag);
      if (canonical === null) check.addIssue('allowed: a BCP 47 language tag such as de-CH');
      return canonical ?? z.NEVER;
    })
    .default('en')
    .describe('Of a shopper who names none, BCP 47.'),
  jwtJwksUrl: listOf(z.url({ protocol: /^https?$/ })).describe(
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

/** Settings of bearer tokens that only make sense together. */
function checkTokenSettings({ value, issues }: z.core.ParsePayload<z.output<typeof coreFields>>): void {
  const { jwtJwksUrl: urls, jwtIssuer: issuers, jwtAudience: audiences } = value;
  if (![urls, issuers, audiences].every(Array.isArray)) return;
  const refuse = (key: keyof CoreSettings, message: string) =>
    issues.push({ code: 'custom', path: [key], message, input: value });
  const needed = 'needs RAPPORT_JWT_JWKS_URL, the address of the keys that prove a token';
  if (urls.length === 0 && issuers.length > 0) refuse('jwtIssuer', needed);
  if (urls.length === 0 && audiences.length > 0) refuse('jwtAudience', needed);
  if (urls.length > 1 && urls.length !== issuers.length)
    refuse(
      'jwtJwksUrl',
      `has ${urls.length} addresses and RAPPORT_JWT_ISSUER ${issuers.length} issuers; give one address for all, or one for each issuer in the same order`,
    );
}

export const coreSettings = coreFields.check(z.core._check(checkTokenSettings, { when: () => true }));

export type CoreSettings = z.output<typeof coreFields>;

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
 * Reads `RAPPORT_…` variables into the groups. Throws one ConfigurationError that lists every fault: values that do not
 * fit, missing ones, and unknown names, with the nearest known one; before that, an Error that names two groups which
 * read the same variable. `faults`: those that were found before; `others`: names that are known although no group reads them now;
 * `unread`: variables that name a driver or plugin which is not known, so that other names with the same prefix may be its settings.
 */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
  groups: readonly SettingsGroup[],
  known: {
    readonly faults?: readonly string[];
    readonly others?: readonly string[];
    readonly unread?: readonly string[];
  } = {},
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
  const unread = (known.unread ?? []).map(prefixOf);
  const faults = [...(known.faults ?? [])];
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith('RAPPORT_') || value === undefined || value === '') continue;
    const owner = owners.get(variable);
    if (owner) raw.get(owner.group)![owner.key] = value;
    else {
      const hint = names.includes(variable) ? '' : didYouMean(variable, names);
      if (hint || !unread.some((prefix) => variable.startsWith(prefix)))
        faults.push(`${variable} is no setting${hint || '; see the table in README.md'}`);
    }
  }
  const settings = new Map<string, Record<string, unknown>>();
  for (const { name, schema } of groups) {
    const given = raw.get(name);
    const result = schema.safeParse(given, { error: allowedMessage(schema) });
    if (result.success) settings.set(name, result.data);
    else {
      for (const { path, message } of result.error.issues) {
        const key = String(path[0] ?? '');
        faults.push(settingFault(variableName(name, key), given?.[key], message));
      }
    }
  }
  if (faults.length > 0) throw new ConfigurationError([...new Set(faults)]);
  return settings;
}

function settingOf({ group, key }: { readonly group: string; readonly key: string }): string {
  return group === '' ? `the core as ${key}` : `${group} as ${key}`;
}

/** `RAPPORT_SEARCH_URL` → `RAPPORT_SEARCH_` */
function prefixOf(variable: string): string {
  return variable.slice(0, variable.lastIndexOf('_') + 1);
}
