import type { X509Certificate } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { describeError } from '../../src/errors.js';
import { inTime } from '../../src/kit/in-time.js';
import type { Host } from '../../src/plugin.js';
import { type Signer, signerOf } from './certificates.js';

/** Amazon uses one certificate at a time, and changes it every few months. */
const signersMax = 10;
/** A chain is checked anew after this time, so that a root that is no longer trusted does not hold for good. */
const keptMs = 6 * 60 * 60_000;
const refusedMs = 60_000;
const refusedMax = 100;
/** Anybody can send a request with another address, so that fetches are few. */
const fetchesPerMinuteMax = 20;
const fetchMs = 1_500;

/** Reads a certificate chain in PEM. Rejects for anything but a response with status 200 of at most 64 KB. */
export type FetchChain = (url: string, signal: AbortSignal) => Promise<string>;

export interface SignerCache {
  /** The signer whose chain is at a URL that was found to be one of Amazon. Rejects with what is wrong with it. */
  signer(url: string): Promise<Signer>;
}

export function createSignerCache(
  { clock, log }: Pick<Host, 'clock' | 'log'>,
  fetchChain: FetchChain,
  roots: () => readonly X509Certificate[],
): SignerCache {
  const signers = new LRUCache<string, Signer & { readonly checkedAtMs: number }>({ max: signersMax });
  const perf = { now: () => clock.monotonicMs() };
  const refused = new LRUCache<string, Error>({ max: refusedMax, ttl: refusedMs, perf });
  const inFlight = new Map<string, Promise<Signer>>();
  let minute = 0;
  let fetches = 0;

  function countFetch(): void {
    const now = Math.floor(clock.monotonicMs() / 60_000);
    if (now !== minute) fetches = 0;
    minute = now;
    if (++fetches > fetchesPerMinuteMax)
      throw new Error(`more than ${fetchesPerMinuteMax} certificate chains were requested within a minute`);
  }

  async function read(url: string): Promise<string> {
    const aborting = new AbortController();
    const chain = await inTime(clock, fetchMs, fetchChain(url, aborting.signal));
    if (chain !== null) return chain;
    aborting.abort();
    throw new Error(`the certificate chain was not there within ${fetchMs} ms`);
  }

  /** `known`: the signer of before, which holds while the chain cannot be read. */
  async function load(url: string, known: Signer | undefined): Promise<Signer> {
    let chain: string;
    try {
      countFetch();
      chain = await read(url);
    } catch (error) {
      if (known === undefined) throw error;
      return known;
    }
    try {
      return signerOf(chain, roots(), clock.nowMs());
    } catch (error) {
      log.warn('a certificate for requests of Alexa is not accepted', { url, err: describeError(error) });
      throw error;
    }
  }

  return {
    async signer(url) {
      const nowMs = clock.nowMs();
      const kept = signers.get(url);
      const known = kept !== undefined && kept.validUntilMs > nowMs ? kept : undefined;
      if (known !== undefined && clock.monotonicMs() - known.checkedAtMs < keptMs) return known;
      const fault = refused.get(url);
      if (fault !== undefined) throw fault;
      const running = inFlight.get(url) ?? load(url, known);
      inFlight.set(url, running);
      try {
        const signer = await running;
        if (signer !== known) signers.set(url, { ...signer, checkedAtMs: clock.monotonicMs() });
        return signer;
      } catch (error) {
        signers.delete(url);
        refused.set(url, error instanceof Error ? error : new Error(String(error)));
        throw error;
      } finally {
        inFlight.delete(url);
      }
    },
  };
}

const chainBytesMax = 65_536;

/** Reads a chain over HTTPS. A redirect could lead away from Amazon, so that none is followed. */
export const fetchOverHttps: FetchChain = async (url, signal) => {
  const response = await fetch(url, { signal, redirect: 'error' });
  if (response.status !== 200 || response.body === null)
    throw new Error(`its address responds with ${response.status}`);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body) {
    bytes += (part as Uint8Array).length;
    if (bytes > chainBytesMax) throw new Error(`the chain has more than ${chainBytesMax} bytes`);
    parts.push(part as Uint8Array);
  }
  return Buffer.concat(parts).toString('latin1');
};
