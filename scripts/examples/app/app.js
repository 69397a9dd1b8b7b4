/** The page of the app. The service worker keeps this file, the client and the last list for when the phone is offline. */
const shop = await (await fetch('/shop.json')).json();
const { createClient } = await import(`${shop.url}/client.js`);
const client = createClient({ ...shop, channel: 'APP', currency: 'EUR', locale: 'en' });
const find = (selector) => document.querySelector(selector);
const lastListKey = 'last-list';

function show(list) {
  find('#list').replaceChildren(
    ...list.items.map((item) => {
      const view = Object.assign(document.createElement('button'), {
        type: 'button',
        textContent: item.product.title,
      });
      // Offline, the event waits on the device and is sent later; it counts once.
      view.onclick = () => {
        client.events.clicked(list, item);
        client.events.viewed(item.product.id, list);
        find('#state').textContent = navigator.onLine ? '' : 'Saved for when you are online.';
      };
      const entry = document.createElement('li');
      entry.append(view, ` ${item.product.price?.amount ?? ''}`);
      return entry;
    }),
  );
}

async function refresh() {
  try {
    const list = await client.recommend({ placement: 'home', first: 5 });
    localStorage.setItem(lastListKey, JSON.stringify(list));
    find('#state').textContent = '';
    show(list);
  } catch {
    const last = localStorage.getItem(lastListKey);
    find('#state').textContent = 'You are offline. This is the last list.';
    if (last) show(JSON.parse(last));
  }
  document.body.dataset.ready = 'yes';
}

const openHandover = `mutation ($context: ShopperContext!, $code: String!) {
  openHandover(context: $context, code: $code) { decisionId products { id title price { amount currency } } userErrors { message } }
}`;

/** Goes on with a list that was begun with a voice assistant. Its code works once, and signs nobody in. */
async function goOn(code) {
  const context = { channel: 'APP', currency: 'EUR', locale: 'en' };
  const { openHandover: opened } = await client.query(openHandover, { context, code });
  const [fault] = opened.userErrors;
  find('#state').textContent = fault ? fault.message : 'Here is your list.';
  if (!fault)
    show({
      decisionId: opened.decisionId,
      items: opened.products.map((product, at) => ({ product, position: at + 1 })),
    });
}

find('#continue').onsubmit = async (event) => {
  event.preventDefault();
  await goOn(find('#code').value);
};

find('#yes').hidden = !client.consent.mustAsk();
find('#yes').onclick = async () => {
  await client.consent.grant(['PERSONALIZATION'], { noticeVersion: '1' });
  const openHandover = `mutation ($context: ShopperContext!, $code: String!) {
  openHandover(context: $context, code: $code) { decisionId products { id title price { amount currency } } userErrors { message } }
}`;

  /** Goes on with a list that was begun with a voice assistant. Its code works once, and signs nobody in. */
  async function goOn(code) {
    const context = { channel: 'APP', currency: 'EUR', locale: 'en' };
    const { openHandover: opened } = await client.query(openHandover, { context, code });
    const [fault] = opened.userErrors;
    find('#state').textContent = fault ? fault.message : 'Here is your list.';
    if (!fault)
      show({
        decisionId: opened.decisionId,
        items: opened.products.map((product, at) => ({ product, position: at + 1 })),
      });
  }

  find('#continue').onsubmit = async (event) => {
    event.preventDefault();
    await goOn(find('#code').value);
  };

  find('#yes').hidden = true;
  await refresh();
};
addEventListener('online', refresh);
await navigator.serviceWorker?.register('/worker.js');
await refresh();
// The link of a handover has the code behind the #, which no server sees.
if (location.hash.length > 1) {
  const code = location.hash.slice(1);
  history.replaceState(null, '', location.pathname);
  await goOn(code);
}
