// The last queue, read-only; and a look every few seconds whether the server is there again.
(async () => {
  'use strict';
  document.getElementById('back').addEventListener('click', () => history.back());
  document.getElementById('again').addEventListener('click', () => location.reload());
  const look = async () => {
    try {
      if ((await fetch('/health/live', { cache: 'no-store' })).status < 500) location.reload();
    } catch { /* still away */ }
  };
  setInterval(look, 4000);
  addEventListener('online', look);
  try {
    const kept = await (await caches.open('sv-queue-last')).match('/queue-last.json');
    if (!kept) return;
    const { at, zone, place, rows } = await kept.json();
    if (!rows.length) return;
    document.getElementById('when').textContent = `${place ? place + '. ' : ''}Last seen ${new Date(at).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short', timeZone: zone })}. Nothing can be decided until the connection is back.`;
    const list = document.getElementById('rows');
    for (const row of rows) {
      const item = document.createElement('li');
      item.className = row.band;
      const title = document.createElement('b');
      title.textContent = row.title;
      const more = document.createElement('span');
      more.textContent = [row.band, row.area].filter(Boolean).join(' · ');
      item.append(title, more);
      list.append(item);
    }
    document.getElementById('last').hidden = false;
  } catch { /* a browser that keeps nothing */ }
})();
