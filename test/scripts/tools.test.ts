import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { markDemoShop, refuseDemoShop } from '../../scripts/demo/marker.js';
import { graphqlEndpoint } from '../../scripts/graphql-endpoint.js';
import { projectDirectory } from '../../src/project-directory.js';
import { nodeArguments } from '../support/node-arguments.js';
import { closedStore } from '../support/store-files.js';

const root = projectDirectory();

function run(script: string, ...args: readonly string[]): void {
  execFileSync(process.execPath, [...nodeArguments(`scripts/${script}`), ...args], {
    cwd: root,
    stdio: 'pipe',
  });
}

describe('The tools', () => {
  it('keep the mark of the demo shop in a backup and in what is restored from it', async () => {
    const files = await closedStore(3);
    try {
      markDemoShop(files.dataDir);
      const [backup, restored] = [join(files.dataDir, 'backup'), join(files.dataDir, 'restored')];
      run('backup.ts', '--data', files.dataDir, '--to', backup);
      run('restore.ts', '--from', backup, '--to', restored);
      expect(() => refuseDemoShop(restored)).to.throw(`"${restored}" holds the demo shop`);
    } finally {
      files.remove();
    }
  });

  it('find the endpoint of a gateway by its address, with and without the path', () => {
    for (const url of ['http://shop', 'http://shop/', 'http://shop/graphql', 'http://shop/graphql/']) {
      expect(graphqlEndpoint(url).href).to.equal('http://shop/graphql');
    }
    expect(graphqlEndpoint('https://shop/rapport').href).to.equal('https://shop/rapport/graphql');
    for (const url of ['localhost:4000', 'shop', '/graphql', 'http://'])
      expect(() => graphqlEndpoint(url), url).to.throw(
        `"${url}" is no URL of a gateway; it must begin with http:// or https://`,
      );
  });

  it('start the demo shop for an example on this machine only', () => {
    for (const [url, problem] of [
      ['http://shop.example:9', 'no gateway answers at http://shop.example:9'],
      ['localhost:4000', '"localhost:4000" is no URL of a gateway'],
    ])
      expect(() => run('example.ts', 'app', '--url', url!), url).to.throw(problem!);
  });
});
