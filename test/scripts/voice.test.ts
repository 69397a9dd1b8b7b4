import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { projectDirectory } from '../../src/project-directory.js';
import { createTestClock } from '../support/boot.js';
import { testKeys } from '../support/gateway.js';
import { nodeArguments } from '../support/node-arguments.js';
import { openVoiceShop, type VoiceShop } from '../support/voice-shop.js';

describe('The scripts for voice', function () {
  this.timeout(120_000);
  let shop: VoiceShop;
  before(async () => {
    // Requests of Alexa carry the time of this machine.
    shop = await openVoiceShop([], { clock: createTestClock(Date.now()) });
  });
  after(() => shop.close());

  async function run(script: string, args: readonly string[], typed = ''): Promise<string> {
    const child = spawn(
      process.execPath,
      [...nodeArguments(`scripts/${script}`), ...args, '--url', shop.url],
      { cwd: projectDirectory() },
    );
    let output = '';
    child.stdout.on('data', (part) => {
      output += part;
    });
    child.stderr.on('data', (part) => {
      output += part;
    });
    child.stdin.end(typed);
    const [code] = await once(child, 'exit');
    expect(code, output).to.equal(0);
    return output;
  }

  for (const assistant of ['alexa', 'dialogflow-es', 'dialogflow-cx', 'say'])
    it(`hold a conversation in the JSON of ${assistant}`, async () => {
      const typed = 'find a kettle\nthe second one\nadd it to my list\ncontinue in the app\nstop\n';
      const output = await run('voice.ts', [assistant, '--key', testKeys.SERVER], typed);
      expect(output).to.match(
        /Welcome\..*\n> find a kettle\n.*First, Brook colour kettle[\s\S]*1\. Brook colour kettle, €39\.00/,
      );
      expect(output)
        .to.contain('Alder glass kettle is on your list now.')
        .and.match(/enter this code: (\d ){7}\d\./);
      expect(output.trimEnd()).to.match(/Goodbye\.$/);
    });

  it('write the interaction model of the live catalog', async () => {
    const out = join(tmpdir(), `voice-model-${process.pid}.json`);
    try {
      await run('voice-model.ts', [
        '--locale',
        'de-DE',
        '--invocation',
        'grüner kessel',
        '--key',
        testKeys.MERCHANDISER,
        '--out',
        out,
      ]);
      const { interactionModel } = JSON.parse(readFileSync(out, 'utf8'));
      expect(interactionModel.languageModel.invocationName).to.equal('grüner kessel');
      expect(JSON.stringify(interactionModel)).to.contain('"Wasserkocher"');
    } finally {
      rmSync(out, { force: true });
    }
  });
});
