import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { RecommendationList } from '../../src/ports/recommendations.js';
import { projectDirectory } from '../../src/project-directory.js';
import { openDemoShop } from './demo-shop.js';
import { shoppers } from './shoppers.js';
import { textOfList } from './text.js';

const placements = ['home', 'product', 'cart', 'search-empty', 'post-purchase', 'reorder'];
const isAccepting = process.env.UPDATE_GOLDEN === '1';
const accept = 'UPDATE_GOLDEN=1 npm run golden';
const advice = `a ranking changed: review the difference and, if it is right, accept it with ${accept}`;
const fileOf = (placement: string) => join(projectDirectory(), 'test', 'golden', `${placement}.txt`);

/** What the file says of each shopper, by the shopper's name. */
function accepted(placement: string): ReadonlyMap<string, string> {
  if (!existsSync(fileOf(placement))) return new Map();
  const sections = readFileSync(fileOf(placement), 'utf8').trimEnd().split('\n\n').slice(1);
  return new Map(sections.map((section) => [section.slice(0, section.indexOf(' · ')), section]));
}

describe('golden rankings of the demo shop', () => {
  const lists = new Map<string, RecommendationList>();
  before(async function () {
    // Three seconds on a quiet machine.
    this.timeout(180_000);
    const shop = await openDemoShop();
    for (const shopper of shoppers) {
      for (const placement of placements)
        lists.set(`${shopper.name} ${placement}`, await shop.recommend(shopper, placement));
    }
    await shop.close();
  });

  for (const placement of placements) {
    describe(placement, () => {
      const before = accepted(placement);
      const listOf = (name: string) => textOfList(lists.get(`${name} ${placement}`)!);
      /** An equal list is named, not repeated: so a reader sees who is told the same. */
      function sectionOf(name: string): string {
        const same = shoppers.find((other) => listOf(other.name) === listOf(name))!.name;
        return `${name} · ${placement}: ${same === name ? listOf(name) : `the list of "${same}"`}`;
      }

      for (const { name } of shoppers) {
        it(name, () => {
          if (!isAccepting) expect(sectionOf(name), advice).to.equal(before.get(name));
        });
      }

      it('holds nobody else', () => {
        if (!isAccepting) {
          expect([...before.keys()], advice).to.deep.equal(shoppers.map(({ name }) => name));
          return;
        }
        const heading = `The ${placement} placement for ${shoppers.length} shoppers of the demo shop, written by ${accept}`;
        writeFileSync(
          fileOf(placement),
          `${[heading, ...shoppers.map(({ name }) => sectionOf(name))].join('\n\n')}\n`,
        );
      });
    });
  }
});
