import { join } from 'node:path';
import { expect } from 'chai';
import { type GraphQLEnumType, parse, validate } from 'graphql';
import { absenceText, movement, ruleEffects } from '../../plugins/console/browser/explanation.js';
import * as operations from '../../plugins/console/browser/operations.js';
import { inputOf, type Rule } from '../../plugins/console/browser/rule.js';
import { ruleDraftOf, ruleInputOf } from '../../plugins/console/browser/rule-draft.js';
import { plugins } from '../../plugins/index.js';
import { createSurface } from '../../src/gateway/surface.js';
import { projectDirectory } from '../../src/project-directory.js';
import { createPlugins } from '../support/boot.js';

const rule: Rule = {
  id: 'r1',
  name: 'Summer',
  enabled: true,
  priority: 3,
  when: {
    query: { match: 'CONTAINS', text: 'tent' },
    channels: ['WEB', 'APP'],
    from: '2026-06-01T10:00:30.500Z',
    until: null,
  },
  then: [
    { pin: { productId: 'SKU-1', position: 2 } },
    { boost: { filter: { brands: ['Nord'] }, factor: 1.5 } },
    { hide: { filter: { categoryId: 'camping', brands: ['Sud'] } } },
    { redirect: { url: '/sale' } },
  ],
};

describe('The console', () => {
  it('sends operations that the schema has', async () => {
    const created = await createPlugins(plugins);
    const { schema } = createSurface(join(projectDirectory(), 'schema'), created.plugins);
    const texts = Object.values(operations).map(({ text }) => text);
    expect(texts.length).to.be.above(4);
    for (const text of texts) expect(validate(schema, parse(text)).map(String), text).to.deep.equal([]);
  });

  it('has a sentence for each reason why a product is not recommended', async () => {
    const created = await createPlugins(plugins);
    const { schema } = createSurface(join(projectDirectory(), 'schema'), created.plugins);
    const reasons = schema.getType('RecommendationAbsence') as GraphQLEnumType;
    for (const { name } of reasons.getValues()) expect(absenceText(name), name).to.match(/^[A-Z].* .*\.$/);
    expect(absenceText('OF_A_LATER_VERSION')).to.equal('OF_A_LATER_VERSION');
  });

  it('keeps a rule as it is if its form is saved without a change', () => {
    expect(inputOf(ruleInputOf(ruleDraftOf(rule)))).to.deep.equal({
      ...rule,
      when: {
        query: rule.when.query,
        channels: ['WEB', 'APP'],
        from: '2026-06-01T10:00:30.500Z',
      },
    });
  });

  it('names the effects of rules on a product, by its category and those above it', () => {
    const parent = { id: 'camping', name: 'Camping', parent: null };
    const product = {
      id: 'p1',
      sku: 'SKU-1',
      title: 'Tent',
      brand: 'sud',
      inStock: true,
      price: null,
      categories: [{ id: 'tents', name: 'Tents', parent }],
    };
    expect(ruleEffects(product, [rule])).to.deep.equal(['pinned to 2 by “Summer”', 'hidden by “Summer”']);
    expect(ruleEffects({ ...product, sku: null, brand: 'Nord' }, [rule])).to.deep.equal([
      'boosted by 1.5 by “Summer”',
    ]);
    expect([movement(0, 4), movement(3, 1), movement(2, 2), movement(5, -1)]).to.deep.equal([
      'up 4 from 5',
      'down 2 from 2',
      'same position',
      'new in this list',
    ]);
  });
});
