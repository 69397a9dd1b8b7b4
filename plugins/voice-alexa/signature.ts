import { verify } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { RapportError } from '../../src/errors.js';
import type { SignerCache } from './signer-cache.js';

/** The time that a request may be away from now, before or after: Amazon's limit. */
export const toleranceMs = 150_000;
const urlLengthMax = 500;
const signatureLengthMax = 2_000;
const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;

/** The headers by which a request proves that it comes from Alexa. */
export interface SignedHeaders {
  readonly certificateUrl: string;
  readonly signature: Buffer;
}

/** Reads the headers, before anything else of a request is. Throws `denied` with status 400, as Amazon requires. */
export function signedHeaders(headers: IncomingHttpHeaders): SignedHeaders {
  return {
    certificateUrl: certificateUrl(headers.signaturecertchainurl),
    signature: signatureOf(headers['signature-256']),
  };
}

/**
 * Checks that a request comes from Alexa, by the rules of "Host a Custom Skill as a Web Service": the chain of the certificate, and the
 * signature of the very bytes of the body. Throws as `signedHeaders`.
 */
export async function checkSignature(
  { certificateUrl: url, signature }: SignedHeaders,
  body: Buffer,
  signers: SignerCache,
): Promise<void> {
  const signer = await signers.signer(url).catch(() => {
    throw refused('its certificate chain is not accepted');
  });
  if (!verify('RSA-SHA256', body, signer.key, signature))
    throw refused('its signature is not one of its body');
}

/** Checks the time of a request. Throws as `signedHeaders`. */
export function checkTime(sentAt: unknown, nowMs: number): void {
  const sentAtMs = typeof sentAt === 'string' && timestamp.test(sentAt) ? Date.parse(sentAt) : Number.NaN;
  if (!(Math.abs(nowMs - sentAtMs) <= toleranceMs))
    throw refused(`its timestamp is not within ${toleranceMs / 1_000} seconds of now`);
}

/** The address of the certificate chain in its normal form: https, Amazon's host, port 443, and a path in `/echo.api/`. */
export function certificateUrl(header: string | readonly string[] | undefined): string {
  const wrong = 'its SignatureCertChainUrl is not one of https://s3.amazonaws.com/echo.api/';
  // Characters that a URL parser drops, or that another one could read otherwise, are not in Amazon's addresses.
  if (typeof header !== 'string' || header.length > urlLengthMax || !/^[\w:/.~-]+$/.test(header))
    throw refused(wrong);
  if (!URL.canParse(header)) throw refused(wrong);
  const { protocol, hostname, port, pathname, username, password, href } = new URL(header);
  const isAmazon = protocol === 'https:' && hostname === 's3.amazonaws.com' && port === '';
  if (!isAmazon || username !== '' || password !== '' || !pathname.startsWith('/echo.api/'))
    throw refused(wrong);
  return href;
}

function signatureOf(header: string | readonly string[] | undefined): Buffer {
  if (
    typeof header !== 'string' ||
    header.length > signatureLengthMax ||
    !/^[A-Za-z0-9+/]+={0,2}$/.test(header)
  )
    throw refused('its header Signature-256 is missing, or is not base64');
  return Buffer.from(header, 'base64');
}

export function refused(why: string): RapportError {
  return new RapportError(
    'denied',
    'VOICE_ALEXA_REFUSED',
    `The request is not accepted as one of Alexa: ${why}.`,
    {
      httpStatus: 400,
    },
  );
}
