import type { IncomingMessage } from 'node:http';
import { expect } from 'chai';
import { addressOf, createProxyWarning, isPublicNetwork, siteOf } from '../../src/gateway/address.js';

describe('The address of a client', () => {
  const request = (remoteAddress: string, forwarded?: string) =>
    ({
      socket: { remoteAddress },
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
    }) as unknown as IncomingMessage;

  it('is that of the connection, and X-Forwarded-For is not believed', () => {
    expect(addressOf(request('192.0.2.7', '203.0.113.1'), 0)).to.equal('192.0.2.7');
    expect(addressOf(request('::ffff:192.0.2.7'), 0)).to.equal('192.0.2.7');
  });

  it('is named by the outermost trusted proxy, whatever the client put in front', () => {
    expect(addressOf(request('10.0.0.1', '1.1.1.1, 203.0.113.9'), 1)).to.equal('203.0.113.9');
    expect(addressOf(request('10.0.0.1', '1.1.1.1, 203.0.113.9, 10.0.0.2'), 2)).to.equal('203.0.113.9');
    expect(addressOf(request('10.0.0.1', '203.0.113.9'), 3)).to.equal('203.0.113.9');
    for (const forged of ['', 'x'.repeat(9_000), "';--", 'unknown', '999.1.1.1'])
      expect(addressOf(request('10.0.0.1', forged), 1)).to.equal('10.0.0.1');
    expect(addressOf(request('10.0.0.1'), 1)).to.equal('10.0.0.1');
  });

  it('is the /64 network of an IPv6 address, however it is written', () => {
    const network = '2001:db8:1:2::/64';
    for (const text of ['2001:db8:1:2::9', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2:0:0:0:1'])
      expect(addressOf(request(text), 0)).to.equal(network);
    expect(addressOf(request('::1'), 0)).to.equal('0:0:0:0::/64');
    expect(addressOf(request('2001:db8::1'), 0)).to.equal('2001:db8:0:0::/64');
  });

  it('leads to one warning when a proxy is in front and none is trusted', () => {
    const warnings = (proxies: number, ...forwarded: (string | undefined)[]) => {
      const lines: string[] = [];
      const ignore = () => undefined;
      const log = { error: ignore, info: ignore, debug: ignore, warn: (line: string) => lines.push(line) };
      const warn = createProxyWarning(proxies, log);
      for (const each of forwarded) warn(request('127.0.0.1', each));
      return lines;
    };
    const lines = warnings(0, undefined, '203.0.113.7', '203.0.113.8');
    expect(lines.length).to.equal(1);
    expect(lines[0]).to.include('RAPPORT_TRUST_PROXY');
    expect(warnings(0, undefined)).to.deep.equal([]);
    expect(warnings(1, '203.0.113.7')).to.deep.equal([]);
  });
});

describe('The network that tells independent clients apart', () => {
  it('is the /48 of an IPv6 address, of which one customer has every /64', () => {
    for (const network of ['2001:470:1f0b:1::/64', '2001:470:1f0b:ffff::/64'])
      expect(siteOf(network)).to.equal('2001:470:1f0b::/48');
    expect(siteOf('203.0.113.9')).to.equal('203.0.113.9');
  });

  it('is a public one: a private address belongs to a proxy or the shop', () => {
    for (const network of ['203.0.113.9', '2a00:1450:4001:81b::/64'])
      expect(isPublicNetwork(network)).to.equal(true);
    for (const network of [
      '10.1.2.3',
      '127.0.0.1',
      '172.20.0.1',
      '192.168.1.1',
      '100.64.0.1',
      '0:0:0:0::/64',
      'fd00:1:2:3::/64',
      '',
    ])
      expect(isPublicNetwork(network), network).to.equal(false);
  });
});
