import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { Log } from '../plugin.js';

/**
 * The client's address, as limits count it: an IPv4 address, or the /64 network of an IPv6 address, since one client can use all
 * of it. `X-Forwarded-For` is believed only as far as `proxies` trusted ones have appended to it.
 */
export function addressOf(request: IncomingMessage, proxies: number): string {
  const peer = request.socket.remoteAddress ?? '';
  const forwarded = proxies > 0 ? request.headers['x-forwarded-for'] : undefined;
  if (forwarded === undefined) return networkOf(peer);
  const hops = String(forwarded).split(',');
  const named = (hops[Math.max(0, hops.length - proxies)] ?? '').trim();
  return networkOf(isIP(named) > 0 ? named : peer);
}

const notPublic = new BlockList();
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  notPublic.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of [
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  notPublic.addSubnet(network, bits, 'ipv6');
// The network of ::1.
notPublic.addAddress('::', 'ipv6');

/** True if an address that `addressOf` returned is a client's own. A private one belongs to a proxy or to the shop's own machines. */
export function isPublicNetwork(network: string): boolean {
  const [address = ''] = network.split('/', 1);
  const family = isIP(address);
  return family > 0 && !notPublic.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/**
 * The network of one household or company, of an address that `addressOf` returned: an IPv4 address, or the /48 that an IPv6 /64 is in,
 * since one customer of a provider gets as many /64 as a /48 has.
 */
export function siteOf(network: string): string {
  return network.endsWith('::/64') ? `${network.split(':', 3).join(':')}::/48` : network;
}

/** Warns once when a request came through a proxy and none is trusted: then all clients share the limits of one address. */
export function createProxyWarning(proxies: number, log: Log): (request: IncomingMessage) => void {
  let isDone = proxies > 0;
  return ({ headers }) => {
    if (isDone || headers['x-forwarded-for'] === undefined) return;
    isDone = true;
    log.warn(
      'requests arrive with X-Forwarded-For, which RAPPORT_TRUST_PROXY=0 ignores: all clients behind a proxy share the limits of one address; set RAPPORT_TRUST_PROXY to the number of proxies',
    );
  };
}

const mapped = '::ffff:';

/** An IPv4 address as it is, an IPv6 address as its /64 network. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  if (address.startsWith(mapped) && address.includes('.')) return address.slice(mapped.length);
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const last = (tail ?? '').split(':').filter(Boolean);
  if (tail !== undefined) while (groups.length + last.length < 8) groups.push('0');
  return `${[...groups, ...last].slice(0, 4).join(':')}::/64`;
}
