import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { openTestGateway } from '../support/gateway.js';

describe('A gateway that was closed', () => {
  it('is kept in memory by nothing: no interval of its server, no observer of its metrics', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const closed = await openAndClose();
    for (let turns = 0; turns < 50 && closed.deref() !== undefined; turns++) {
      await new Promise(setImmediate);
      collect();
    }
    expect(closed.deref()).to.equal(undefined);
  });
});

/** Apart from the test, so that no variable of it holds the gateway. */
async function openAndClose(): Promise<WeakRef<object>> {
  const gateway = await openTestGateway([]);
  const metrics = await fetch(`${gateway.url}/metrics`, { headers: { 'x-api-key': 'admin-key' } });
  expect(await metrics.text())
    .to.contain('nodejs_eventloop_lag_seconds')
    .and.contain('rapport_graphql_operations_total');
  await gateway.close();
  return new WeakRef(gateway.system);
}
