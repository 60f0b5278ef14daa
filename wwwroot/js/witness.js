// Every device is a witness: it keeps the last signed checkpoint of the audit log that it saw, and on each visit asks for the
// proof that today's log goes on from it. What does not fit raises the alarm on every page of this device and is reported.
(() => {
  'use strict';
  const KEPT = 'sv-audit';
  const ALARM = 'sv-audit-alarm';
  const AGAIN = 10 * 60_000;
  const PATIENCE = 15_000;
  const HINT = 4;             // bytes before the signature that name the key
  const subtle = globalThis.crypto?.subtle;   // only over HTTPS and on this machine
  let last = 0;

  const stored = key => {
    try {
      return JSON.parse(localStorage.getItem(key) ?? 'null');
    } catch {
      return null;
    }
  };
  const bytesOf = base64 => Uint8Array.from(atob(base64), c => c.charCodeAt(0));
  const fromHex = text => Uint8Array.from(text.match(/../g) ?? [], pair => parseInt(pair, 16));
  const same = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);
  const ask = (path, init) => fetch(`/v1/audit/${path}`, { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE), ...init });

  /** Size and root of a signed note; null when it is none. */
  const read = note => {
    const [origin, size, root] = note.split('\n');
    if (!origin || !/^(0|[1-9][0-9]{0,14})$/.test(size ?? '') || !/^[A-Za-z0-9+/]{43}=$/.test(root ?? '') || !note.includes('\n\n')) return null;
    return { origin, size: Number(size), root: bytesOf(root) };
  };

  // ECDSA in a note is DER; browsers want the two numbers side by side, 32 bytes each.
  const flat = der => {
    const number = at => {
      const length = der[at + 1];
      const digits = der.subarray(at + 2, at + 2 + length);
      const out = new Uint8Array(32);
      const plain = digits.subarray(Math.max(0, digits.length - 32));
      out.set(plain, 32 - plain.length);
      return { out, next: at + 2 + length };
    };
    const r = number(2);
    const s = number(r.next);
    const both = new Uint8Array(64);
    both.set(r.out);
    both.set(s.out, 32);
    return both;
  };

  /** Whether the key signed the note. Where the browser offers no cryptography, size and root are all that is compared. */
  const signed = async (note, pem) => {
    if (!subtle) return true;
    try {
      const key = await subtle.importKey('spki', bytesOf(pem.replace(/-----[^-]+-----|\s/g, '')), { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
      const blank = note.lastIndexOf('\n\n');
      const text = new TextEncoder().encode(note.slice(0, blank + 1));
      for (const line of note.slice(blank + 2).split('\n')) {
        if (!line.startsWith('\u2014 ')) continue;
        const signature = flat(bytesOf(line.split(' ')[2]).subarray(HINT));
        if (await subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, signature, text)) return true;
      }
    } catch {
      // Not a key, or not a signature: nobody signed it.
    }
    return false;
  };

  const node = async (left, right) => {
    const both = new Uint8Array(65);
    both[0] = 1;
    both.set(left, 1);
    both.set(right, 33);
    return new Uint8Array(await subtle.digest('SHA-256', both));
  };

  /** RFC 9162, 2.1.4.2: whether the tree of the first size is the beginning of that of the second. */
  const consistent = async (first, second, proof) => {
    if (first.size > second.size || first.size === 0) return false;
    if (first.size === second.size) return proof.length === 0 && same(first.root, second.root);
    if (!subtle) return true;
    const nodes = proof.map(fromHex);
    if (nodes.some(n => n.length !== 32)) return false;
    let [fn, sn] = [first.size - 1, second.size - 1];
    while (fn % 2 === 1) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
    // A perfect tree is a node of the other, and its root is known already.
    if (fn === 0) nodes.unshift(first.root);
    if (nodes.length === 0) return false;
    let [fr, sr] = [nodes[0], nodes[0]];
    for (const c of nodes.slice(1)) {
      if (sn === 0) return false;
      if (fn % 2 === 1 || fn === sn) {
        fr = await node(c, fr);
        sr = await node(c, sr);
        while (fn % 2 === 0 && fn !== 0) [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
      } else {
        sr = await node(sr, c);
      }
      [fn, sn] = [Math.floor(fn / 2), Math.floor(sn / 2)];
    }
    return sn === 0 && same(fr, first.root) && same(sr, second.root);
  };

  // --- the alarm ---------------------------------------------------------------------------------------------------
  const show = () => {
    const bar = document.getElementById('history-alarm');
    const alarm = stored(ALARM);
    if (!bar) return;
    bar.hidden = !alarm;
    const detail = bar.querySelector('[data-alarm-detail]');
    if (alarm && detail) {
      const seen = new Date(alarm.seenAt).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' });
      detail.textContent = `Seen by this device on ${seen}: ${alarm.known.toLocaleString()} entries. Shown now: ${alarm.shown === null ? 'nothing that can be proved' : `${alarm.shown.toLocaleString()} entries`}.`;
    }
  };

  const raise = (kept, shown) => {
    localStorage.setItem(ALARM, JSON.stringify({ known: read(kept.note)?.size ?? 0, shown, seenAt: kept.at, at: Date.now() }));
    show();
  };

  const rest = () => {
    if (!stored(ALARM)) return;
    localStorage.removeItem(ALARM);
    show();
  };

  const keep = (note, key) => localStorage.setItem(KEPT, JSON.stringify({ note, key, at: Date.now() }));

  const begin = async () => {
    const [checkpoint, key] = await Promise.all([ask('checkpoint'), ask('key')]);
    if (!checkpoint.ok || !key.ok) return;
    const [note, pem] = [await checkpoint.text(), await key.text()];
    if (read(note)?.size > 0 && await signed(note, pem)) keep(note, pem);
  };

  const visit = async () => {
    last = Date.now();
    const kept = stored(KEPT);
    if (!kept || !read(kept.note)) return begin();
    const answer = await ask('witness', { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: kept.note });
    // A demo that was started anew is another log, and nobody relies on it.
    if (answer.status === 422 && document.documentElement.dataset.demo !== undefined) {
      localStorage.removeItem(KEPT);
      return begin();
    }
    if (answer.status === 409 || answer.status === 422) {
      const now = await ask('checkpoint').then(a => (a.ok ? a.text() : '')).then(read).catch(() => null);
      return raise(kept, now?.size ?? null);
    }
    if (answer.status === 404) return raise(kept, 0);
    if (!answer.ok) return;   // away or busy: the next visit asks again
    const { checkpoint, proof } = await answer.json();
    const now = read(checkpoint ?? '');
    if (now && await signed(checkpoint, kept.key) && await consistent(read(kept.note), now, proof)) {
      keep(checkpoint, kept.key);
      return rest();
    }
    raise(kept, now?.size ?? null);
    await ask('alarms', { method: 'POST', headers: { 'Content-Type': 'text/plain' }, body: kept.note });
  };

  const quietly = () => visit().catch(() => { /* no network: the next visit asks again */ });

  // --- forgetting takes two presses: it gives up the only thing this device can prove --------------------------------
  document.addEventListener('click', event => {
    const button = event.target.closest?.('[data-alarm-forget]');
    if (!button) return;
    if (button.dataset.sure === undefined) {
      button.dataset.sure = '';
      button.textContent = 'Press again: forget what this device saw';
      return;
    }
    localStorage.removeItem(KEPT);
    rest();
    quietly();
  });
  addEventListener('storage', event => { if (event.key === ALARM) show(); });
  document.addEventListener('visibilitychange', () => { if (!document.hidden && Date.now() - last > AGAIN) quietly(); });
  setInterval(() => { if (!document.hidden && Date.now() - last > AGAIN) quietly(); }, 60_000);

  show();
  // After what the visitor came for.
  if ('requestIdleCallback' in globalThis) requestIdleCallback(quietly, { timeout: 3_000 });
  else setTimeout(quietly, 500);
})();
