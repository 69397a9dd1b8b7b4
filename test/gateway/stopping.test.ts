import { Agent, request } from 'node:http';
import { expect } from 'chai';
import { openTestGateway, testKeys } from '../support/gateway.js';
import { pantry } from './pantry.js';

describe('A stop', () => {
  it('breaks no connection that is in use: whoever asks is answered, and then told to go', async () => {
    const { gateway, system } = await openTestGateway([pantry]);
    const agent = new Agent({ keepAlive: true, maxSockets: 20 });
    const outcomes = new Map<string, number>();
    const count = (outcome: string) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);

    /** Whether to go on. */
    function ask(): Promise<boolean> {
      return new Promise((resolve) => {
        const sent = request(
          {
            port: gateway.port,
            host: '127.0.0.1',
            path: '/graphql',
            method: 'POST',
            agent,
            headers: { 'content-type': 'application/json', 'x-api-key': testKeys.STOREFRONT },
          },
          (response) => {
            const go = response.headers.connection === 'close';
            response.resume().on('end', () => {
              count(`${response.statusCode}${go ? ', go' : ''}`);
              resolve(!go);
            });
          },
        );
        sent.on('error', (error: NodeJS.ErrnoException) => {
          count(error.code ?? error.message);
          resolve(false);
        });
        sent.end('{"query":"{ version }"}');
      });
    }
    async function client(pauseMs: number): Promise<void> {
      while (await ask()) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }

    const clients = Array.from({ length: 20 }, (_, i) => client(i));
    while ((outcomes.get('200') ?? 0) < 2 * clients.length)
      await new Promise((resolve) => setTimeout(resolve, 20));
    await gateway.close(1_000);
    await Promise.all(clients);
    await system.close();
    agent.destroy();
    expect(outcomes.get('200, go')).to.equal(clients.length);
    expect([...outcomes.keys()].sort()).to.deep.equal(['200', '200, go']);
  });
});
