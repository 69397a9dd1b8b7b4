import { dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeError } from './errors.js';
import type { Log, Plugin } from './plugin.js';
import { pluginInScope } from './plugin-scope.js';

export interface FaultParts {
  readonly log: Log;
  readonly plugins: readonly Plugin[];
  /** Where Rapport's own `src/` and `plugins/` are. */
  readonly projectDirectory: string;
}

type Process = Pick<NodeJS.Process, 'on' | 'exit'>;

/**
 * Decides about failures that nobody caught. A rejection is logged and the process goes on. So it does after a network error
 * and after an exception of a third party's plugin, if no code of Rapport was interrupted; after any other exception the state
 * of the process is unknown, so it is logged and the process ends with code 1. Errors without code in their stack, such as `throw 'text'`
 * and those of Node's streams, are of the plugin in whose scope they come; the last line of a process names the plugins that it may be. `partsNow` is called for each failure.
 */
export function followProcessFaults(process: Process, partsNow: () => FaultParts): void {
  function report(error: unknown, plugin: string | null): void {
    const fields = { ...(plugin ? { plugin } : {}), err: describeError(error) };
    partsNow().log.error('nobody caught an error; the process goes on', fields);
  }

  process.on('unhandledRejection', (error) => {
    report(error, originOf(error, partsNow()).plugin ?? pluginInScope());
  });
  process.on('uncaughtException', (error) => {
    const parts = partsNow();
    const { plugin, isForeign, isOwn } = originOf(error, parts);
    const inScope = pluginInScope();
    const thirdParties = parts.plugins.flatMap(({ name, source }) => (source === undefined ? [] : [name]));
    // Rapport's code throws errors only.
    const isNoError = !(error instanceof Error) && thirdParties.length > 0;
    const isOthers = isForeign || inScope !== null || isNoError || isNetworkError(error);
    if (isOthers && !isOwn) return report(error, plugin ?? inScope);
    const suspects = inScope ? [inScope] : isOwn ? [] : thirdParties;
    parts.log.error('nobody caught an exception; the state of this process is unknown, so it ends', {
      ...(plugin ? { plugin } : {}),
      ...(suspects.length > 0 ? { suspects } : {}),
      err: describeError(error),
    });
    process.exit(1);
  });
}

export interface FaultOrigin {
  /** The plugin whose code is in the stack, a third party's before ours; null if there is none. */
  readonly plugin: string | null;
  /** A third party's code is in the stack and none of Rapport's. */
  readonly isForeign: boolean;
  /** Rapport's code is in the stack. */
  readonly isOwn: boolean;
}

const networkErrors: ReadonlySet<unknown> = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

/** A peer or the network ended a connection that has no listener for errors. */
function isNetworkError(error: unknown): boolean {
  return networkErrors.has((error as Partial<NodeJS.ErrnoException> | null | undefined)?.code);
}

interface Folder {
  /** Part of the paths of its files. */
  readonly path: string;
  /** null: the core. */
  readonly plugin: string | null;
  readonly isForeign: boolean;
}

/** Reads from the stack of an error whose code failed. */
export function originOf(error: unknown, { plugins, projectDirectory }: FaultParts): FaultOrigin {
  const folders = foldersOf(plugins, projectDirectory);
  const stack = (error as Partial<Error> | null | undefined)?.stack;
  const found = (typeof stack === 'string' ? stack.split('\n') : []).flatMap((line) => {
    const file = fileOf(line);
    return file === null ? [] : (folders.find(({ path }) => contains(path, file)) ?? []);
  });
  const foreign = found.find(({ isForeign }) => isForeign);
  const own = found.filter(({ isForeign }) => !isForeign);
  return {
    plugin: (foreign ?? own.find(({ plugin }) => plugin !== null))?.plugin ?? null,
    isForeign: foreign !== undefined && own.length === 0,
    isOwn: own.length > 0,
  };
}

/** The most exact first. */
function foldersOf(plugins: readonly Plugin[], project: string): readonly Folder[] {
  const folders: Folder[] = [];
  for (const { name, source } of plugins) {
    if (source === undefined) continue;
    const paths = isAbsolute(source)
      ? [source, `${dirname(source)}/`]
      : [`/node_modules/${packageOf(source)}/`];
    for (const path of paths) folders.push({ path, plugin: name, isForeign: true });
  }
  for (const root of [project, join(project, 'dist')]) {
    folders.push({ path: `${root}/src/`, plugin: null, isForeign: false });
    for (const { name, source } of plugins)
      if (source === undefined)
        folders.push({ path: `${root}/plugins/${name}/`, plugin: name, isForeign: false });
  }
  return folders.sort((a, b) => b.path.length - a.path.length);
}

/** A dependency in the folder is not part of it, since others may use it too. */
function contains(path: string, file: string): boolean {
  const at = file.indexOf(path);
  return at >= 0 && !file.includes('/node_modules/', at + path.length - 1);
}

/** `@acme/rapport-x/more.js` → `@acme/rapport-x` */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** `at f (file:///shop/x.js:1:2)` → `/shop/x.js` */
function fileOf(frame: string): string | null {
  const text = frame.trim();
  if (!text.startsWith('at ')) return null;
  const parts = text.endsWith(')')
    ? text.slice(text.lastIndexOf('(') + 1, -1).split(':')
    : text.slice(text.startsWith('at async ') ? 9 : 3).split(':');
  const isNumbered = parts.length > 2 && parts.slice(-2).every((part) => /^\d+$/.test(part));
  if (!isNumbered) return null;
  const place = parts.slice(0, -2).join(':');
  if (place.startsWith('file:///')) return fileURLToPath(place);
  return place.startsWith('/') ? place : null;
}
