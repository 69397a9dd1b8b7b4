import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import iconv from 'iconv-lite';
import { openInput } from '../../scripts/import/read/input.js';
import { type ReadOptions, readFileRows, readRows } from '../../scripts/import/read/read-rows.js';
import type { ReadRow } from '../../scripts/import/read/rows.js';
import { nodeArguments } from '../support/node-arguments.js';

describe('The readers of an import', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'rapport-import-'));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  function file(content: string | Buffer, name = 'products.csv'): string {
    const path = join(directory, name);
    writeFileSync(path, content);
    return path;
  }

  async function read(content: string | Buffer, options: ReadOptions = {}): Promise<ReadRow[]> {
    const rows: ReadRow[] = [];
    for await (const row of readFileRows(file(content), options)) rows.push(row);
    return rows;
  }

  /** The rows without the columns that a CSV row shares with the others. */
  const plain = (rows: readonly ReadRow[]) =>
    rows.map((each) => ('row' in each ? { line: each.line, row: each.row } : each));
  const values = async (content: string | Buffer, options: ReadOptions = {}) =>
    (await read(content, options)).map((each) => ('row' in each ? each.row : each.error));
  const failure = async (rows: Promise<unknown>) =>
    rows.then(
      () => 'no error',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );

  it('take JSON lines, plain or gzip, and say which lines are none', async () => {
    const content = '\uFEFF{"a":"\u2028é"}\r\n\n{bad\n[1]\n{"a":2}';
    for (const bytes of [content, gzipSync(content)]) {
      const rows = await read(bytes);
      expect(rows.map(({ line }) => line)).to.deep.equal([1, 3, 4, 5]);
      expect(rows[0]).to.deep.equal({ line: 1, row: { a: '\u2028é' } });
      expect(rows[1]).to.have.property('error').that.includes('no JSON');
      expect(rows[2]).to.have.property('error').that.includes('no JSON object');
      expect(rows[3]).to.deep.equal({ line: 5, row: { a: 2 } });
    }
  });

  for (const [name, separator] of [
    ['commas', ','],
    ['semicolons', ';'],
    ['tabs', '\t'],
    ['vertical bars', '|'],
  ] as const) {
    it(`take CSV with ${name}, padded cells, quotes and lines within quotes`, async () => {
      const lines = [
        [' id ', ' title '],
        ['1', ` "a${separator}b\nc" `],
        ['2', ''],
        ['3', 'q"r'],
      ];
      const rows = await read(`\uFEFF${lines.map((line) => line.join(separator)).join('\r\n')}\r\n`);
      expect(plain(rows)).to.deep.equal([
        { line: 3, row: { id: '1', title: `a${separator}b\nc` } },
        { line: 4, row: { id: '2', title: '' } },
        { line: 5, row: { id: '3', title: 'q"r' } },
      ]);
    });
  }

  it('take the delimiter that a first line states, skip comments, and keep both cells of a column that occurs twice', async () => {
    expect(await values('sep=;\r\nid ;a, b;image;image\r\n1;x;y;z\r\n;;;\r\n')).to.deep.equal([
      { id: '1', 'a, b': 'x', image: ['y', 'z'] },
    ]);
    expect(await values('# Required | An id,# Optional | A title\nid,title\n1,Mug\n')).to.deep.equal([
      { id: '1', title: 'Mug' },
    ]);
  });

  it('keep a CSV row that is shorter than the header, and name the cells that are beyond it', async () => {
    expect(await read('id,title\n1\n2,Mug,,9.50\n')).to.deep.equal([
      { line: 2, row: { id: '1' }, columns: ['id', 'title'] },
      { line: 3, row: { id: '2', title: 'Mug' }, columns: ['id', 'title'], lost: ['9.50'] },
    ]);
  });

  const encoded: readonly [what: string, bytes: Buffer][] = [
    ['UTF-8 with a byte order mark', iconv.encode('id,title\n1,Café €\n', 'utf-8', { addBOM: true })],
    ['UTF-16 with a byte order mark', iconv.encode('id,title\n1,Café €\n', 'utf-16', { addBOM: true })],
    ['UTF-16 without one', iconv.encode('id,title\n1,Café €\n', 'utf-16be')],
    ['Windows-1252', iconv.encode('id,title\n1,Café €\n', 'windows-1252')],
    [
      'Windows-1252 far behind the beginning',
      iconv.encode(`id,title\n${'2,Mug\n'.repeat(50_000)}1,Café €\n`, 'windows-1252'),
    ],
  ];
  for (const [what, bytes] of encoded) {
    it(`detect ${what}`, async () => {
      expect((await values(bytes)).at(-1)).to.deep.equal({ id: '1', title: 'Café €' });
    });
  }

  it('take the encoding that is declared by the file or stated by the user, and report one that they assume', async () => {
    const xml =
      '<?xml version="1.0" encoding="iso-8859-15"?><rss><item><id>1</id><title>5 €</title></item></rss>';
    expect((await values(iconv.encode(xml, 'iso-8859-15')))[0]).to.include({ title: '5 €' });
    const shirt =
      'Мужская хлопковая рубашка с длинным рукавом, синяя, для работы и отдыха. Ткань дышит и не мнется.';
    const russian = iconv.encode(`id;title\n1;${shirt}\n`, 'windows-1251');
    const assumed: string[] = [];
    expect(await values(russian, { onEncoding: (name) => assumed.push(name) })).to.deep.equal([
      { id: '1', title: shirt },
    ]);
    expect(assumed).to.deep.equal(['windows-1251']);
    const short = iconv.encode('id;title\n1;Шапка\n', 'windows-1251');
    expect(await failure(read(short))).to.include('state its encoding, for example --encoding windows-1251');
    expect(await values(iconv.encode('id,title\n1,5 €\n', 'cp850'), { encoding: 'utf-16le' })).to.have.length(
      0,
    );
    expect(await failure(read('id\n1', { encoding: 'klingon' }))).to.include('"klingon" is not known');
  });

  it('refuse a file that mixes UTF-8 with another encoding, rather than to save broken letters', async () => {
    const mixed = Buffer.concat([Buffer.from('id,title\n1,Café\n'), Buffer.from('2,Caf\xe9\n', 'latin1')]);
    expect(await failure(read(mixed)))
      .to.include('is not UTF-8 text')
      .and.include('--encoding windows-1252');
  });

  it('take lines that come in pieces, and refuse one that never ends', async () => {
    const long = JSON.stringify({ a: 'é'.repeat(100_000) });
    const rows = await read(`${long}\n{"a":"${'x'.repeat(5 * 1024 * 1024)}"}\n${long}\n`);
    expect(rows.map((row) => ('row' in row ? String(row.row.a).length : 'refused'))).to.deep.equal([
      100_000,
      'refused',
      100_000,
    ]);
  });

  for (const [what, content] of [
    ['a list', '[{"id":1},{"id":2}]'],
    ['a list in an object', '{\n"total": 2, "tags": [{"id":9}],\n"products": [{"id":1},{"id":2}]}'],
    ['a list on one line', '{"products":[{"id":1},{"id":2}]}'],
    [
      'the connection of a GraphQL response',
      '{"data":{"products":{"edges":[{"node":{"id":1}},{"node":{"id":2}}]}}}',
    ],
  ] as const) {
    it(`take one JSON document with ${what}`, async () => {
      expect(await values(content)).to.deep.equal([{ id: 1 }, { id: 2 }]);
    });
  }

  it('take the list that is named, and one product on its own', async () => {
    expect(await values('{"shop":{"wares":[{"id":1}]}}', { list: 'shop.wares' })).to.deep.equal([{ id: 1 }]);
    expect(await values('{\n"id": 1,\n"images": [{"src":"a"}]\n}')).to.deep.equal([
      { id: 1, images: [{ src: 'a' }] },
    ]);
  });

  it('read a JSON document without holding it', async () => {
    const product = `{"id":1,"text":"${'x'.repeat(1_000)}"},`;
    let produced = 0;
    const input = {
      name: 'large',
      size: 0,
      close: async () => undefined,
      async *bytes() {
        yield Buffer.from('{"products":[');
        for (; produced < 100_000; produced++) yield Buffer.from(product);
      },
    };
    for await (const row of readRows(input)) {
      expect(row).to.have.property('line', 1);
      break;
    }
    expect(produced).to.be.below(1_000);
  });

  it('take RSS, Atom and BMEcat: names without prefix, attributes, repeated elements and the header', async () => {
    const rss = `<?xml version="1.0"?><rss xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title>
      <item><g:id>1</g:id><title><![CDATA[Mug & Cup]]></title><g:image>a</g:image><g:image>b</g:image></item></channel></rss>`;
    expect((await values(rss))[0]).to.deep.include({ id: '1', title: 'Mug & Cup', image: ['a', 'b'] });
    const atom = '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>2</id><link href="u"/></entry></feed>';
    expect((await values(atom))[0]).to.deep.include({ id: '2', link: { '@href': 'u' } });
    const bmecat = `<BMECAT><HEADER><CATALOG><CURRENCY>EUR</CURRENCY></CATALOG></HEADER><T_NEW_CATALOG>
      <PRODUCT mode="new"><SUPPLIER_PID type="x">3</SUPPLIER_PID></PRODUCT></T_NEW_CATALOG></BMECAT>`;
    expect((await values(bmecat))[0]).to.deep.include({
      '@mode': 'new',
      SUPPLIER_PID: { '@type': 'x', '#text': '3' },
      '@document': { CURRENCY: 'EUR' },
    });
    expect((await values('<a><b><id>4</id></b></a>', { element: 'b' }))[0]).to.deep.include({ id: '4' });
  });

  const useless: readonly [what: string, content: string | Buffer, message: string][] = [
    ['an empty file', ' \n', 'is empty'],
    [
      'a web page',
      '<!DOCTYPE html>\n<html><head><title>404 Not Found</title>',
      'is a web page ("404 Not Found")',
    ],
    ['a workbook', 'PK\u0003\u0004\u0014', 'is a ZIP archive or an Excel workbook; save it as CSV'],
    [
      'a picture',
      Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13, 73, 72, 68, 82, 0, 1]),
      'is a binary file',
    ],
    [
      'a JSON document that breaks off',
      '[{"id":1},{"id"',
      'is no whole JSON document: after 1 products, it breaks off',
    ],
    ['XML that breaks off', '<rss><item><id>1</id>', 'is no well-formed XML (line 1)'],
    [
      'XML without products',
      '<orders><order/></orders>',
      'with the root <orders> and has no element item, entry',
    ],
    [
      'a truncated archive',
      gzipSync(`id\n${Math.random()}`.repeat(2_000)).subarray(0, -20),
      'is a damaged gzip archive: unexpected end of file',
    ],
  ];
  for (const [what, content, message] of useless) {
    it(`say in one line that ${what} cannot be read`, async () => {
      const text = await failure(read(content));
      expect(text).to.include(message);
      expect(text.split('\n')).to.have.length(1);
    });
  }

  it('say that a file is not there, or is a directory', async () => {
    const missing = join(directory, 'none');
    expect(await failure(readFileRows(missing).next())).to.equal(`there is no file ${missing}`);
    expect(await failure(readFileRows(directory).next())).to.include('is a directory');
  });

  it('count the bytes of the file as it lies on the disk', async () => {
    const bytes = gzipSync('{"a":1}\n'.repeat(10_000));
    let counted = 0;
    const rows = await read(bytes, { onBytes: (more) => (counted += more) });
    expect([rows.length, counted]).to.deep.equal([10_000, bytes.length]);
  });

  it('read standard input more than once', async () => {
    const input = await openInput('-', Readable.from([gzipSync('id,title\n1,Mug\n')]));
    for (const _ of [1, 2]) {
      const rows: ReadRow[] = [];
      for await (const row of readRows(input)) rows.push(row);
      expect(plain(rows)).to.deep.equal([{ line: 2, row: { id: '1', title: 'Mug' } }]);
    }
    await input.close();
  });

  it('read a pipe', function () {
    this.timeout(60_000);
    const mapping = file(JSON.stringify({ id: 'id', title: 'title' }), 'mapping.json');
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [...nodeArguments('scripts/import.ts'), '-', '--map', mapping],
      {
        encoding: 'utf8',
        input: 'id,title\na,Mug\n',
        env: { ...process.env, RAPPORT_DATA_DIR: join(directory, 'data') },
      },
    );
    expect(stdout + stderr).to.contain('1 product saved');
    expect(status).to.equal(0);
  });
});
