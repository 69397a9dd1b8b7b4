import type { IncomingMessage, ServerResponse } from 'node:http';
import { type GraphQLSchema, printSchema } from 'graphql';
import { RapportError } from '../errors.js';
import { entityTag, type StaticFile, sendFile } from '../kit/static-file.js';
import type { Authentication } from './authentication.js';
import { packLarge } from './compress.js';
import { secureForPages } from './secure.js';

export const schemaPath = '/schema.graphql';

export interface SdlParts {
  readonly schema: GraphQLSchema;
  readonly authentication: Pick<Authentication, 'ownerOf'>;
  readonly development: boolean;
}

/**
 * Returns a function that sends the schema as a file, for tools such as code generators. It throws `denied` for callers who may not see the
 * schema. The file is printed at its first use.
 */
export function createSdl({ schema, authentication, development }: SdlParts) {
  let file: StaticFile | null = null;

  function printed(): StaticFile {
    const body = Buffer.from(`${printSchema(schema)}\n`);
    return { body, contentType: 'application/graphql; charset=utf-8', etag: entityTag(body) };
  }

  return function answerSdl(request: IncomingMessage, response: ServerResponse): void {
    if (!development && (authentication.ownerOf(request)?.role ?? 'STOREFRONT') === 'STOREFRONT')
      throw sdlHidden();
    file ??= printed();
    secureForPages(response);
    packLarge(request, response);
    sendFile(request, response, file, { 'cache-control': 'private, no-cache' });
  };
}

function sdlHidden(): RapportError {
  return new RapportError(
    'denied',
    'GRAPHQL_INTROSPECTION',
    'The schema is shown in development mode and to keys of other roles than STOREFRONT; send one as x-api-key.',
    { httpStatus: 403 },
  );
}
