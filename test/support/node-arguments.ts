import { join } from 'node:path';
import { projectDirectory } from '../../src/project-directory.js';

/** True in `npm test`, which builds everything first. */
export const isBuilt = import.meta.filename.endsWith('.js');

/** The file of a module such as `src/main.ts`: its source, or its build when the tests themselves run from the build, as in `npm test`. */
export function moduleFile(module: string): string {
  return isBuilt
    ? join(projectDirectory(), 'dist', module.replace(/\.ts$/, '.js'))
    : join(projectDirectory(), module);
}

/** Arguments with which Node.js runs a module of the repository. */
export function nodeArguments(module: string): string[] {
  return [...nodeLoader, moduleFile(module)];
}

/** Arguments with which Node.js can import what {@link moduleFile} returns. */
export const nodeLoader: readonly string[] = isBuilt ? [] : ['--import=tsx'];
