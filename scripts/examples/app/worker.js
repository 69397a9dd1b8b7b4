/** Keeps the files of the app. They are fetched anew while the phone is online, so a new version is seen at once. */
const cacheName = 'shop-app-1';
const shell = ['/', '/app.js', '/app.webmanifest', '/icon.svg', '/shop.json'];

self.addEventListener('install', (event) => {
  event.waitUntil(keepShell().then(() => self.skipWaiting()));
});
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

async function keepShell() {
  const cache = await caches.open(cacheName);
  await cache.addAll(shell);
  const { url } = await (await cache.match('/shop.json')).json();
  await cache.add(`${url}/client.js`);
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { pathname } = new URL(request.url);
  // Personal answers of the gateway are POSTs, and are never kept here.
  if (request.method === 'GET' && (shell.includes(pathname) || pathname === '/client.js'))
    event.respondWith(newestOf(request));
});

async function newestOf(request) {
  const cache = await caches.open(cacheName);
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(request, response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match(request, { ignoreVary: true });
    if (kept) return kept;
    throw error;
  }
}
