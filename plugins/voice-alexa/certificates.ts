import { type KeyObject, X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { lazily } from '../../src/kit/lazily.js';

const signerHost = 'echo-api.amazon.com';
const certificatesMax = 6;
const keyBitsMin = 2_048;
const block = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]{1,20000}-----END CERTIFICATE-----/g;

/** A signing certificate that was found valid. */
export interface Signer {
  readonly key: KeyObject;
  /** The first moment at which a certificate of its chain no longer holds. */
  readonly validUntilMs: number;
}

/** The roots that Node.js trusts, by subject. Parsing all of them takes some 20 ms. */
export const trustedRoots = lazily(() => rootCertificates.map((pem) => new X509Certificate(pem)));

/**
 * Checks a chain of certificates in PEM, the signing one first: each is in force, issued by the next, and the last one by a trusted root.
 * Throws an Error that names what is wrong.
 */
export function signerOf(chain: string, roots: readonly X509Certificate[], nowMs: number): Signer {
  const certificates = (chain.match(block) ?? [])
    .slice(0, certificatesMax + 1)
    .map((pem) => new X509Certificate(pem));
  const [signer] = certificates;
  if (signer === undefined) throw new Error('the chain has no certificate');
  if (certificates.length > certificatesMax)
    throw new Error(`the chain has more than ${certificatesMax} certificates`);
  if (signer.ca) throw new Error('the signing certificate is one of an authority');
  // The name in the subject does not count, and neither does one with a wildcard.
  if (signer.checkHost(signerHost, { subject: 'never', wildcards: false }) === undefined)
    throw new Error(`the signing certificate is not one of ${signerHost}`);
  const { publicKey } = signer;
  if (
    publicKey.asymmetricKeyType !== 'rsa' ||
    (publicKey.asymmetricKeyDetails?.modulusLength ?? 0) < keyBitsMin
  )
    throw new Error(`the signing certificate has no RSA key of at least ${keyBitsMin} bits`);
  let validUntilMs = Number.POSITIVE_INFINITY;
  for (const [at, certificate] of certificates.entries()) {
    validUntilMs = Math.min(validUntilMs, inForceUntil(certificate, nowMs));
    const root = roots.find((each) => isIssuedBy(certificate, each) && isInForce(each, nowMs));
    if (root !== undefined)
      return { key: publicKey, validUntilMs: Math.min(validUntilMs, Date.parse(root.validTo)) };
    const next = certificates[at + 1];
    if (next === undefined) break;
    if (!isIssuedBy(certificate, next))
      throw new Error('a certificate of the chain was not issued by the next one');
  }
  throw new Error('the chain does not end at a trusted root');
}

function inForceUntil(certificate: X509Certificate, nowMs: number): number {
  if (!isInForce(certificate, nowMs))
    throw new Error('a certificate of the chain has expired, or is not in force yet');
  return Date.parse(certificate.validTo);
}

function isInForce({ validFrom, validTo }: X509Certificate, nowMs: number): boolean {
  return Date.parse(validFrom) <= nowMs && nowMs < Date.parse(validTo);
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}
