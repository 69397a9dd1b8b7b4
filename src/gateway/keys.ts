import { createHash } from 'node:crypto';
import { type Role, roles } from '../context.js';

/** What an API key stands for. */
export interface KeyOwner {
  readonly role: Role;
  /** Names the key without revealing it. */
  readonly source: string;
}

/** The API keys that are valid now. */
export interface ApiKeys {
  ownerOf(key: string): KeyOwner | undefined;
  /** Replaces all keys at once; keys that are not in the text are invalid from then on. Throws as `createApiKeys` does. */
  replace(text: string): void;
}

const keyLengthMin = 8;
const keyLengthMax = 256;

/** One for each role, the same on every machine, for development mode only. */
export const developmentKeys: Readonly<Record<Role, string>> = {
  STOREFRONT: 'dev-storefront-key',
  SERVER: 'dev-server-key',
  MERCHANDISER: 'dev-merchandiser-key',
  ADMIN: 'dev-admin-key',
};

/** Keys that everybody knows: those of development mode and those that examples tell to change. */
function isWidelyKnown(key: string): boolean {
  return Object.values(developmentKeys).includes(key) || key.startsWith('change-me');
}

/**
 * Reads `ROLE=key` entries, separated by commas or line breaks; lines that begin with `#` are comments. A role may have
 * several keys. Throws an Error that names the fault, never the key.
 */
export function createApiKeys(text: string, { development }: { readonly development: boolean }): ApiKeys {
  let owners = readKeys(text, development);
  /** Keys as they came, of those found by their digest. A wrong key is never in it, so its size is bounded. */
  let shown = new Map<string, KeyOwner>();
  return {
    ownerOf(key) {
      const seen = shown.get(key);
      if (seen) return seen;
      const owner = key.length > keyLengthMax ? undefined : owners.get(digest(key));
      if (owner) shown.set(key, owner);
      return owner;
    },
    replace(replacement) {
      owners = readKeys(replacement, development);
      shown = new Map();
    },
  };
}

function readKeys(text: string, development: boolean): ReadonlyMap<string, KeyOwner> {
  const owners = new Map<string, KeyOwner>();
  const entries = text
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .flatMap((line) => line.split(','))
    .map((entry) => entry.trim())
    .filter(Boolean);
  for (const entry of entries) {
    const [name = '', ...rest] = entry.split('=');
    const role = roles.find((known) => known === name.trim());
    const key = rest.join('=').trim();
    if (!role)
      throw new Error(`API keys: "${name.slice(0, 20)}" is not a role; the roles are ${roles.join(', ')}`);
    if (key.length < keyLengthMin || key.length > keyLengthMax)
      throw new Error(
        `API keys: a key of ${role} has ${key.length} characters; allowed are ${keyLengthMin} to ${keyLengthMax}`,
      );
    if (!development && isWidelyKnown(key))
      throw new Error(
        `API keys: the key of ${role} is an example that everybody knows; make one with \`openssl rand -hex 24\``,
      );
    const hash = digest(key);
    const other = owners.get(hash);
    if (other && other.role !== role)
      throw new Error(`API keys: one key has two roles, ${other.role} and ${role}`);
    owners.set(hash, { role, source: `${role.toLowerCase()}-${hash.slice(0, 8)}` });
  }
  if (owners.size === 0)
    throw new Error(
      'there is no API key; set RAPPORT_API_KEYS or RAPPORT_API_KEYS_FILE, for example STOREFRONT=…,SERVER=…',
    );
  return owners;
}

/** Keys are looked up by their digest, so that the time a lookup takes reveals nothing about them. */
function digest(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
