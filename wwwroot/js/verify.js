// /verify: reads the chosen file here, in parts, and asks the server about hashes only. The file does not leave the device. Without this script the
// form uploads the file instead.
(() => {
  'use strict';
  const PART = 1 << 20;   // bytes read at a time
  const AHEAD = 1024;     // a word found at the end of a part is read this far into the next one
  const MOST = 32;        // beginnings and identifiers that are looked at, as the server does

  /** What reading a file once tells: the twin of PdfScan on the server. */
  class Scan {
    constructor(seals, marks) {
      this.sha = new Sha256();
      this.beginnings = [];
      this.ids = [];
      this.marks = {};
      this.seals = [];
      this.tried = 0;
      this.words = [
        { text: '%%EOF\n', found: (at) => this.ends.push(at + 6) },
        { text: '/ID', found: (at, bytes) => this.takeId(bytes) },
        ...seals.flatMap(s => [s.start, s.start.toLowerCase()].map(text => ({ text, found: () => { if (!this.seals.includes(s.sha256)) this.seals.push(s.sha256); } }))),
        ...marks.map(m => ({
          text: m.word,
          found: (at, bytes) => {
            if (m.whole && bytes.length > m.word.length && /[0-9A-Za-z]/.test(String.fromCharCode(bytes[m.word.length]))) return;
            this.marks[m.word] = at;
          },
        })),
      ];
      this.ends = [];
    }

    async read(file, progress) {
      // One byte, one letter, so that places in the text are places in the file.
      const letters = new TextDecoder('windows-1252');
      for (let at = 0; at < file.size || at === 0; at += PART) {
        const part = new Uint8Array(await file.slice(at, at + PART + AHEAD).arrayBuffer());
        const own = Math.min(PART, part.length);
        const text = letters.decode(part);
        for (const word of this.words) {
          for (let i = text.indexOf(word.text); i >= 0 && i < own; i = text.indexOf(word.text, i + word.text.length)) word.found(at + i, part.subarray(i, i + AHEAD));
        }
        let from = 0;
        while (this.ends.length > 0 && this.ends[0] <= at + own) {
          const end = this.ends.shift();
          if (this.beginnings.length === MOST) continue;
          this.sha.update(part.subarray(from, end - at));
          from = end - at;
          this.beginnings.push({ length: end, sha256: this.sha.hex() });
        }
        this.sha.update(part.subarray(from, own));
        progress(Math.min(1, (at + own) / Math.max(1, file.size)));
        // Let the page breathe, or a phone says that it does not answer.
        if (at > 0) await new Promise(done => setTimeout(done));
      }
      return { sha256: this.sha.hex(), length: file.size, beginnings: this.beginnings, pdfIds: this.ids, marks: this.marks, seals: this.seals };
    }

    takeId(bytes) {
      let at = white(bytes, 3);
      if (bytes[at++] !== 0x5B || this.tried++ > 10000) return;
      for (let half = 0; half < 2; half++) {
        const value = string(bytes, white(bytes, at));
        if (!value || value.bytes.length === 0) return;
        at = value.end;
        const id = value.bytes.map(b => b.toString(16).padStart(2, '0')).join('');
        if (this.ids.includes(id)) continue;
        if (this.ids.length === MOST) this.ids.splice(MOST / 2, 1);
        this.ids.push(id);
      }
    }
  }

  const isWhite = b => b === 0 || b === 9 || b === 10 || b === 12 || b === 13 || b === 32;
  const white = (bytes, at) => { while (at < bytes.length && isWhite(bytes[at])) at++; return at; };

  /** A string of a PDF (ISO 32000-2, 7.3.4), hexadecimal or literal; null when there is none. */
  function string(bytes, at) {
    const out = [];
    if (bytes[at] === 0x3C) {
      const end = bytes.indexOf(0x3E, at);
      if (end < 0) return null;
      let digits = '';
      for (let i = at + 1; i < end; i++) if (!isWhite(bytes[i])) digits += String.fromCharCode(bytes[i]);
      if (!/^[0-9A-Fa-f]*$/.test(digits)) return null;
      if (digits.length % 2 === 1) digits += '0';
      for (let i = 0; i < digits.length; i += 2) out.push(parseInt(digits.slice(i, i + 2), 16));
      return { bytes: out, end: end + 1 };
    }
    if (bytes[at] !== 0x28) return null;
    const named = { 0x6E: 10, 0x72: 13, 0x74: 9, 0x62: 8, 0x66: 12 };
    for (let i = at + 1, open = 1; i < bytes.length; i++) {
      let b = bytes[i];
      if (b === 0x28) open++;
      else if (b === 0x29 && --open === 0) return { bytes: out, end: i + 1 };
      else if (b === 0x5C && i + 1 < bytes.length) {
        b = bytes[++i];
        if (b >= 0x30 && b <= 0x37) {
          let value = 0;
          const last = Math.min(i + 3, bytes.length);
          for (; i < last && bytes[i] >= 0x30 && bytes[i] <= 0x37; i++) value = value * 8 + bytes[i] - 0x30;
          i--;
          b = value & 255;
        } else if (b === 13) {
          if (bytes[i + 1] === 10) i++;
          continue;
        } else if (b === 10) continue;
        else b = named[b] ?? b;
      }
      out.push(b);
    }
    return null;
  }

  globalThis.StudioVaultScan = Scan;

  const form = document.getElementById('verify-form');
  if (!form) return;
  const input = form.querySelector('input[type=file]');
  const box = document.getElementById('verify-drop');
  const state = document.getElementById('verify-state');
  const answer = document.getElementById('verify-answer');
  const bar = document.getElementById('verify-bar');
  let turn = 0;

  const size = n => n < 1024 ? `${n} bytes` : n < 1048576 ? `${(n / 1024).toFixed(0)} KB` : `${(n / 1048576).toFixed(1)} MB`;
  const say = text => { state.textContent = text; };

  async function judge(file) {
    const mine = ++turn;
    answer.replaceChildren();
    bar.hidden = false;
    bar.value = 0;
    box.classList.add('is-busy');
    say(`Reading ${file.name}, ${size(file.size)}. It stays on this device.`);
    try {
      const scan = new Scan(JSON.parse(form.dataset.seals), JSON.parse(form.dataset.marks));
      const facts = await scan.read(file, part => { if (mine === turn) bar.value = part; });
      if (mine !== turn) return;
      const response = await fetch('/verify/facts', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(facts) });
      const html = await response.text();
      if (mine !== turn) return;
      const parsed = new DOMParser().parseFromString(html, 'text/html');
      answer.replaceChildren(...parsed.body.childNodes);
      for (const place of answer.querySelectorAll('[data-file-name]')) place.textContent = file.name;
      say('');
      // The upload form is the way to a closer look, where hashes alone do not tell.
      for (const button of answer.querySelectorAll('[data-send-file]')) button.addEventListener('click', () => { input.form.submit(); });
      const heading = answer.querySelector('h2');
      if (heading) { heading.tabIndex = -1; heading.focus({ preventScroll: true }); answer.scrollIntoView({ block: 'nearest' }); }
    } catch (problem) {
      if (mine !== turn) return;
      say(problem instanceof TypeError
        ? 'The answer did not arrive. Check the connection and choose the file once more.'
        : `${file.name} could not be read. If it lies in a cloud folder, save it on this device first.`);
    } finally {
      if (mine === turn) { bar.hidden = true; box.classList.remove('is-busy'); }
    }
  }

  form.classList.add('is-live');
  input.addEventListener('change', () => { if (input.files.length > 0) judge(input.files[0]); });
  form.addEventListener('submit', event => { event.preventDefault(); if (input.files.length > 0) judge(input.files[0]); else input.click(); });
  for (const name of ['dragenter', 'dragover']) document.addEventListener(name, event => { event.preventDefault(); box.classList.add('is-over'); });
  document.addEventListener('dragleave', event => { if (!event.relatedTarget) box.classList.remove('is-over'); });
  document.addEventListener('drop', event => {
    event.preventDefault();
    box.classList.remove('is-over');
    const files = event.dataTransfer?.files;
    if (!files || files.length === 0) return;
    input.files = files;
    judge(files[0]);
  });
})();
