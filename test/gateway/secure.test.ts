import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { secure, secureForPages, secureWithScripts } from '../../src/gateway/secure.js';

type Answer = (response: ServerResponse) => void;

/** The headers as they were sent: names in lower case, and one that was sent twice has two values. */
async function headersOf(answer: Answer): Promise<Map<string, string[]>> {
  const server = createServer((_, response) => {
    secure(response);
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const { rawHeaders } = await new Promise<IncomingMessage>((resolve, reject) => {
      get({ port, host: '127.0.0.1', agent: false }, (response) => resolve(response.resume())).on(
        'error',
        reject,
      );
    });
    const sent = new Map<string, string[]>();
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const name = rawHeaders[at]!.toLowerCase();
      sent.set(name, [...(sent.get(name) ?? []), rawHeaders[at + 1]!]);
    }
    return sent;
  } finally {
    server.close();
  }
}

const policy = 'content-security-policy';
const expected = {
  [policy]: "default-src 'none';frame-ancestors 'none'",
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
};

describe('Headers of every response', () => {
  const answers: Readonly<Record<string, Answer>> = {
    'that writes a head': (response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('a'),
    'that writes a head with a reason': (response) =>
      response.writeHead(200, 'Fine', { 'content-type': 'text/plain' }).end('a'),
    'whose names are capitals': (response) =>
      response.writeHead(200, { 'Content-Type': 'text/plain', 'Referrer-Policy': 'no-referrer' }).end('a'),
    'whose headers are a list': (response) =>
      response.writeHead(200, ['content-type', 'text/plain', 'x-content-type-options', 'nosniff']).end('a'),
    'that sets them one by one': (response) => response.setHeader('content-type', 'text/plain').end('a'),
    'that sets one and writes a head': (response) =>
      response.setHeader('retry-after', '1').writeHead(503, { 'content-type': 'text/plain' }).end('a'),
  };
  for (const [what, answer] of Object.entries(answers)) {
    it(`are sent, each once, with an answer ${what}`, async () => {
      const sent = await headersOf(answer);
      for (const [name, value] of Object.entries(expected))
        expect(sent.get(name), name).to.deep.equal([value]);
      expect(sent.get('content-type')).to.deep.equal(['text/plain']);
      expect(sent.has('access-control-allow-origin')).to.equal(false);
      expect(sent.has('x-powered-by')).to.equal(false);
    });
  }

  it('are sent with an answer that says nothing itself', async () => {
    const sent = await headersOf((response) => response.end());
    for (const [name, value] of Object.entries(expected)) expect(sent.get(name), name).to.deep.equal([value]);
  });

  it("give way to a page's own policy, however it is set", async () => {
    const own = "default-src 'self'";
    for (const answer of [
      (response: ServerResponse) => response.writeHead(200, { [policy]: own }).end('a'),
      (response: ServerResponse) => response.writeHead(200, { 'Content-Security-Policy': own }).end('a'),
      (response: ServerResponse) => response.writeHead(200, [policy, own]).end('a'),
      (response: ServerResponse) => response.setHeader('Content-Security-Policy', own).end('a'),
    ])
      expect((await headersOf(answer)).get(policy)).to.deep.equal([own]);
  });

  it('let pages of other sites read what plugins answer, and pages of ours run scripts', async () => {
    const open = await headersOf((response) => {
      secureForPages(response);
      response.writeHead(200, { 'set-cookie': ['a=1', 'b=2'] }).end();
    });
    expect(open.get('access-control-allow-origin')).to.deep.equal(['*']);
    expect(open.get(policy)).to.deep.equal([expected[policy]]);
    expect(open.get('set-cookie')).to.deep.equal(['a=1', 'b=2']);
    const page = await headersOf((response) => {
      secureWithScripts(response);
      response.end();
    });
    expect(page.has(policy)).to.equal(false);
    expect(page.get('x-content-type-options')).to.deep.equal(['nosniff']);
  });
});
