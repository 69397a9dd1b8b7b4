import { expect } from 'chai';
import { createClaimDocuments } from '../../plugins/catalog/claim-documents.js';
import { type ClaimKeeper, type Claims, type Code, createClaims } from '../../plugins/catalog/claims.js';
import { createDerivedClaims } from '../../plugins/catalog/derived-claims.js';
import type { ClaimDocument, ProductCodesDocument } from '../../plugins/catalog/documents.js';
import { store } from '../../plugins/store/plugin.js';
import type { Product } from '../../src/ports/catalog.js';
import type { Collection } from '../../src/ports/store.js';
import { bootPlugins, type TestSystem } from '../support/boot.js';

const ways = ['documents that processes share', 'the memory of the only process'] as const;
const minuteMs = 60_000;

for (const way of ways)
  describe(`claims in ${way}`, () => {
    let system: TestSystem;
    let products: Collection<Product>;
    let owners: Map<string, string>;
    let keeper: ClaimKeeper;
    let claims: Claims;
    /** Another process in the shared way: it does not know yet what this one wrote. */
    let other: Claims;

    const nowMs = () => system.clock.nowMs();
    const ownerOf = ({ kind, text }: Code) => owners.get(`${kind} ${text}`) ?? null;
    const sku = (text: string, productId: string) => ({ kind: 'sku' as const, text, productId });

    beforeEach(async () => {
      system = await bootPlugins([store]);
      const port = system.port('store');
      products = await port.collection<Product>({ name: 'products', indexes: {} });
      const older = await port.collection<ClaimDocument>({ name: 'skus', indexes: {} });
      owners = new Map();
      if (way === ways[0]) keeper = createClaimDocuments(older);
      else {
        const records = await port.collection<ProductCodesDocument>({ name: 'product-codes', indexes: {} });
        const derived = createDerivedClaims({ older, records, products, ownerOf, nowMs });
        await derived.start([]);
        keeper = derived;
      }
      claims = createClaims(keeper, products, ownerOf, nowMs);
      other = createClaims(keeper, products, way === ways[0] ? () => null : ownerOf, nowMs);
    });
    afterEach(() => system.close());

    it('give a code to one of those who want it at once', async () => {
      const savers = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? claims : other));
      const answers = await Promise.all(savers.map((each, i) => each.claim([sku('x', `p${i}`)])));
      const winners = answers.flatMap(([owner], i) => (owner === null ? [`p${i}`] : []));
      expect(winners).to.have.length(1);
      expect(new Set(answers.flat().filter((owner) => owner !== null))).to.deep.equal(new Set(winners));
    });

    it('give a code to the first of two products of one call', async () => {
      expect(await claims.claim([sku('x', 'a'), sku('x', 'b'), sku('y', 'b')])).to.deep.equal([
        null,
        'a',
        null,
      ]);
    });

    it('keep a code a minute for a product that is being written', async () => {
      expect(await claims.claim([sku('x', 'a')])).to.deep.equal([null]);
      system.clock.advance(minuteMs - 1);
      expect(await other.claim([sku('x', 'b')])).to.deep.equal(['a']);
      system.clock.advance(1);
      expect(await other.claim([sku('x', 'b')])).to.deep.equal([null]);
      expect(await claims.claim([sku('x', 'a')])).to.deep.equal(['b']);
    });

    it('let go of what is released, and of nothing that another product has', async () => {
      await claims.claim([sku('x', 'a'), sku('y', 'b')]);
      await claims.release([sku('x', 'a'), sku('y', 'a')]);
      expect(await other.claim([sku('x', 'c'), sku('y', 'c')])).to.deep.equal([null, 'b']);
    });

    it('tell kinds of codes apart', async () => {
      const kinds = ['sku', 'gtin', 'variantId', 'handle'] as const;
      const each = kinds.map((kind) => ({ kind, text: '1', productId: kind }));
      expect(await claims.claim(each)).to.deep.equal(kinds.map(() => null));
      expect(await Promise.all(each.map((code) => claims.claimantOf(code)))).to.deep.equal(kinds);
    });
  });
