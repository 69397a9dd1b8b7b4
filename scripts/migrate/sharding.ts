import { pathToFileURL } from 'node:url';
import { plugins } from '../../plugins/index.js';
import type { CollectionSpec, Document } from '../../src/ports/store.js';
import { declaredCollections } from './stores.js';

/** For mongosh: how to spread the collections that say by what they may be. The others stay small and are left whole. */
export function shardingCommands(
  specs: readonly CollectionSpec<Document>[],
  database: string,
): readonly string[] {
  return specs.flatMap(({ name, shardBy }) => {
    if (shardBy === undefined) return [];
    const key = shardBy === 'id' ? "{ _id: 'hashed' }" : `{ 'fields.${shardBy}': 1 }`;
    return [`sh.shardCollection('${database}.${name}', ${key})`];
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const line of shardingCommands(await declaredCollections(plugins), process.argv[2] ?? 'rapport')) {
    console.log(line);
  }
}
