import { expect } from 'chai';
import { createApiKeys, developmentKeys } from '../../src/gateway/keys.js';

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

  it('are replaced at once: a key that was used a moment ago is unknown', () => {
    const keys = createApiKeys('STOREFRONT=first-key', production);
    expect(keys.ownerOf('first-key')?.role).to.equal('STOREFRONT');
    keys.replace('STOREFRONT=second-key');
    expect(keys.ownerOf('first-key')).to.equal(undefined);
    expect(keys.ownerOf('second-key')?.role).to.equal('STOREFRONT');
    expect(() => keys.replace('STOREFRNT=third-key')).to.throw('"STOREFRNT" is not a role');
    expect(keys.ownerOf('second-key')?.role).to.equal('STOREFRONT');
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
