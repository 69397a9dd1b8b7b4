import type { IncomingMessage } from 'node:http';
import { expect } from 'chai';
import { type ApiKeys, createApiKeys, developmentKeys } from '../../src/gateway/keys.js';
import { refuseOtherHosts } from '../../src/gateway/loopback.js';

describe('API keys', () => {
  const production = { development: false };

  it('are read from commas and lines, several of a role, with comments', () => {
    const keys = createApiKeys(
      '# shop\nSTOREFRONT=first-key,STOREFRONT=second-key\nSERVER = third=key= ',
      production,
    );
    expect(keys.ownerOf('first-key')?.role).to.equal('STOREFRONT');
    expect(keys.ownerOf('second-key')?.role).to.equal('STOREFRONT');
    expect(keys.ownerOf('third=key=')?.role).to.equal('SERVER');
    expect(keys.ownerOf('shop')).to.equal(undefined);
  });

  const file = (text: string) => ({ ...production, file: { name: 'keys.txt', text } });
  const validOf = (keys: ApiKeys, names: readonly string[]) =>
    names.filter((name) => keys.ownerOf(`${name}-key`)).join(' ');

  it('of a file are replaced at once: a key that was used a moment ago is unknown', () => {
    const keys = createApiKeys('ADMIN=configured-key', file('STOREFRONT=first-key\n'));
    const names = ['configured', 'first', 'second'];
    expect(validOf(keys, names)).to.equal('configured first');
    expect(keys.replaceFile('STOREFRONT=second-key\n')).to.deep.equal([]);
    expect(validOf(keys, names)).to.equal('configured second');
  });

  it('of a line that is not complete are not valid, at the start and later, unless they were before', () => {
    const whole = 'STOREFRONT=storefront-key\nSERVER=server-key\n';
    expect(() => createApiKeys('', file(whole.slice(0, -3)))).to.throw(
      'keys.txt, line 2: the line has no line break',
    );
    const keys = createApiKeys('', file(whole));
    for (let end = whole.length; end > 0; end--) {
      const part = whole.slice(0, end);
      try {
        keys.replaceFile(part);
      } catch (error) {
        expect((error as Error).message).to.contain('no usable key');
      }
      for (let length = 8; length < 'storefront-key'.length; length++)
        expect(keys.ownerOf('storefront-key'.slice(0, length)), part).to.equal(undefined);
      for (let length = 8; length < 'server-key'.length; length++)
        expect(keys.ownerOf('server-key'.slice(0, length)), part).to.equal(undefined);
    }
    expect(validOf(keys, ['storefront'])).to.equal('storefront');
    expect(keys.replaceFile('STOREFRONT=storefront-key')[0]).to.contain('line 1: the line has no line break');
    expect(validOf(keys, ['storefront'])).to.equal('storefront');
  });

  it('stay valid when their file lists none', () => {
    const keys = createApiKeys('ADMIN=configured-key', file('STOREFRONT=first-key\n'));
    for (const text of ['', '\n', '# none\n', 'STOREFRNT=third-key\n', 'SERVER=half-writ'])
      expect(() => keys.replaceFile(text), text).to.throw('keys.txt lists no usable key');
    expect(validOf(keys, ['configured', 'first'])).to.equal('configured first');
  });

  it('are added and revoked by the other lines of a file with faults, which are named without the keys', () => {
    const keys = createApiKeys('ADMIN=configured-key', file('STOREFRONT=leaked-key\nSERVER=kept-key\n'));
    const faults = keys.replaceFile(
      '# rotated\nSTOREFRONT=new-key-\nSERVER=kept-key,STOREFRNT=secret-one\nsecret-two=SERVER\nSERVER=secret\nSERVER=configured-key\nsecret-three\n',
    );
    expect(keys.ownerOf('new-key-')?.role).to.equal('STOREFRONT');
    expect(validOf(keys, ['configured', 'leaked', 'kept'])).to.equal('configured kept');
    expect(keys.ownerOf('configured-key')?.role).to.equal('ADMIN');
    const roles = 'is not a role; the roles are STOREFRONT, SERVER, MERCHANDISER, ADMIN';
    expect(faults).to.deep.equal([
      `keys.txt, line 3: "STOREFRNT" ${roles}`,
      `keys.txt, line 4: the text before "=" ${roles}`,
      'keys.txt, line 5: a key of SERVER has 6 characters; allowed are 8 to 256',
      'keys.txt, line 6: one key has two roles, ADMIN and SERVER',
      `keys.txt, line 7: the text before "=" ${roles}`,
    ]);
  });

  it('that everybody knows are refused outside development mode', () => {
    for (const key of [...Object.values(developmentKeys), 'change-me-server', 'change-me']) {
      expect(() => createApiKeys(`SERVER=${key}`, production), key).to.throw('everybody knows');
      expect(createApiKeys(`SERVER=${key}`, { development: true }).ownerOf(key)?.role).to.equal('SERVER');
    }
  });

  it('are refused when there is none, one is short or long, or one has two roles, without showing them', () => {
    const faults: Readonly<Record<string, string>> = {
      '': 'no API key',
      '# nothing\n': 'no API key',
      'SERVER=secret': '6 characters; allowed are 8 to 256',
      [`SERVER=${'x'.repeat(257)}`]: '257 characters; allowed are 8 to 256',
      'SERVER=one-secret,ADMIN=one-secret': 'two roles',
    };
    for (const [text, message] of Object.entries(faults)) {
      let thrown = '';
      try {
        createApiKeys(text, production);
      } catch (error) {
        thrown = (error as Error).message;
      }
      expect(thrown, text).to.contain(message);
      expect(thrown).not.to.contain('secret');
    }
  });
});

describe('development mode', () => {
  const requested = (host: string | undefined) => () =>
    refuseOtherHosts({ headers: { host } } as IncomingMessage);

  it('answers to the names of this machine alone, so that no page can point its own name here', () => {
    for (const host of [
      'localhost:4000',
      'LOCALHOST',
      '127.0.0.1:4000',
      '[::1]:4000',
      'shop.localhost:4000',
      undefined,
    ])
      expect(requested(host), host).not.to.throw();
    for (const host of ['evil.example:4000', 'localhost.evil.example', '127.0.0.1.evil.example:4000'])
      expect(requested(host), host).to.throw('is reached as localhost or by an address');
  });
});
