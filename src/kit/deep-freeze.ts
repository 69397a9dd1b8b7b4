/** Tells a getter from a value without making anything, which a descriptor would for every property. */
const getterOf: (this: object, key: string) => unknown = Reflect.get(Object.prototype, '__lookupGetter__');

/**
 * Makes plain objects and arrays unchangeable, with all plain objects and arrays in them, and returns the value. Instances of classes
 * (dates, maps, buffers) stay as they are. Frozen values are not searched, and no getter is run, since it makes
 * its value for each caller.
 */
export function deepFreeze<T>(value: T): T {
  if (isPlain(value) && !Object.isFrozen(value)) {
    Object.freeze(value);
    // An iterator over a frozen array makes an object for each element.
    if (Array.isArray(value)) for (let at = 0; at < value.length; at++) deepFreeze(value[at]);
    else for (const key in value) if (getterOf.call(value, key) === undefined) deepFreeze(value[key]);
  }
  return value;
}

function isPlain(value: unknown): value is Record<string, unknown> | unknown[] {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}

/** Makes a JSON value unchangeable, in a fifth of the time: nothing in it is an instance of a class, and nothing has a getter. */
export function freezeJson<T>(value: T): T {
  if (typeof value === 'object' && value !== null) freezeObject(value);
  return value;
}

/** Freezes an object behind all that is in it: what is frozen takes longer to go through. */
function freezeObject(value: object): void {
  if (Object.isFrozen(value)) return;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at++) {
      const element: unknown = value[at];
      if (typeof element === 'object' && element !== null) freezeObject(element);
    }
  } else {
    for (const key in value) {
      const part: unknown = (value as Readonly<Record<string, unknown>>)[key];
      if (typeof part === 'object' && part !== null) freezeObject(part);
    }
  }
  Object.freeze(value);
}
