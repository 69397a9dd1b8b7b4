import { expect } from 'chai';
import { createStartReaders } from '../../plugins/catalog/start-readers.js';
import type { Product } from '../../src/ports/catalog.js';

type Pages = AsyncIterable<readonly Product[]>;

const product = (id: string) => ({ id }) as Product;

async function* pagesOf(taken: string[], ...ids: string[]): AsyncGenerator<readonly Product[]> {
  for (const id of ids) {
    taken.push(`read ${id}`);
    yield [product(id)];
  }
}

const readingInto = (list: string[], name: string) => async (pages: Pages) => {
  for await (const page of pages) {
    await Promise.resolve();
    list.push(`${name} ${page.map(({ id }) => id)}`);
  }
  list.push(`${name} end`);
};

describe('Readers of all products at a start', () => {
  it('get the same pages, none of them more than a page ahead', async () => {
    const happened: string[] = [];
    const readers = createStartReaders();
    readers.add(readingInto(happened, 'search'));
    readers.add(readingInto(happened, 'ranking'));
    await readers.read(pagesOf(happened, '1', '2'));
    expect(happened.slice(0, 6)).to.deep.equal([
      'read 1',
      'search 1',
      'ranking 1',
      'read 2',
      'search 2',
      'ranking 2',
    ]);
    expect(happened.slice(6)).to.have.members(['search end', 'ranking end']);
  });

  it('may leave early, and do not keep others from reading on', async () => {
    const happened: string[] = [];
    const readers = createStartReaders();
    readers.add(async (pages) => {
      for await (const [first] of pages) {
        happened.push(`leaving ${first?.id}`);
        break;
      }
    });
    readers.add(async () => undefined);
    readers.add(readingInto(happened, 'search'));
    await readers.read(pagesOf(happened, '1', '2'));
    expect(happened).to.include.members(['leaving 1', 'search 1', 'search 2', 'search end']);
  });

  it('that fail stop the reading, and the others end', async () => {
    const happened: string[] = [];
    const readers = createStartReaders();
    readers.add(async (pages) => {
      for await (const _ of pages) throw new Error('no room');
    });
    readers.add(readingInto(happened, 'search'));
    let fault: unknown;
    await readers.read(pagesOf(happened, '1', '2', '3')).catch((error: unknown) => {
      fault = error;
    });
    expect(String(fault)).to.equal('Error: no room');
    expect(happened).not.to.include('read 3');
    expect(happened).to.include('search end');
  });

  it('are not needed: everything is read all the same', async () => {
    const happened: string[] = [];
    await createStartReaders().read(pagesOf(happened, '1', '2'));
    expect(happened).to.deep.equal(['read 1', 'read 2']);
  });
});
