// What a hand and a clock need and no server can give: counting down by the database's clock, holding a button, keeping the screen
// awake, one soft tone, and knowing that the connection was away. Nothing here decides: a press while the connection is away is lost.
const HOLD = 1200;
const STALE = 60_000;
const WARN = 5 * 60_000;
const html = document.documentElement;
let stopLast = () => { };

// One voice for as long as the document lives. A browser lets it sound only after a press: a tablet that reloaded by itself is mute until then.
let voice = null;
let toldAsleep = () => { };

const left = ms => {
  if (ms <= 0) return '0\u00A0s';
  if (ms < 90_000) return `${Math.ceil(ms / 1000)}\u00A0s`;
  if (ms < 90 * 60_000) return `${Math.floor(ms / 60_000)}\u00A0min`;
  if (ms < 48 * 3_600_000) return `${Math.floor(ms / 3_600_000)}\u00A0h`;
  return `${Math.floor(ms / 86_400_000)}\u00A0days`;
};

// The text node stays the one Blazor wrote, so that its next word still arrives.
const write = (element, text) => {
  const node = element?.firstChild;
  if (node && node.data !== text) node.data = text;
};

// In the branch's time, as everywhere else on the page.
const clock = (at, zone) => {
  const shape = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  try {
    return new Date(at).toLocaleTimeString([], { ...shape, timeZone: zone });
  } catch {
    // A device that does not know the zone.
    return `${new Date(at).toLocaleTimeString([], { ...shape, timeZone: 'UTC' })} UTC`;
  }
};
const isAway = () => html.dataset.connection === 'lost' || !navigator.onLine;

const wantsTone = () => localStorage.getItem('sv-queue-sound') === 'on' && localStorage.getItem('sv-queue-quiet') !== 'on';

const audioOf = () => {
  if (!voice && 'AudioContext' in window) {
    voice = new AudioContext();
    voice.addEventListener('statechange', () => toldAsleep());
  }
  return voice;
};

// Asks for sound; without a press the browser leaves the question open, so nobody waits for long.
const wake = async () => {
  const audio = audioOf();
  if (audio && audio.state !== 'running') await Promise.race([audio.resume().catch(() => { }), new Promise(done => setTimeout(done, 300))]);
  toldAsleep();
  return audio?.state === 'running' ? audio : null;
};

export async function tone() {
  if (!wantsTone()) return;
  // What could not sound now does not sound later, when it is no news any more.
  const audio = await wake();
  if (!audio) return;
  const gain = audio.createGain();
  const pitch = audio.createOscillator();
  pitch.frequency.setValueAtTime(587, audio.currentTime);
  pitch.frequency.setValueAtTime(784, audio.currentTime + .14);
  gain.gain.setValueAtTime(0, audio.currentTime);
  gain.gain.linearRampToValueAtTime(.07, audio.currentTime + .03);
  gain.gain.exponentialRampToValueAtTime(.0001, audio.currentTime + .7);
  pitch.connect(gain).connect(audio.destination);
  pitch.start();
  pitch.stop(audio.currentTime + .75);
  pitch.onended = () => gain.disconnect();
}

export function set(name, on) {
  localStorage.setItem(`sv-queue-${name}`, on ? 'on' : 'off');
  if (name === 'sound' && on) tone();
  else toldAsleep();
}

export function settle(open) {
  const list = document.querySelector('.q-side .q-head');
  const alone = list && getComputedStyle(list).display === 'none';
  if (open && alone) {
    scrollTo(0, 0);
    document.querySelector('.q-main h1')?.focus({ preventScroll: true });
  }
}

// A pressed button that is gone leaves the keyboard nowhere; one in the list, or in a dialog, stays where it is.
export function stand() {
  const here = document.activeElement;
  if (here && here !== document.body && !here.closest('.q-bar')) return;
  document.querySelector('.q-bar :is(a[href], button:not([disabled]))')?.focus({ preventScroll: true });
}

export function last() {
  document.querySelector('.q-scroll li:last-child')?.scrollIntoView({ block: 'nearest' });
}

export function start(root, page) {
  stopLast();
  const ending = new AbortController();
  const on = (target, name, handler, options) => target.addEventListener(name, handler, { signal: ending.signal, ...options });
  const say = (method, ...args) => { if (!isAway()) page.invokeMethodAsync(method, ...args).catch(() => { /* the circuit is gone */ }); };
  let offset = 0;
  let readAt = 0;
  let readLocal = Date.now();
  const warned = new Set();

  // --- counting -----------------------------------------------------------------------------------------------------
  const snapshot = () => {
    if (!('openList' in root.dataset) || !('caches' in window) || localStorage.getItem('sv-queue-quiet') === 'on') return;
    const rows = [...root.querySelectorAll('.q-row')].slice(0, 50).map(row => ({
      band: row.querySelector('.q-band')?.textContent ?? '',
      title: row.querySelector('.q-title')?.textContent.trim() ?? '',
      area: row.querySelector('.q-band + span')?.textContent.trim() ?? '',
    }));
    caches.open('sv-queue-last').then(cache => cache.put('/queue-last.json', new Response(JSON.stringify({ at: readAt, zone: root.querySelector('[data-live-chip]')?.dataset.zone, place: document.querySelector('.top .menu-start summary .truncate, .top-place')?.textContent.trim() ?? '', rows }), { headers: { 'Content-Type': 'application/json' } }))).catch(() => { });
  };

  const tick = () => {
    const chip = root.querySelector('[data-live-chip]');
    const now = Number(chip?.dataset.now ?? 0);
    if (now && now !== readAt) {
      readAt = now;
      readLocal = Date.now();
      offset = now - readLocal;
      snapshot();
      if ('setAppBadge' in navigator) {
        const count = Number(root.dataset.openCount ?? 0);
        (count ? navigator.setAppBadge(count) : navigator.clearAppBadge()).catch(() => { });
      }
    }
    const here = Date.now() + offset;
    for (const element of root.querySelectorAll('[data-until]')) {
      const rest = Number(element.dataset.until) - here;
      write(element, left(rest));
      if ('warn' in element.dataset && rest > 0 && rest < WARN && !warned.has(element.dataset.until)) {
        warned.add(element.dataset.until);
        if (rest > WARN - 5_000) tone();
      }
    }
    const age = Date.now() - readLocal;
    const stale = isAway() || age > STALE;
    root.querySelectorAll('.decision-bar, [data-decides]').forEach(part => { part.inert = stale; });
    if (chip) {
      const text = chip.querySelector('[data-live-text]');
      if (stale) chip.dataset.stale = '';
      else if (text?.firstChild?.data.startsWith('Live')) delete chip.dataset.stale;
      if (stale) write(text, `Last seen ${clock(readAt, chip.dataset.zone)}`);
      else if (!text?.firstChild?.data.startsWith('Stale')) write(text, age > 20_000 ? `Live, ${Math.round(age / 1000)}\u00A0s old` : 'Live');
    }
  };
  const timer = setInterval(tick, 1000);
  tick();

  // --- hands on the list: nothing moves then -------------------------------------------------------------------------
  let told = 0;
  const hands = event => {
    if (!event.target.closest?.('[data-hands]') || Date.now() - told < 5000) return;
    told = Date.now();
    say('Touched');
  };
  for (const name of ['pointerdown', 'pointermove', 'focusin', 'wheel', 'touchstart', 'keydown']) on(root, name, hands, { passive: true });

  // --- holding: 1.2 s, drawn as it fills -----------------------------------------------------------------------------
  let held = null;
  // What opens at the end of a hold opens under the finger: lifting it is no press on that.
  const ignore = event => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  const ignoreLift = () => {
    on(window, 'click', ignore, { capture: true, once: true });
    for (const name of ['pointerup', 'pointercancel']) on(window, name, () => setTimeout(() => window.removeEventListener('click', ignore, { capture: true }), 500), { capture: true, once: true });
  };
  const letGo = () => {
    if (!held) return;
    cancelAnimationFrame(held.frame);
    held.button.style.removeProperty('--held');
    const { done } = held;
    held = null;
    if (!done) say('HoldCancelled');
  };
  on(root, 'pointerdown', event => {
    const button = event.target.closest?.('[data-hold]');
    if (!button || button.disabled || isAway() || event.button !== 0) return;
    const since = performance.now();
    const what = button.dataset.hold;
    held = { button, frame: 0, done: false };
    say('HoldStarted', what);
    const fill = () => {
      if (!held) return;
      // What is held is what was on the button when the finger came down, or nothing.
      if (!button.isConnected || button.dataset.hold !== what) return letGo();
      const part = Math.min(1, (performance.now() - since) / HOLD);
      button.style.setProperty('--held', `${part * 100}%`);
      if (part < 1) held.frame = requestAnimationFrame(fill);
      else {
        held.done = true;
        ignoreLift();
        letGo();
        if (!button.disabled && !button.closest('[inert]')) say('HoldDone', what);
      }
    };
    held.frame = requestAnimationFrame(fill);
  });
  for (const name of ['pointerup', 'pointercancel', 'blur']) on(window, name, letGo);
  on(root, 'pointerout', event => { if (held && event.target.closest?.('[data-hold]') === held.button && !held.button.contains(event.relatedTarget)) letGo(); });
  on(root, 'contextmenu', event => { if (event.target.closest?.('[data-hold]')) event.preventDefault(); });

  // A key that is kept down presses the button that had the focus, not the one that gets it next.
  on(root, 'keydown', event => { if (event.repeat && (event.key === 'Enter' || event.key === ' ') && event.target.closest?.('.decision-bar')) event.preventDefault(); }, { capture: true });

  // --- a letter decides only what is open: on another row it opens that first -------------------------------------------
  on(root, 'keydown', event => {
    const row = event.target.closest?.('[data-key-item]');
    if (!row || event.ctrlKey || event.metaKey || event.altKey || !['a', 'r', 'u'].includes(event.key) || row.getAttribute('aria-current') === 'true') return;
    event.stopPropagation();
    event.preventDefault();
    if (localStorage.getItem('sv-keys') !== 'off') row.click();
  }, { capture: true });

  on(root, 'click', event => {
    if (event.target.closest?.('[data-back]')) history.back();
    const menu = event.target.closest?.('.q-menu .menu-item')?.closest('details');
    if (menu) menu.open = false;
  });

  // --- the tone is let sound by a press, and says so while it is not ---------------------------------------------------
  toldAsleep = () => root.toggleAttribute('data-tone-asleep', wantsTone() && audioOf()?.state !== 'running');
  // A finger counts when it is lifted, a mouse and a key when they go down; the switch itself is pressed before it says "on".
  for (const name of ['pointerdown', 'pointerup', 'click', 'keydown']) {
    on(window, name, event => {
      if ((wantsTone() && voice?.state !== 'running') || event.target.closest?.('[data-tone-switch]')) wake();
    }, { capture: true, passive: true });
  }
  if (wantsTone()) wake();

  // --- away and back -----------------------------------------------------------------------------------------------
  const kept = Number(sessionStorage.getItem('sv-queue-away') ?? 0);
  sessionStorage.removeItem('sv-queue-away');
  let away = 0;
  const connection = new MutationObserver(() => {
    tick();
    if (html.dataset.connection === 'lost' && !away) {
      away = readAt || Date.now();
      sessionStorage.setItem('sv-queue-away', String(away));
    } else if (!html.dataset.connection && away) {
      say('Back', away);
      away = 0;
      sessionStorage.removeItem('sv-queue-away');
    }
  });
  connection.observe(html, { attributes: true, attributeFilter: ['data-connection'] });

  // --- the screen stays on while the queue is looked at -------------------------------------------------------------
  let lock = null;
  const stayAwake = async () => {
    if (document.hidden || !('wakeLock' in navigator)) return;
    try {
      lock = await navigator.wakeLock.request('screen');
      if (ending.signal.aborted) lock.release();
    } catch { /* low battery, or not allowed: the screen sleeps as always */ }
  };
  on(document, 'visibilitychange', () => { tick(); toldAsleep(); if (!document.hidden) stayAwake(); });
  stayAwake();

  if ('serviceWorker' in navigator && window.isSecureContext) navigator.serviceWorker.register(new URL('sw.js', document.baseURI)).catch(() => { });

  stopLast = () => {
    ending.abort();
    clearInterval(timer);
    connection.disconnect();
    lock?.release().catch(() => { });
    letGo();
    toldAsleep = () => { };
    stopLast = () => { };
  };
  // From here on it looks after the connection itself; until then the page only listens.
  root.dataset.watches = '';
  return { quiet: localStorage.getItem('sv-queue-quiet') === 'on', sound: localStorage.getItem('sv-queue-sound') === 'on', away: kept };
}

export function stop() {
  stopLast();
}
