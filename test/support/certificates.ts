import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** Makes X.509 certificates for tests: DER by hand (RFC 5280), since Node.js reads them only. */
export interface CertificateOptions {
  readonly subject: string;
  readonly publicKey: KeyObject;
  readonly issuer: string;
  readonly issuerKey: KeyObject;
  readonly ca?: boolean;
  readonly hosts?: readonly string[];
  readonly from?: Date;
  readonly until?: Date;
}

function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const sequence = (...contents: readonly Uint8Array[]): Buffer => der(0x30, ...contents);

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = rest.flatMap((part) => {
    const groups = [part & 127];
    for (let left = part >> 7; left > 0; left >>= 7) groups.unshift((left & 127) | 128);
    return groups;
  });
  return der(0x06, Buffer.from([first * 40 + second, ...bytes]));
}

const name = (common: string): Buffer =>
  sequence(der(0x31, sequence(oid('2.5.4.3'), der(0x0c, Buffer.from(common)))));

/** GeneralizedTime serves every year. */
const time = (date: Date): Buffer =>
  der(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]|\.\d+Z$/g, '')}Z`));

const extension = (id: string, value: Uint8Array): Buffer => sequence(oid(id), der(0x04, value));

let serial = 0;

/** A certificate in PEM. */
export function certificate({
  subject,
  publicKey,
  issuer,
  issuerKey,
  ca = false,
  hosts = [],
  from = new Date('2025-01-01'),
  until = new Date('2027-01-01'),
}: CertificateOptions): string {
  const algorithm = sequence(oid('1.2.840.113549.1.1.11'), der(0x05));
  const extensions = [
    extension('2.5.29.19', sequence(...(ca ? [der(0x01, Buffer.from([255]))] : []))),
    ...(hosts.length > 0
      ? [extension('2.5.29.17', sequence(...hosts.map((host) => der(0x82, Buffer.from(host)))))]
      : []),
  ];
  const content = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1, ++serial])),
    algorithm,
    name(issuer),
    sequence(time(from), time(until)),
    name(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', content, issuerKey);
  const whole = sequence(content, algorithm, der(0x03, Buffer.from([0]), signature));
  return `-----BEGIN CERTIFICATE-----\n${whole.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
}

export function rsaKeys(bits = 2_048): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  return generateKeyPairSync('rsa', { modulusLength: bits });
}
