import { expect } from 'chai';
import { z } from 'zod';
import { plugins } from '../../plugins/index.js';
import { store } from '../../plugins/store/plugin.js';
import type { Capability } from '../../src/capabilities.js';
import { inOrderOfNeeds } from '../../src/needs.js';
import { definePlugin, type Instance, type Plugin } from '../../src/plugin.js';
import { loadThirdParty } from '../../src/third-party.js';
import { bootPlugins } from '../support/boot.js';
import { openTestGateway, testKeys } from '../support/gateway.js';
import { moduleFile } from '../support/node-arguments.js';

function plain(
  name: string,
  change: Partial<Plugin> = {},
  instance: Partial<Instance<unknown>> = {},
): Plugin {
  return { name, provides: null, needs: [], create: () => ({ port: {}, ...instance }), ...change };
}

/** Fails the expectation unless the promise rejects; answers the message. */
async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('it was not refused');
}

describe("A third party's plugin", () => {
  it('is loaded by its path, reads its settings, and adds a field of its own to the graph', async () => {
    const gateway = await openTestGateway(
      [...plugins, ...(await loadThirdParty(moduleFile('test/core/weather.ts')))],
      {
        environment: { RAPPORT_WEATHER_SKY: 'rain' },
      },
    );
    try {
      const { data } = await gateway.ask(
        '{ shopper(context: { channel: WEB, storeId: "berne" }) { weather { storeId sky products } } }',
      );
      expect(data).to.deep.equal({ shopper: { weather: { storeId: 'berne', sky: 'rain', products: 0 } } });
    } finally {
      await gateway.close();
    }
  });

  it('is refused by name when it cannot be loaded or is no plugin', async () => {
    expect(await refusal(loadThirdParty('./nowhere.js'))).to.match(
      /RAPPORT_PLUGINS: \.\/nowhere\.js cannot be loaded/,
    );
    expect(await refusal(loadThirdParty('zod'))).to.match(/zod exports no `plugin`/);
  });

  it('is refused by name when it redeclares or re-resolves a field, or resolves one that nobody declared', async () => {
    const redeclares = definePlugin({
      name: 'copycat',
      provides: null,
      needs: [],
      sdl: 'extend type Query { version: String }',
      create: () => ({ port: null }),
    });
    expect(await refusal(openTestGateway([redeclares]))).to.equal(
      'copycat declares the field Query.version, which base already declares',
    );
    const resolves = plain('usurper', {}, { resolvers: { Query: { version: () => '0' } } });
    expect(await refusal(openTestGateway([resolves]))).to.equal(
      'usurper resolves Query.version, which base declares; only base may resolve it',
    );
    const invents = plain('dreamer', {}, { resolvers: { Query: { dream: () => '' } } });
    expect(await refusal(openTestGateway([invents]))).to.contain('Query.dream');
  });
});

describe('The graph fails closed', () => {
  const adding = (sdl: string, resolvers: Instance<unknown>['resolvers'] = {}, name = 'guest'): Plugin =>
    plain(name, { sdl }, { resolvers });
  const owner = adding(
    'type Lamp { name: String! watts: Int glow: Glow } enum Glow { WARM COLD } extend type Query { lamp: Lamp @public }',
    { Query: { lamp: () => ({ name: 'first', watts: 3 }) } },
    'lamps',
  );

  const refused: Readonly<Record<string, readonly [Plugin, RegExp]>> = {
    'a query without a declaration of who may ask': [
      adding('extend type Query { watched: [JSON!] }'),
      /^guest declares Query\.watched without saying who may ask for it: add @allow\(roles: .*@public/,
    ],
    'a mutation without one': [
      adding('extend type Mutation { forget: Boolean }'),
      /^guest declares Mutation\.forget without saying/,
    ],
    'a subscription without one': [
      adding('extend type Subscription { ticks: Int }'),
      /^guest declares Subscription\.ticks without saying/,
    ],
    'a mutation that is public': [
      adding('extend type Mutation { forget: Boolean @public }'),
      /^guest declares Mutation\.forget @public/,
    ],
    'a role that there is not': [
      adding('extend type Query { watched: Int @allow(roles: [GUEST]) }'),
      /guest declares Query\.watched.*GUEST/,
    ],
    'a resolver of a plain field of another': [
      adding('extend type Query { a: Int @public }', { Money: { amount: () => '0' } }),
      /^guest resolves Money\.amount, which base declares; only base may resolve it$/,
    ],
    'the same of a plugin': [
      plain('guest', {}, { resolvers: { Lamp: { watts: () => 0 } } }),
      /^guest resolves Lamp\.watts, which lamps declares/,
    ],
    'a type resolver of another': [
      plain('guest', {}, { resolvers: { Lamp: { __isTypeOf: () => true } } }),
      /^guest resolves Lamp, which lamps declares/,
    ],
    'values of another’s enum': [
      plain('guest', {}, { resolvers: { Glow: { WARM: 'COLD' as never } } }),
      /^guest resolves Glow\.WARM, which lamps declares/,
    ],
    'another’s enum value once more': [
      adding('extend enum Glow { WARM }'),
      /^guest declares the field Glow\.WARM, which lamps already declares/,
    ],
    'another’s directive': [
      adding('directive @allow(roles: [String!]) on FIELD_DEFINITION'),
      /^guest declares the directive @allow, which base already declares/,
    ],
    'roots of its own': [adding('schema { query: Lamp }'), /^guest declares `schema`/],
    'a field that may not be null on a type of another': [
      adding('extend type Lamp { shade: String! }'),
      /^guest adds Lamp\.shade to a type of lamps as String!; .*must be nullable: String$/,
    ],
    'an argument that callers must send from now on': [
      adding('extend input ShopperContext { moon: String! }'),
      /^guest adds ShopperContext\.moon to a type of base as String!/,
    ],
    'a type that there is not': [adding('extend type Query { a: Ghost @public }'), /Ghost/],
    'SDL that cannot be read': [adding('extend type Query {'), /^the SDL of guest cannot be read/],
  };
  for (const [what, [plugin, message]] of Object.entries(refused)) {
    it(`refuses ${what}, by name`, async () => {
      expect(await refusal(openTestGateway([owner, plugin]))).to.match(message);
    });
  }

  it('asks for the role before any resolver runs, in both ways to execute, and for fields of types too', async () => {
    let ran = 0;
    const staff = adding(
      `type Safe { code: String @allow(roles: [SERVER]) plain: String @allow(roles: [SERVER]) }
       extend type Query { safe: Safe @public  till: Int @allow(roles: [MERCHANDISER]) }`,
      {
        Query: { safe: () => ({ plain: 'secret' }), till: () => ++ran },
        Safe: { code: () => (++ran > 0 ? 'secret' : '') },
      },
      'staff',
    );
    const gateway = await openTestGateway([staff]);
    try {
      for (let turn = 0; turn < 6; turn++) {
        const storefront = await gateway.ask('{ till safe { code plain } }');
        expect(storefront.data).to.deep.equal({ till: null, safe: { code: null, plain: null } });
        expect(storefront.errors?.map(({ extensions }) => extensions.code)).to.deep.equal(
          Array.from({ length: 3 }, () => 'AUTHENTICATION_ROLE'),
        );
      }
      expect(ran).to.equal(0);
      const server = await gateway.ask('{ safe { code plain } }', { role: 'SERVER' });
      expect(server.data).to.deep.equal({ safe: { code: 'secret', plain: 'secret' } });
      expect((await gateway.ask('{ till }', { role: 'ADMIN' })).at('till')).to.equal(2);
    } finally {
      await gateway.close();
    }
  });

  it('lets shared caches keep only fields that are declared public, as long as the shortest of them says', async () => {
    const shades = adding('extend type Lamp { shade: String } ', { Lamp: { shade: () => 'red' } }, 'shades');
    const mine = adding(
      'extend type Query { mine: Int @allow(roles: [STOREFRONT]) quick: Int @public(maxAge: 5) }',
      { Query: { mine: () => 1, quick: () => 1 } },
      'mine',
    );
    const gateway = await openTestGateway([owner, shades, mine]);
    const table: Readonly<Record<string, string>> = {
      '{ lamp { name } }': 'public, max-age=10',
      '{ lamp { name } quick }': 'public, max-age=5',
      '{ ...q lamp { name } } fragment q on Query { quick }': 'public, max-age=5',
      '{ version }': 'public, max-age=60',
      '{ mine }': 'private, no-store',
      '{ lamp { name } mine }': 'private, no-store',
      '{ lamp { name shade } }': 'private, no-store',
    };
    try {
      for (const [query, kept] of Object.entries(table)) {
        const response = await fetch(`${gateway.url}/graphql?query=${encodeURIComponent(query)}`, {
          headers: { 'x-api-key': testKeys.STOREFRONT },
        });
        expect(response.headers.get('cache-control'), query).to.equal(kept);
        const scope = kept.startsWith('public') ? 'PUBLIC' : 'PRIVATE';
        expect((await gateway.ask(query)).extensions.rapport.cacheScope, query).to.equal(scope);
      }
    } finally {
      await gateway.close();
    }
  });
});

describe('Boot', () => {
  const needing = (name: string, provides: string | null, ...needs: string[]): Plugin =>
    plain(name, { provides: provides as Capability | null, needs: needs as Capability[] });

  it('refuses, by name, an unknown need, a circle, two providers, two of one name and a foreign contract', () => {
    const table: readonly (readonly [Plugin[], string])[] = [
      [[needing('a', null, 'astrology')], 'a needs astrology, which no plugin provides'],
      [
        [needing('a', 'a', 'b'), needing('b', 'b', 'c'), needing('c', 'c', 'a')],
        'a circle of needs: a → b → c → a',
      ],
      [[needing('a', 'x'), needing('b', 'x')], 'a and b both provide x'],
      [[needing('a', null), needing('a', null)], 'two plugins are named a'],
      [[needing('Weather_Data', null)], 'a plugin is named "Weather_Data"; a name is kebab case'],
      [[needing('', null)], 'a plugin is named ""'],
      [[needing('core', null)], 'a plugin is named core, as a part of the core is'],
      [[plain('a', { compatibility: '^2.0.0' })], 'a was written for plugin contract ^2.0.0; this is 1.0.0'],
    ];
    for (const [list, message] of table) expect(() => inOrderOfNeeds(list)).to.throw(message);
  });

  it('names every faulty setting at once, with the nearest known name, before anything opens', async () => {
    let opened = false;
    const faulty = plain('storehouse', {
      settings: z.strictObject({ rooms: z.coerce.number().int().min(1) }),
      drivers: {
        embedded: async () => ({
          settings: z.strictObject({ key: z.string() }),
          open: async () => {
            opened = true;
            return { close: async () => undefined };
          },
        }),
      },
    });
    const message = await refusal(
      bootPlugins([faulty], {
        environment: { RAPPORT_STOREHOUSE_ROOMS: '0', RAPPORT_PROT: '80', RAPPORT_LOG_LEVEL: 'loud' },
      }),
    );
    expect(message).to.match(/RAPPORT_PROT is no setting; did you mean RAPPORT_PORT\?/);
    expect(message).to.contain('RAPPORT_STOREHOUSE_ROOMS is "0"; allowed: a whole number from 1');
    expect(message).to.contain('RAPPORT_STOREHOUSE_KEY is missing; allowed: text');
    expect(message).to.contain('RAPPORT_LOG_LEVEL is "loud"; allowed: error, warn, info, debug, silent');
    expect(opened).to.equal(false);
  });

  it('names the value of a faulty setting and what is allowed, and never a secret', async () => {
    const table: readonly (readonly [string, string, string])[] = [
      ['RAPPORT_PORT', '99999', 'is "99999"; allowed: a whole number from 0 to 65535'],
      ['RAPPORT_PORT', 'true', 'is "true"; allowed: a whole number from 0 to 65535'],
      ['RAPPORT_RATE_CLIENT', '-1', 'is "-1"; allowed: a number above 0, at most 1000000000'],
      ['RAPPORT_RATE_LIMITS', 'maybe', 'is "maybe"; allowed: true or false'],
      ['RAPPORT_ROLE', 'both', 'is "both"; allowed: all, gateway, worker'],
      ['RAPPORT_CURRENCY', 'eur', 'is "eur"; allowed: an ISO 4217 code such as EUR'],
      ['RAPPORT_CURRENCY', 'XXY', 'is "XXY"; allowed: an ISO 4217 code such as EUR'],
      ['RAPPORT_LOCALE', 'xx_yy', 'is "xx_yy"; allowed: a BCP 47 language tag such as de-CH'],
      [
        'RAPPORT_JWT_JWKS_URL',
        'me:secret@id',
        'is "…@id"; allowed: a URL such as https://id.example.com/keys; several are separated by commas',
      ],
      [
        'RAPPORT_JWT_ISSUER',
        'https://id.example',
        'is "https://id.example"; needs RAPPORT_JWT_JWKS_URL, the address of the keys that prove a token',
      ],
      ['RAPPORT_SEARCH_LANGUAGE', 'English', 'is "English"; allowed: an ISO 639 code such as en'],
    ];
    for (const [name, value, fault] of table) {
      const message = await refusal(bootPlugins(plugins, { environment: { [name]: value } }));
      expect(message).to.equal(`These settings need correcting:\n  ${name} ${fault}`);
    }
    const locked = plain('vault', { settings: z.strictObject({ key: z.string().min(40) }) });
    const message = await refusal(bootPlugins([locked], { environment: { RAPPORT_VAULT_KEY: 'secret' } }));
    expect(message).to.contain('RAPPORT_VAULT_KEY has 6 characters; allowed: text of at least 40 characters');
    expect(message).not.to.contain('secret');
  });

  it('refuses fields that neither a plugin nor its instance has, with the nearest known name', async () => {
    const misspelt = { name: 'odd', provides: null, needs: [], setings: 1, create: () => ({ port: null }) };
    expect(() => definePlugin(misspelt)).to.throw(
      'plugin odd has no field "setings"; did you mean settings?',
    );
    const made = { port: null, rutes: () => undefined };
    const odd = definePlugin({ name: 'odd', provides: null, needs: [], create: () => made });
    expect(await refusal(bootPlugins([odd]))).to.equal(
      'odd could not be created: the instance has no field "rutes"; did you mean routes?',
    );
  });

  it('refuses, naming both, two settings that are read from one variable', async () => {
    const set = (name: string, ...keys: string[]): Plugin =>
      plain(name, {
        settings: z.strictObject(Object.fromEntries(keys.map((key) => [key, z.string().optional()]))),
      });
    const table: readonly (readonly [Plugin[], string])[] = [
      [[set('data', 'dir')], 'RAPPORT_DATA_DIR is read by the core as dataDir and by data as dir'],
      [[set('api', 'keys')], 'RAPPORT_API_KEYS is read by the core as apiKeys and by api as keys'],
      [[set('find-x', 'y'), set('find', 'xY')], 'RAPPORT_FIND_X_Y is read by find-x as y and by find as xY'],
      [[set('find', 'xY', 'x-y')], 'RAPPORT_FIND_X_Y is read by find as xY and by find as x-y'],
    ];
    for (const [list, message] of table) expect(await refusal(bootPlugins(list))).to.equal(message);
  });

  it('refuses, by name, an endpoint that the gateway or another plugin serves', async () => {
    const mounts = (name: string, ...paths: string[]): Plugin =>
      plain(
        name,
        {},
        {
          routes(router) {
            for (const path of paths) router.route('GET', path, async () => undefined);
          },
        },
      );
    const own = [
      '/',
      '//',
      '/graphql',
      '/graphql/',
      '/GraphQL',
      '/health/ready',
      '/Health/Ready/',
      '/health/:part',
      '/%68ealth/live',
      '/metrics',
      '/metrics/:any',
      '/.well-known/jwks.json',
      '/:page',
      '/:a/:b',
    ];
    for (const path of own)
      expect(await refusal(openTestGateway([mounts('usurper', path)])), path).to.equal(
        `usurper mounts GET ${path}, which the gateway serves`,
      );
    for (const path of ['health', '', '/x?y', '/x y'])
      expect(await refusal(openTestGateway([mounts('odd', path)])), path).to.match(
        /^odd mounts GET .*begins with/,
      );
    const pairs: readonly (readonly [string, string])[] = [
      ['/hooks/in', '/hooks/in'],
      ['/hooks/in', '/hooks/:name'],
      ['/hooks/:name', '/Hooks/in/'],
      ['/hooks/:a/x', '/hooks/y/:b'],
    ];
    for (const [one, other] of pairs)
      expect(await refusal(openTestGateway([mounts('first', one), mounts('second', other)]))).to.equal(
        `second mounts GET ${other}, which first already serves as ${one}`,
      );
    const gateway = await openTestGateway([
      mounts('first', '/hooks/in', '/hooks/:any'),
      mounts('second', '/hooks/in/x'),
    ]);
    await gateway.close();
  });

  it('refuses a URL of a scheme that no driver has', async () => {
    const message = await refusal(
      bootPlugins(plugins, {
        environment: {
          RAPPORT_STORE_URL: 'oracle://db',
          RAPPORT_QUEUE_URL: 'localhost:6379',
          RAPPORT_SEARCH_ULR: 'http://search:7700',
          RAPPORT_STORE_TIMEOUT_MS: '1000',
        },
      }),
    );
    expect(message.split('\n  ').slice(1).sort()).to.deep.equal([
      'RAPPORT_QUEUE_URL must begin with redis:// or rediss://, and this begins with no scheme; leave it out for the embedded driver',
      'RAPPORT_SEARCH_ULR is no setting; did you mean RAPPORT_SEARCH_URL?',
      'RAPPORT_STORE_URL must begin with mongodb:// or mongodb+srv://, not oracle://; leave it out for the embedded driver',
    ]);
  });

  it('runs the store on a driver that another plugin contributes, if its name is chosen', async () => {
    const notes = plain('notes', {
      driversFor: {
        store: {
          notebook: async () => ({
            settings: z.strictObject({ pages: z.coerce.number() }),
            traits: { ordered: true },
            async open({ pages }: { pages: number }) {
              opened.push(pages);
              return {
                ordered: true,
                collection: async () => empty,
                check: async () => undefined,
                close: async () => undefined,
              };
            },
          }),
        },
      },
    });
    const refuse = async (): Promise<never> => {
      throw new Error('full');
    };
    const empty = {
      getMany: async (ids: readonly string[]) => ids.map(() => null),
      put: refuse,
      insert: refuse,
      update: refuse,
      remove: async () => 0,
      find: async () => ({ documents: [], last: null }),
      count: async () => 0,
    };
    const opened: number[] = [];
    const bootOn = (environment: Record<string, string>) => bootPlugins([store, notes], { environment });
    const system = await bootOn({ RAPPORT_STORE: 'notebook', RAPPORT_STORE_PAGES: '7' });
    expect(system.plugins.find(({ plugin }) => plugin.name === 'store')?.driver).to.equal('notebook');
    expect(opened).to.deep.equal([7]);
    await system.close();
    expect(await refusal(bootOn({ RAPPORT_STORE: 'notebok' }))).to.contain(
      'RAPPORT_STORE "notebok" is no driver; there are embedded, mongodb, notebook',
    );
    expect(await refusal(bootOn({ RAPPORT_STORE: 'notebook' }))).to.contain('RAPPORT_STORE_PAGES');
    expect(await refusal(bootPlugins([store, notes, { ...notes, name: 'others' }]))).to.equal(
      'notes and others both have a driver of store named notebook',
    );
  });
});
