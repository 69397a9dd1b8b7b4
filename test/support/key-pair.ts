import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto';

const made: KeyPairKeyObjectResult[] = [];

/** RSA keys of an identity provider. Each number has its own pair, made once in a process, since it takes half a second. */
export function keyPair(number = 0): KeyPairKeyObjectResult {
  made[number] ??= generateKeyPairSync('rsa', { modulusLength: 2048 });
  return made[number];
}
