/** A person as documents name them: by the id of a customer or of a session. */
export type PersonName = `customer:${string}` | `session:${string}`;

export function customerName(id: string): PersonName {
  return `customer:${id}`;
}

export function sessionName(id: string): PersonName {
  return `session:${id}`;
}

/** null: a session. */
export function customerIdIn(name: PersonName): string | null {
  return name.startsWith('customer:') ? name.slice('customer:'.length) : null;
}

/** null: a customer. */
export function sessionIdIn(name: PersonName): string | null {
  return name.startsWith('session:') ? name.slice('session:'.length) : null;
}

/** The ids of customers among names, for collections that have customers only. */
export function customerIdsIn(name: PersonName): readonly string[] {
  const id = customerIdIn(name);
  return id === null ? [] : [id];
}

/** Characters of an id of a customer, session or device. */
export const personIdMax = 128;

const unprintable = /[\p{Cc}\p{Surrogate}\u2028\u2029]/u;
/** Begins the ids of sessions that only the server names. */
const serverPrefix = 'customer:';
const shownMax = 40;

/** Placeholders that clients send while nobody is signed in. As an id, one would make one person of many strangers. */
const reserved: ReadonlySet<string> = new Set([
  '',
  'null',
  '(null)',
  'undefined',
  'none',
  'nil',
  'nan',
  'n/a',
  'guest',
  'anonymous',
  'unknown',
  'not_authenticated',
  'true',
  'false',
  '0',
  '-1',
  'id',
  'email',
  'customerid',
  'customer_id',
  'userid',
  'user_id',
  'sessionid',
  'session_id',
  'anonymousid',
  'anonymous_id',
  'distinct_id',
  '[object object]',
  '{}',
  '[]',
  '""',
  "''",
  '00000000-0000-0000-0000-000000000000',
]);
const reservedLengthMax = 36;
const leaveOut = 'leave it out instead';

export interface IdFault {
  readonly code: 'ID_INVALID' | 'ID_RESERVED';
  /** The rest of a message that begins with the name of the field. */
  readonly message: string;
}

/** True if a value has the form of an id: 1 to 128 printable, well-formed characters. */
export function isId(value: unknown): value is string {
  return (
    typeof value === 'string' && value.length >= 1 && value.length <= personIdMax && !unprintable.test(value)
  );
}

/** Why a value cannot be the id of a customer; null: it can. `advice`: what to do about an id that stands for nobody. */
export function customerIdFault(value: unknown, advice = leaveOut): IdFault | null {
  const fault = personIdFault(value, advice);
  if (fault !== null || value === (value as string).trim()) return fault;
  return {
    code: 'ID_INVALID',
    message: `must have no blanks around it, and is ${shown(value as string)}`,
  };
}

function personIdFault(value: unknown, advice = leaveOut): IdFault | null {
  if (!isId(value)) {
    return {
      code: 'ID_INVALID',
      message: `must be 1 to ${personIdMax} printable characters, and is ${kindOf(value)}`,
    };
  }
  return isReserved(value)
    ? { code: 'ID_RESERVED', message: `is ${shown(value)}, which stands for nobody; ${advice}` }
    : null;
}

/** The session that was found right last: messages and contexts of one session follow each other. */
let rightSessionId: unknown = null;

/** Why a client cannot name its session so; null: it can. */
export function sessionIdFault(value: unknown): IdFault | null {
  if (value === rightSessionId && value !== null) return null;
  const fault = faultOfSessionId(value);
  if (fault === null) rightSessionId = value;
  return fault;
}

function faultOfSessionId(value: unknown): IdFault | null {
  const fault = personIdFault(value);
  if (fault !== null || !(value as string).startsWith(serverPrefix)) return fault;
  return {
    code: 'ID_RESERVED',
    message: `is ${shown(value as string)}; ids that begin with "${serverPrefix}" belong to the server; send a random one`,
  };
}

/** The session of a customer whose events name no other. `sessionIdFault` keeps clients out of it. */
export function customerSessionId(customerId: string): string {
  return serverPrefix + customerId;
}

/** Compared without case, width, blanks around it and characters that nobody sees. */
function isReserved(id: string): boolean {
  const plain = /[^!-~]/.test(id)
    ? id
        .normalize('NFKC')
        .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
        .trim()
    : id;
  return plain.length <= reservedLengthMax && reserved.has(plain.toLowerCase());
}

/** In ASCII, so that invisible characters show. */
function shown(id: string): string {
  return JSON.stringify(id.slice(0, shownMax)).replace(
    /[^ -~]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function kindOf(value: unknown): string {
  if (typeof value === 'string') {
    return unprintable.test(value)
      ? 'a text with control characters or broken ones'
      : `a text of ${value.length} characters`;
  }
  if (value === undefined || value === null) return 'missing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
