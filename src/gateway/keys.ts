import { createHash } from 'node:crypto';
import { ConfigurationError } from '../configuration-error.js';
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
  /**
   * Replaces the keys of the file at once: keys that it no longer lists are invalid from then on. Returns the entries that could not
   * be used, each as a message without its key. Throws an Error, and changes nothing, if the file lists no usable key.
   */
  replaceFile(text: string): readonly string[];
}

export interface ApiKeyOptions {
  readonly development: boolean;
  /** Further keys. Each line must end with a line break, so that a file that is still being written never makes a part of a key valid. */
  readonly file?: { readonly name: string; readonly text: string };
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

type Owners = ReadonlyMap<string, KeyOwner>;

/**
 * Reads `ROLE=key` entries, separated by commas or line breaks; lines that begin with `#` are comments. A role may have
 * several keys. Throws a ConfigurationError that names the faults, never a key.
 */
export function createApiKeys(text: string, { development, file }: ApiKeyOptions): ApiKeys {
  const configured = new Map<string, KeyOwner>();
  const { faults } = addKeys(configured, text, { name: 'RAPPORT_API_KEYS', development });
  let owners = new Map(configured);
  if (file)
    faults.push(...addKeys(owners, file.text, { name: file.name, development, linesEnd: true }).faults);
  if (faults.length > 0) throw new ConfigurationError(faults);
  if (owners.size === 0)
    throw new ConfigurationError([
      'there is no API key; set RAPPORT_API_KEYS or RAPPORT_API_KEYS_FILE, for example STOREFRONT=…,SERVER=…',
    ]);
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
    replaceFile(replacement) {
      const name = file?.name ?? 'the file of API keys';
      const listed = new Map(configured);
      const source = { name, development, linesEnd: true, valid: owners };
      const { usable, faults } = addKeys(listed, replacement, source);
      if (usable === 0)
        throw new Error(
          [`${name} lists no usable key; list at least one, for example SERVER=…`, ...faults].join('; '),
        );
      owners = listed;
      shown = new Map();
      return faults;
    },
  };
}

interface Source {
  /** The name of the setting or the file. */
  readonly name: string;
  readonly development: boolean;
  /** True if a line without a line break is incomplete. */
  readonly linesEnd?: boolean;
  /** Keys that an incomplete line may keep. */
  readonly valid?: Owners;
}

/** Adds the usable entries to `owners`; returns how many there are and what is wrong with the others. */
function addKeys(owners: Map<string, KeyOwner>, text: string, source: Source) {
  const faults: string[] = [];
  let usable = 0;
  const lines = text.split('\n');
  lines.forEach((line, i) => {
    if (line.trimStart().startsWith('#')) return;
    const isComplete = !source.linesEnd || i < lines.length - 1;
    for (const entry of line.split(',').filter((each) => each.trim() !== '')) {
      const read = readEntry(entry, owners, source.development);
      const isUsable = 'hash' in read && (isComplete || source.valid?.get(read.hash)?.role === read.role);
      if (isUsable) {
        usable++;
        owners.set(read.hash, {
          role: read.role,
          source: `${read.role.toLowerCase()}-${read.hash.slice(0, 8)}`,
        });
      }
      const fault =
        'fault' in read ? read.fault : 'the line has no line break at its end and may be incomplete';
      const place = source.linesEnd || lines.length > 1 ? `${source.name}, line ${i + 1}` : source.name;
      if ('fault' in read || !isComplete) faults.push(`${place}: ${fault}`);
    }
  });
  return { usable, faults };
}

function readEntry(
  entry: string,
  owners: Owners,
  development: boolean,
): { readonly hash: string; readonly role: Role } | { readonly fault: string } {
  const [first = '', ...rest] = entry.split('=');
  const name = first.trim();
  const role = roles.find((known) => known === name);
  const key = rest.join('=').trim();
  if (!role) {
    // The rest of the entry may be a key, so it is not logged.
    const shown = /^[A-Z_]{1,20}$/.test(name) && rest.length > 0 ? `"${name}"` : 'the text before "="';
    return { fault: `${shown} is not a role; the roles are ${roles.join(', ')}` };
  }
  if (key.length < keyLengthMin || key.length > keyLengthMax)
    return {
      fault: `a key of ${role} has ${key.length} characters; allowed are ${keyLengthMin} to ${keyLengthMax}`,
    };
  if (!development && isWidelyKnown(key))
    return {
      fault: `the key of ${role} is an example that everybody knows; make one with \`openssl rand -hex 24\``,
    };
  const hash = digest(key);
  const other = owners.get(hash);
  if (other && other.role !== role) return { fault: `one key has two roles, ${other.role} and ${role}` };
  return { hash, role };
}

/** Keys are looked up by their digest, so that the time a lookup takes reveals nothing about them. */
function digest(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
