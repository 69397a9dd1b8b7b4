import { didYouMean } from './kit/nearest-name.js';
import type { Instance, PluginSpec } from './plugin.js';

type Names<T> = Readonly<Record<keyof T, true>>;

/** Of a plugin; the compiler checks that none is missing. */
export const specFields: Names<PluginSpec<never, never, never, never>> = {
  name: true,
  provides: true,
  needs: true,
  compatibility: true,
  sdl: true,
  replaces: true,
  resolvers: true,
  settings: true,
  drivers: true,
  driversFor: true,
  create: true,
};

/** Of what `create` returns. */
export const instanceFields: Names<Instance<unknown>> = {
  port: true,
  resolvers: true,
  steady: true,
  reactions: true,
  schedule: true,
  contributes: true,
  rateStore: true,
  routes: true,
  start: true,
  check: true,
  close: true,
};

/** Throws an Error that names the first unknown field and the nearest known one, so that a typing error does not switch a part off. */
export function refuseUnknownFields(
  value: object,
  known: Readonly<Record<string, true>>,
  what: string,
): void {
  for (const field of Object.keys(value)) {
    if (Object.hasOwn(known, field)) continue;
    const hint = didYouMean(field, Object.keys(known)) || `; it has ${Object.keys(known).join(', ')}`;
    throw new Error(`${what} has no field "${field.slice(0, 60)}"${hint}`);
  }
}
