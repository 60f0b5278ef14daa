// What an installed StudioVault keeps on the device: one page that says it is offline, its style and fonts, and the rows of the queue
// as they were last seen. No page of a signed-in person is ever kept, no decision is ever stored or sent later, and signing out
// empties it.
'use strict';
const STATIC = 'sv-static-2';
const LAST = 'sv-queue-last';
const OFFLINE = ['offline.html', 'css/offline.css', 'js/offline.js', 'favicon.svg', 'fonts/instrument-sans-latin-5.3.0.woff2'];

self.addEventListener('install', event => event.waitUntil((async () => {
  const cache = await caches.open(STATIC);
  await cache.addAll(OFFLINE.map(path => new Request(path, { cache: 'reload' })));
  await self.skipWaiting();
})()));

self.addEventListener('activate', event => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith('sv-') && name !== STATIC && name !== LAST) await caches.delete(name);
  await self.clients.claim();
})()));

self.addEventListener('fetch', event => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  // Another person, or nobody: what the last one saw goes.
  if (url.pathname === '/logout' || url.pathname.startsWith('/login') || url.pathname === '/branch/switch') {
    event.waitUntil(caches.delete(LAST));
    return;
  }
  if (request.method !== 'GET') return;
  if (request.mode === 'navigate') {
    event.respondWith((async () => {
      try {
        return await fetch(request);
      } catch {
        return (await caches.match('offline.html', { cacheName: STATIC })) ?? Response.error();
      }
    })());
    return;
  }
  // Fonts carry their version in their name; of the rest only what the offline page needs is kept, for when there is no network.
  if (url.pathname.startsWith('/fonts/')) {
    event.respondWith((async () => {
      const cache = await caches.open(STATIC);
      const kept = await cache.match(request, { ignoreVary: true });
      if (kept) return kept;
      const answer = await fetch(request);
      if (answer.ok) await cache.put(request, answer.clone());
      return answer;
    })());
  } else if (OFFLINE.includes(url.pathname.slice(1))) {
    event.respondWith(fetch(request).catch(async () => (await caches.match(request, { cacheName: STATIC, ignoreSearch: true })) ?? Response.error()));
  }
});
