import { expect } from 'chai';
import sax from 'sax';
import { colours } from '../../plugins/showcase/pictures/colours.js';
import { motifs } from '../../plugins/showcase/pictures/motifs.js';
import { showcase } from '../../plugins/showcase/plugin.js';
import { openTestGateway, type TestGateway } from '../support/gateway.js';

/** The names of the elements of a document; throws if it is not well-formed XML. */
function elementsOf(xml: string): Set<string> {
  const names = new Set<string>();
  const parser = sax.parser(true, { xmlns: true });
  parser.onerror = (error) => {
    throw error;
  };
  parser.onopentag = ({ name }) => void names.add(name);
  parser.write(xml).close();
  return names;
}

describe('The pictures of the showcase', () => {
  let gateway: TestGateway;
  before(async () => {
    gateway = await openTestGateway([showcase]);
  });
  after(() => gateway.close());
  const get = (name: string, headers: Record<string, string> = {}) =>
    fetch(`${gateway.url}/showcase/pictures/${name}`, { headers });

  it('are SVG files of shapes and letters only, one for each motif and each colour', async () => {
    const names = [
      ...Object.keys(motifs).map((motif) => `${motif}-ocean-sand-VB.svg`),
      ...Object.keys(colours).map((colour) => `shirt-${colour}.svg`),
    ];
    const texts = new Set<string>();
    for (const name of names) {
      const response = await get(name);
      expect(response.status, name).to.equal(200);
      expect(response.headers.get('content-type')).to.equal('image/svg+xml');
      const text = await response.text();
      const [root, ...parts] = elementsOf(text);
      expect(root, name).to.equal('svg');
      expect(['rect', 'circle', 'ellipse', 'path', 'text'], name).to.include.members(parts);
      expect(text, name)
        .to.include('xmlns="http://www.w3.org/2000/svg"')
        .and.not.match(/NaN|undefined|null/);
      texts.add(text);
    }
    expect(texts.size).to.equal(names.length);
  });

  it('are the same in every answer, kept by caches for a day, and then sent again only if they changed', async () => {
    const [first, second] = [await get('shoe-brick-VB.svg'), await get('shoe-brick-VB.svg')];
    expect(await first.text()).to.equal(await second.text());
    expect(first.headers.get('cache-control')).to.equal('public, max-age=86400');
    const etag = first.headers.get('etag') ?? '';
    expect((await get('shoe-brick-VB.svg', { 'if-none-match': etag })).status).to.equal(304);
    const other = await get('shoe-sage-VB.svg');
    expect(other.headers.get('etag')).not.to.equal(etag);
  });

  it('run nothing, also opened by themselves, and can be shown by a frontend of another origin', async () => {
    const { headers } = await get('shoe-brick-VB.svg');
    expect(headers.get('content-security-policy')).to.equal(
      "default-src 'none'; sandbox; frame-ancestors 'none'",
    );
    expect(headers.get('x-content-type-options')).to.equal('nosniff');
    expect(headers.get('cross-origin-resource-policy')).to.equal('cross-origin');
  });

  it('are missing for every other name', async () => {
    for (const name of [
      'shoe',
      'shoe.svg',
      'shoe-brick',
      'shoe-brick.png',
      'boat-brick.svg',
      'shoe-pink.svg',
      'shoe-brick-pink.svg',
      'shoe-brick-vb1.svg',
      'shoe-brick-ABC.svg',
      'shoe-brick-%3Cb.svg',
      'shoe-brick-%22%3E.svg',
      'constructor-brick.svg',
      'shoe-constructor.svg',
      '__proto__',
      '..%2findex.html',
    ])
      expect((await get(name)).status, name).to.equal(404);
  });
});
