import { mix } from './body-digest.js';

/**
 * 12 bits of a network, never 0, to count independent clients by: of the IPv4 addresses a million share each print, so that it names none.
 * Undefined if the network is not known. Prints are stored, so equal networks must have equal ones in every version.
 */
export function networkPrint(network: string | undefined): number | undefined {
  if (network === undefined) return undefined;
  let bits = 0x811c9dc5;
  for (let at = 0; at < network.length; at++) bits = Math.imul(bits ^ network.charCodeAt(at), 0x01000193);
  bits = mix(bits);
  return (bits ^ (bits >>> 12)) & 0xfff || 1;
}
