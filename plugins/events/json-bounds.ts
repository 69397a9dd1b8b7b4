/** Size of one event, in UTF-8 bytes of its JSON. */
export const eventBytesMax = 32_768;

/** Levels of `properties`, itself the first. */
export const depthMax = 16;

const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

export interface JsonFault {
  readonly message: string;
  /** Keys and indexes from the value that was looked at. */
  readonly path: readonly (string | number)[];
}

/** What a look at a value found: the first fault, whether it is surely too large, whether text needs mending. */
export interface JsonReport {
  readonly fault: JsonFault | null;
  /** Never less than the UTF-8 bytes of its JSON; Infinity once it is surely over `eventBytesMax`. */
  readonly bytesAtMost: number;
  /** Some string holds half of a surrogate pair. */
  readonly illFormed: boolean;
}

/**
 * Looks through what should be JSON in one pass, no deeper than `depthMax` and no further than an event may be
 * long. Refused: numbers that are not finite, keys that name an object's prototype or hold a NUL, what JSON cannot say.
 */
export function lookThrough(value: unknown): JsonReport {
  const path: (string | number)[] = [];
  let fault: JsonFault | null = null;
  let illFormed = false;
  let chars = 0;
  let parts = 0;

  function refuse(message: string): false {
    fault = { message, path: [...path] };
    return false;
  }

  function look(part: unknown, depth: number): boolean {
    parts += 1;
    if (chars > eventBytesMax || parts > eventBytesMax) return false;
    switch (typeof part) {
      case 'string':
        chars += part.length;
        if (!isWellFormed(part)) illFormed = true;
        return true;
      case 'number':
        return Number.isFinite(part) || refuse('must be a finite number');
      case 'boolean':
      case 'undefined':
        return true;
      case 'object':
        break;
      default:
        return refuse('must be JSON');
    }
    if (part === null || part instanceof Date) return true;
    if (depth > depthMax) return refuse(`must not be nested more than ${depthMax} levels deep`);
    if (Array.isArray(part)) {
      for (let i = 0; i < part.length; i++) {
        path.push(i);
        if (!look(part[i], depth + 1)) return false;
        path.pop();
      }
      return true;
    }
    for (const key of Object.keys(part)) {
      path.push(key);
      chars += key.length;
      if (forbiddenKeys.has(key)) return refuse('is a name that is not allowed; choose another');
      if (key.includes('\0') || !isWellFormed(key)) {
        return refuse('is a name with a NUL or half of a surrogate pair; choose another');
      }
      if (!look((part as Record<string, unknown>)[key], depth + 1)) return false;
      path.pop();
    }
    return true;
  }

  const whole = look(value, 1);
  return {
    fault,
    // A character takes six bytes at most (\u0000), a number 25, punctuation around a part 5.
    bytesAtMost: whole ? chars * 6 + parts * 30 : Number.POSITIVE_INFINITY,
    illFormed,
  };
}

/** True if a string has no half of a surrogate pair. */
export function isWellFormed(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdfff) continue;
    if (unit > 0xdbff) return false;
    const next = text.charCodeAt(++i);
    if (!(next >= 0xdc00 && next <= 0xdfff)) return false;
  }
  return true;
}

/** The same text with U+FFFD in place of every half of a surrogate pair. */
export function wellFormed(text: string): string {
  return isWellFormed(text) ? text : text.replace(/\p{Surrogate}/gu, '\ufffd');
}

/** A deep copy with well-formed strings only. */
export function mended(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return JSON.parse(
    JSON.stringify(value, (_, part: unknown) => (typeof part === 'string' ? wellFormed(part) : part)),
  ) as Record<string, unknown>;
}
