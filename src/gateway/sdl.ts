import { type GraphQLSchema, printSchema } from 'graphql';
import { RapportError } from '../errors.js';
import { entityTag, type StaticFile } from '../kit/static-file.js';

export const schemaPath = '/schema.graphql';

/** Returns the schema as a file for tools such as code generators. It is printed at its first use. */
export function createSdl(schema: GraphQLSchema): () => StaticFile {
  let file: StaticFile | null = null;
  return () => {
    if (file) return file;
    const body = Buffer.from(`${printSchema(schema)}\n`);
    file = { body, contentType: 'application/graphql; charset=utf-8', etag: entityTag(body) };
    return file;
  };
}

export function sdlHidden(): RapportError {
  return new RapportError(
    'denied',
    'GRAPHQL_INTROSPECTION',
    'The schema is shown in development mode and to keys of other roles than STOREFRONT; send one as x-api-key.',
    { httpStatus: 403 },
  );
}
