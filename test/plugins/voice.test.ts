import { expect } from 'chai';
import { slowed, timed } from '../support/slowed.js';
import { openVoiceShop, type Say, type VoiceShop } from '../support/voice-shop.js';

const idsOf = ({ list }: Awaited<ReturnType<Say>>) => list?.items.map(({ productId }) => productId);

describe('A conversation with a voice assistant', function () {
  this.timeout(60_000);
  let shop: VoiceShop;
  let conversations = 0;
  const talk = (): Say => shop.conversation(`c-${++conversations}`);
  before(async () => {
    shop = await openVoiceShop([], {
      environment: { RAPPORT_VOICE_HANDOVER_URL: 'https://shop.example/go#{code}' },
    });
  });
  after(() => shop.close());

  it('pages through what was found, three at a time, and back', async () => {
    const say = talk();
    const first = await say('find a kettle');
    expect(first.speech.text).to.match(
      /^Here are the first three that I found: First, .+ Second, .+ Third, /,
    );
    expect(first.speech.reprompt).to.contain('the second one');
    const next = await say('more');
    expect(next.speech.text).to.match(/^Here are two more: First, /);
    expect([...idsOf(first)!, ...idsOf(next)!].sort()).to.deep.equal([
      'k-camping',
      'k-colour',
      'k-glass',
      'k-steel',
      'k-travel',
    ]);
    expect((await say('more')).speech.text).to.contain('That was all.');
    expect(idsOf(await say('go back'))).to.deep.equal(idsOf(first));
    expect((await say('repeat')).speech.text).to.contain('Once more, the ones before:');
  });

  it('never says what may not be said aloud, whatever the ranking', async () => {
    const say = talk();
    const all = [
      await say('find kettle gift'),
      await say('more'),
      await say('suggest something'),
      await say('more'),
      await say('more'),
    ];
    expect(JSON.stringify(all)).not.to.match(/Surprise/);
  });

  it('knows "the second one", "the last one" and "the next one" in what was said last', async () => {
    const say = talk();
    const ids = idsOf(await say('find a kettle'))!;
    const second = await say('the second one');
    expect(second.list?.current).to.equal(1);
    expect((await say('the next one')).list?.current).to.equal(2);
    expect((await say('number 1')).list?.current).to.equal(0);
    expect((await say('the last one')).list).to.include({ current: 2 });
    expect(idsOf(second)).to.deep.equal(ids);
    expect((await say('number 5')).speech.text).to.contain('There are only 3 in this list.');
    expect((await say('more about the second one')).card?.title).to.equal('Alder glass kettle');
  });

  it('looks for what is cheaper than the current one, or than all that was said', async () => {
    const say = talk();
    await say('find a kettle');
    const all = await say('something cheaper');
    expect(all.speech.text).to.match(/^For less than 24 euros and 50 cents: Alder travel kettle/);
    expect((await say('cheaper')).speech.text).to.contain(
      'I have nothing for less than 19 euros and 90 cents.',
    );
    await say('find a kettle');
    await say('the second one');
    expect(idsOf(await say('cheaper')))
      .to.include('k-colour')
      .and.not.include('k-glass');
  });

  it('looks for a colour: in a product that comes in it, and else in the list, with the price of that variant', async () => {
    const say = talk();
    await say('find a kettle');
    await say('the first one');
    const own = await say('does it come in blue');
    expect(own.speech.text).to.contain('Yes, Brook colour kettle comes in blue, for 41 euros.');
    await say('find a kettle');
    const blue = await say('in blue');
    expect(idsOf(blue)).to.have.members(['k-colour', 'k-travel']);
    expect(blue.speech.text).to.contain('Brook colour kettle, for 41 euros');
    expect((await say('in purple')).speech.text).to.contain('I found none in purple.');
    expect((await say('the second one')).list?.items, 'the list before stays').to.have.lengthOf(2);
    const german = talk();
    const locale = 'de-DE';
    await german('suche Wasserkocher', { locale });
    expect((await german('der erste', { locale })).speech.text).to.match(
      /^Brook bunter Wasserkocher, für 39 Euro\./,
    );
    expect(
      (await german({ intent: 'WITH_OPTION', slots: { option: 'blauer' } }, { locale })).speech.text,
    ).to.contain('gibt es in blau, für 41 Euro.');
  });

  it('says details, and yes puts it on the list', async () => {
    const say = talk();
    await say('find a kettle');
    await say('the first one');
    const details = await say('yes');
    expect(details.speech.text)
      .to.contain('It holds a litre and a half.')
      .and.contain('It comes in blue or red.')
      .and.contain('It costs 39 euros.');
    expect(details.card?.lines[0]).to.equal('€39.00');
    expect((await say('yes')).speech.text).to.contain(
      'Brook colour kettle is on your list now. It is the only thing there.',
    );
    expect((await say('add it to my list')).speech.text).to.contain('is on your list already');
    await say('add the third one to my list');
    const list = await say('what is on my list');
    expect(list.speech.text).to.contain(
      'There are 2 products on your list: Brook colour kettle and Tarn camping kettle.',
    );
    expect((await say('the second one')).speech.text).to.match(/^Tarn camping kettle/);
  });

  it('says reductions and ratings in the language of the shopper', async () => {
    const details: Readonly<Record<string, string>> = {
      'en-GB': 'It costs 6 euros and 50 cents instead of 8 euros. 7 people gave it 4.9 of 5 stars.',
      'de-DE': 'Der Preis ist 6 Euro 50 statt 8 Euro. 7 Personen gaben 4,9 von 5 Sternen.',
      'fr-FR': 'Le prix est de 6 euros 50 au lieu de 8 euros. 7 personnes lui ont donné 4,9 étoiles sur 5.',
      'es-ES': 'Cuesta 6 euros con 50 en lugar de 8 euros. 7 personas le dieron 4,9 de 5 estrellas.',
      'it-IT': 'Costa 6 euro e 50 invece di 8 euro. 7 persone gli hanno dato 4,9 stelle su 5.',
    };
    for (const [locale, said] of Object.entries(details)) {
      const say = talk();
      await say({ intent: 'FIND', slots: { query: 'espresso cup' } }, { locale });
      const { speech } = await say({ intent: 'DETAILS', slots: { ordinal: 1 } }, { locale });
      expect(speech.text).to.contain(said);
    }
  });

  it('goes on with suggestions where nothing is found, and says what it corrected', async () => {
    const say = talk();
    const none = await say('find a zeppelin');
    expect(none.speech.text).to.match(/^I found nothing for a zeppelin\. But this is popular here: First/);
    expect(none.list?.decisionId).to.be.a('string');
    expect((await say('find ketle')).speech.text).to.match(/^I searched for kettle\. First/);
  });

  it('refers to the decision of the ranking: what a shopper hears is attributed to it', async () => {
    const say = talk();
    const first = await say('suggest something');
    const again = await talk()('suggest something');
    expect(first.list?.decisionId).to.be.a('string').and.equal(again.list?.decisionId);
    await say('the second one');
    const report = await shop.ask('{ eventReport(days: 1) { byType { type events } } }', {
      role: 'MERCHANDISER',
    });
    const events = report.at('eventReport.byType') as { readonly type: string; readonly events: number }[];
    expect(events.find(({ type }) => type === 'RECOMMENDATION_SHOWN')?.events).to.be.at.least(2);
    expect(events.find(({ type }) => type === 'RECOMMENDATION_CLICKED')?.events).to.be.at.least(1);
  });

  it('is a subsequence of what the web shows the same person', async () => {
    const say = talk();
    const voice = [...idsOf(await say('suggest something'))!, ...idsOf(await say('more'))!];
    const web = await shop.ask(
      '{ shopper(context: { channel: WEB, sessionId: "other" }) { recommendations(placement: "home", first: 20) { items { product { id } } } search(query: "kettle") { products(first: 20) { nodes { id } } } } }',
    );
    const shown = (web.at('shopper.recommendations.items') as { product: { id: string } }[]).map(
      ({ product }) => product.id,
    );
    expect(shown.filter((id) => voice.includes(id))).to.deep.equal(voice);
    const found = [...idsOf(await say('find kettle'))!, ...idsOf(await say('more'))!];
    const searched = (web.at('shopper.search.products.nodes') as { id: string }[]).map(({ id }) => id);
    expect(searched.filter((id) => found.includes(id))).to.deep.equal(found);
  });

  it('is forgotten half an hour after its last turn, and known to its own person only', async () => {
    const say = talk();
    await say('find a kettle');
    expect((await say('more', { sessionId: 'somebody-else' })).speech.text).to.contain(
      'There is no list yet.',
    );
    shop.system.clock.advance(29 * 60_000);
    expect((await say('repeat')).speech.text).to.contain('First');
    shop.system.clock.advance(31 * 60_000);
    expect((await say('more')).speech.text).to.contain('There is no list yet.');
  });

  it('forgets on request, and only after a yes', async () => {
    const say = shop.conversation('forgetful');
    const mine =
      '{ shopper(context: { channel: WEB, sessionId: "say-forgetful" }) { consents { purpose status } } }';
    await say('find a kettle');
    expect((await say('forget me')).speech.text).to.contain('yes or no');
    expect((await say('no')).ends).to.equal(false);
    expect((await say('more')).speech.text).to.contain('more:');
    await say('forget me');
    expect(await say('yes')).to.include({ ends: true });
    expect((await say('more')).speech.text).to.contain('There is no list yet.');
    const { text } = await shop.ask(mine);
    expect(text)
      .to.contain('{"purpose":"PERSONALIZATION","status":"WITHDRAWN"}')
      .and.contain('{"purpose":"ANALYTICS","status":"WITHDRAWN"}');
  });

  it('stops personalizing at once, in every channel', async () => {
    const session = 'kitchen-person';
    const context = `{ channel: WEB, sessionId: "${session}" }`;
    await shop.ask(
      `mutation { setConsent(context: ${context}, decisions: [{ purpose: PERSONALIZATION, status: GRANTED }]) { userErrors { message } } recordEvents(context: ${context}, events: [{ messageId: "v", type: PRODUCT_VIEWED, productIds: ["mug"] }]) { accepted } }`,
    );
    const say = talk();
    expect((await say('suggest something', { sessionId: session })).personalized).to.equal(true);
    expect((await say('stop personalizing', { sessionId: session })).speech.text).to.contain(
      'the same to you as to everybody',
    );
    expect((await say('suggest something', { sessionId: session })).personalized).to.equal(false);
    expect(
      (await shop.ask(`{ shopper(context: ${context}) { personalization { applied } } }`)).at(
        'shopper.personalization.applied',
      ),
    ).to.equal(false);
  });

  it('names what is wrong with a turn that cannot be', async () => {
    const say = talk();
    const faults = [
      await say({ intent: 'DANCE' }),
      await say({ intent: 'SELECT', slots: { ordinal: 0.5 } }),
      await say({ intent: 'FIND', slots: { query: 'x'.repeat(300) } }),
      await say({ intent: 'FIND' }, { text: 'find' }),
      await say('hello', { locale: 'english' }),
    ];
    for (const { status, error } of faults) {
      expect(status).to.equal(400);
      expect(error?.code).to.match(/^(VOICE_SAY_BODY|CONTEXT_LOCALE|VOICE_TURN)$/);
    }
    expect(faults[0]!.error?.message).to.match(/intent: .*FIND/);
    const named = await say('hello', { customerId: 'ada' });
    expect(named.error?.code).to.equal('CONTEXT_CUSTOMER');
  });

  describe('goes on elsewhere', () => {
    const open = (code: string, session = 'phone') =>
      shop.ask(
        'mutation ($code: String!, $context: ShopperContext!) { openHandover(context: $context, code: $code) { decisionId products { id price { amount } } userErrors { code } } }',
        {
          variables: { code, context: { channel: 'APP', sessionId: session, currency: 'EUR' } },
        },
      );
    const handOver = async () => {
      const say = talk();
      await say('suggest something');
      const { handover, list } = await say('continue in the app');
      return { ...handover!, list, say };
    };

    it('by a spoken code, once and only once, as the same list', async () => {
      const { code, url } = await handOver();
      expect(code).to.match(/^\d{8}$/);
      const answers = await Promise.all([
        open(`${code.slice(0, 4)} ${code.slice(4)}`),
        open(code),
        open(url!.split('#')[1]!),
      ]);
      const opened = answers.filter(
        (answer) => (answer.at('openHandover.userErrors') as unknown[]).length === 0,
      );
      expect(opened).to.have.lengthOf(1);
      expect((opened[0]!.at('openHandover.products') as unknown[]).length).to.equal(3);
      expect(opened[0]!.at('openHandover.decisionId')).to.be.a('string');
      expect((await open(code)).at('openHandover.userErrors.0.code')).to.equal('VOICE_HANDOVER_OPENED');
    });

    it('by the link of the card', async () => {
      const { url } = await handOver();
      expect(url).to.match(/^https:\/\/shop\.example\/go#[0-9A-Z]{32}$/);
      expect((await open(url!.split('#')[1]!)).at('openHandover.products.0.id')).to.be.a('string');
    });

    it('not after ten minutes, and not by a code that nobody was given', async () => {
      const { code } = await handOver();
      const status = () => shop.ask(`{ handover(code: "${code}") { status } }`);
      expect((await status()).at('handover.status')).to.equal('OPEN');
      shop.system.clock.advance(10 * 60_000);
      expect((await status()).at('handover.status')).to.equal('EXPIRED');
      expect((await open(code)).at('openHandover.userErrors.0.code')).to.equal('VOICE_HANDOVER_EXPIRED');
      expect((await open('99999999')).at('openHandover.userErrors.0.code')).to.equal(
        'VOICE_HANDOVER_UNKNOWN',
      );
      expect((await shop.ask('{ handover(code: "99999999") { status } }')).at('handover')).to.equal(null);
    });

    it('without signing anybody in', async () => {
      await shop.ask(
        'mutation { identify(context: { channel: VOICE, sessionId: "speaker" }, customer: { id: "ada" }) { userErrors { message } } }',
        { role: 'SERVER' },
      );
      const say = talk();
      await say('suggest something', { sessionId: 'speaker' });
      const { handover } = await say('continue in the app', { sessionId: 'speaker' });
      expect((await open(handover!.code, 'other-phone')).at('openHandover.userErrors')).to.deep.equal([]);
      const there = await shop.ask(
        '{ shopper(context: { channel: APP, sessionId: "other-phone" }) { known } }',
      );
      expect(there.at('shopper.known')).to.equal(false);
    });

    it('not once the conversation was forgotten', async () => {
      const { code, say } = await handOver();
      await say('forget me');
      await say('yes');
      expect((await open(code)).at('openHandover.userErrors.0.code')).to.equal('VOICE_HANDOVER_UNKNOWN');
    });

    it('for any frontend: a list that the graph names', async () => {
      const create = (productIds: readonly string[]) =>
        shop.ask(
          'mutation ($productIds: [ID!]!) { createHandover(context: { channel: KIOSK, sessionId: "kiosk" }, productIds: $productIds) { code userErrors { code path } } }',
          { variables: { productIds } },
        );
      const made = await create(['cup', 'k-colour-red']);
      const answer = await open(String(made.at('createHandover.code')));
      expect((answer.at('openHandover.products') as { id: string }[]).map(({ id }) => id)).to.deep.equal([
        'cup',
        'k-colour',
      ]);
      expect((await create(['nothing'])).at('createHandover.userErrors')).to.deep.equal([
        { code: 'VOICE_HANDOVER_PRODUCTS', path: ['productIds', '0'] },
      ]);
      expect((await create([])).at('createHandover.userErrors.0.code')).to.equal('VOICE_HANDOVER_PRODUCTS');
    });
  });
});

describe('A conversation while a plugin is slow', function () {
  this.timeout(60_000);

  const cases: readonly { readonly plugin: string; readonly said: RegExp; readonly leftOut: RegExp }[] = [
    {
      plugin: 'recommendations',
      said: /^I cannot reach your personal suggestions right now, so this is for everybody: First, /,
      leftOut: /recommendations/,
    },
    { plugin: 'customers', said: /so this is for everybody: First, /, leftOut: /shopper/ },
    { plugin: 'search', said: /./, leftOut: /recommendations|search|^$/ },
    { plugin: 'events', said: /First, /, leftOut: /events/ },
    { plugin: 'consent', said: /so this is for everybody: First, /, leftOut: /recommendations/ },
  ];
  for (const { plugin, said, leftOut } of cases)
    it(`by 10 s: ${plugin}. It answers within 2.5 s and names what was left out`, async () => {
      let isSlow = false;
      const shop: VoiceShop = await openVoiceShop([], {
        plugins: slowed(
          plugin,
          () => shop.system.clock,
          () => isSlow,
        ),
      });
      try {
        isSlow = true;
        const say = shop.conversation('slow');
        const { result: reply, tookMs } = await timed(shop.system.clock, () => say('suggest something'));
        expect(tookMs).to.be.at.most(2_500);
        expect(reply.speech.text).to.match(said);
        expect(reply.leftOut.join()).to.match(leftOut);
        const found = await timed(shop.system.clock, () => say('find a kettle'));
        expect(found.tookMs).to.be.at.most(2_500);
        if (plugin === 'search') {
          expect(found.result.speech.text).to.contain('The search does not respond right now.');
          expect(found.result.leftOut).to.include('search');
        } else expect(found.result.speech.text).to.match(/First, /);
      } finally {
        isSlow = false;
        shop.system.clock.advance(20_000);
        await shop.close();
      }
    });
});
