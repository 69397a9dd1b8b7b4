import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Upwards from this file to where `schema/` is: the same for sources and for what is built from them. */
export function projectDirectory(): string {
  let directory = import.meta.dirname;
  while (!existsSync(join(directory, 'schema', 'base.graphql'))) {
    const parent = dirname(directory);
    if (parent === directory) throw new Error('schema/base.graphql is nowhere above this module');
    directory = parent;
  }
  return directory;
}
