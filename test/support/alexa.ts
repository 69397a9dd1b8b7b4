import { type KeyObject, sign, X509Certificate } from 'node:crypto';
import { plugins } from '../../plugins/index.js';
import { createVoiceAlexa } from '../../plugins/voice-alexa/plugin.js';
import type { AlexaAnswer } from '../../scripts/voice/alexa-json.js';
import { skillId } from '../../scripts/voice/alexa-json.js';
import type { Plugin } from '../../src/plugin.js';
import { certificate, rsaKeys } from './certificates.js';
import type { TestGatewayOptions } from './gateway.js';
import { testKeys } from './gateway.js';
import { openVoiceShop, type VoiceShop } from './voice-shop.js';

export const chainUrl = 'https://s3.amazonaws.com/echo.api/echo-api-cert-12.pem';
const signerHost = 'echo-api.amazon.com';

const keys = { root: rsaKeys(), authority: rsaKeys(), signer: rsaKeys() };
export const signerKey = keys.signer.privateKey;

export const rootPem = certificate({
  subject: 'Root',
  publicKey: keys.root.publicKey,
  issuer: 'Root',
  issuerKey: keys.root.privateKey,
  ca: true,
});

type CertificateChanges = Partial<Parameters<typeof certificate>[0]>;

export const authority = (changes: CertificateChanges = {}): string =>
  certificate({
    subject: 'Authority',
    publicKey: keys.authority.publicKey,
    issuer: 'Root',
    issuerKey: keys.root.privateKey,
    ca: true,
    ...changes,
  });
export const signer = (changes: CertificateChanges = {}): string =>
  certificate({
    subject: 'Signer',
    publicKey: keys.signer.publicKey,
    issuer: 'Authority',
    issuerKey: keys.authority.privateKey,
    hosts: [signerHost],
    ...changes,
  });
/** Signs itself, as a root does, and nobody trusts it. */
export const selfSigned = (changes: CertificateChanges = {}): string =>
  certificate({
    subject: 'Signer',
    publicKey: keys.signer.publicKey,
    issuer: 'Signer',
    issuerKey: keys.signer.privateKey,
    hosts: [signerHost],
    ...changes,
  });

export interface AlexaShop extends VoiceShop {
  /** Certificate chains by address; reading another one fails. */
  readonly chains: Map<string, string>;
  readonly fetched: string[];
  /** Sends a body, signed as Amazon does. */
  send(
    body: unknown,
    changes?: SentChanges,
  ): Promise<{ readonly status: number; readonly text: string; readonly json: AlexaAnswer }>;
  nowIso(offsetMs?: number): string;
}

export interface SentChanges {
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly key?: KeyObject;
  readonly algorithm?: string;
  /** The bytes that are sent after others were signed. */
  readonly sent?: (text: string) => string;
}

export async function openAlexaShop({
  chainDelayMs = 0,
  ...options
}: TestGatewayOptions & {
  readonly plugins?: readonly Plugin[];
  readonly chainDelayMs?: number;
} = {}): Promise<AlexaShop> {
  const chains = new Map([[chainUrl, signer() + authority()]]);
  const fetched: string[] = [];
  const alexa = createVoiceAlexa({
    roots: () => [new X509Certificate(rootPem)],
    async fetchChain(url) {
      fetched.push(url);
      const chain = chains.get(url);
      if (chainDelayMs > 0)
        await new Promise<void>((resolve) => shop.system.clock.after(chainDelayMs, resolve));
      if (chain === undefined) throw new Error('its address responds with 404');
      return chain;
    },
  });
  const shop: VoiceShop = await openVoiceShop([], {
    ...options,
    plugins: (options.plugins ?? plugins).map((plugin) => (plugin.name === 'voice-alexa' ? alexa : plugin)),
    environment: {
      RAPPORT_VOICE_ALEXA_SKILL_IDS: skillId,
      RAPPORT_VOICE_ALEXA_KEY: testKeys.SERVER,
      ...options.environment,
    },
  });
  const nowIso = (offsetMs = 0): string => new Date(shop.system.clock.nowMs() + offsetMs).toISOString();
  return {
    ...shop,
    chains,
    fetched,
    nowIso,
    async send(
      body: unknown,
      { headers = {}, key = signerKey, algorithm = 'sha256', sent = (text) => text }: SentChanges = {},
    ) {
      const signed = typeof body === 'string' ? body : JSON.stringify(body);
      const all: Readonly<Record<string, string | null>> = {
        'content-type': 'application/json;charset=UTF-8',
        signaturecertchainurl: chainUrl,
        'signature-256': sign(algorithm, Buffer.from(signed), key).toString('base64'),
        ...headers,
      };
      const response = await fetch(`${shop.url}/voice/alexa`, {
        method: 'POST',
        headers: Object.entries(all).flatMap(([name, value]) =>
          value === null ? [] : [[name, value] as [string, string]],
        ),
        body: sent(signed),
      });
      const text = await response.text();
      return { status: response.status, text, json: JSON.parse(text) as AlexaAnswer };
    },
  };
}
