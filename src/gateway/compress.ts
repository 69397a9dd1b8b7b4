import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants } from 'node:zlib';
import compression from 'compression';
import type { Request, Response } from 'express';

/** Smaller bodies fit into three packets of a network, so that packing them saves no time. */
export const packedBytesMin = 4_096;
/** The level of gzip and brotli. Higher ones take several times the CPU for a few percent. */
const level = 4;

const pack = compression({
  threshold: packedBytesMin,
  level,
  brotli: { params: { [constants.BROTLI_PARAM_QUALITY]: level } },
  // The length is known of whole bodies only: parts of a stream must not wait for others.
  filter: (request, response) =>
    response.hasHeader('content-length') && compression.filter(request, response),
});

/** Packs the body of a response with brotli or gzip if the client takes it and it is large. To be called before `writeHead`. */
export function packLarge(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers['accept-encoding'] !== undefined)
    pack(request as Request, response as Response, () => undefined);
}
