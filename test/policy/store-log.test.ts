import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { salvageRecords } from '../../plugins/store/drivers/embedded/log-file.js';

describe('a log file whose header is damaged', () => {
  it('has no record that can be salvaged, and all of its bytes are reported as dropped', () => {
    const directory = mkdtempSync(join(tmpdir(), 'rapport-'));
    try {
      const path = join(directory, 'log-0');
      writeFileSync(path, Buffer.alloc(200, 7));
      expect(salvageRecords(path)).to.deep.equal({ header: null, records: [], droppedBytes: 200 });
      expect(salvageRecords(join(directory, 'missing'))).to.deep.equal({
        header: null,
        records: [],
        droppedBytes: 0,
      });
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
