// Checks an evidence pack in the browser, also from a disk: the same trust as the program's verify-pack, from the key over the
// signed head of the log and the proofs to every file. Signatures need crypto.subtle; where a browser has none, that is said.
(() => {
  'use strict';
  const hash = bytes => Sha256.of(bytes);
  const text = bytes => new TextDecoder().decode(bytes);
  const latin = bytes => new TextDecoder('windows-1252').decode(bytes);
  const hex = bytes => Array.from(bytes, b => b.toString(16).padStart(2, '0')).join('');
  const unhex = digits => Uint8Array.from(digits.match(/../g) ?? [], d => parseInt(d, 16));
  const unbase = letters => Uint8Array.from(atob(letters), c => c.charCodeAt(0));
  const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);
  const join = (...parts) => {
    const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
    parts.reduce((at, p) => { out.set(p, at); return at + p.length; }, 0);
    return out;
  };
  const pem = words => unbase(words.replace(/-----[^-]+-----|\s/g, ''));

  // --- files -------------------------------------------------------------------------------------------------------
  const MOST = 512 * 1048576;

  async function unzip(file) {
    if (file.size > MOST) throw new Error('The ZIP is larger than a pack ever is.');
    const bytes = new Uint8Array(await file.arrayBuffer());
    const view = new DataView(bytes.buffer);
    let end = bytes.length - 22;
    while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
    if (end < 0) throw new Error('This is no ZIP file.');
    const files = new Map();
    const lower = new Set();
    let total = 0;
    for (let at = view.getUint32(end + 16, true), left = view.getUint16(end + 10, true); left > 0; left--) {
      if (view.getUint32(at, true) !== 0x02014b50) throw new Error('The ZIP is damaged.');
      const [flags, method, packed, size] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true), view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
      const [name, extra, comment, local] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true), view.getUint16(at + 32, true), view.getUint32(at + 42, true)];
      const path = text(bytes.subarray(at + 46, at + 46 + name));
      at += 46 + name + extra + comment;
      if (path.endsWith('/') && size === 0) continue;
      if (!safe(path)) throw new Error('The ZIP holds a name that leads out of it. Do not unpack it.');
      if (lower.has(path.toLowerCase())) throw new Error('The ZIP holds two files of one name. Do not trust it.');
      lower.add(path.toLowerCase());
      if ((total += size) > MOST) throw new Error('The ZIP holds more than a pack ever does.');
      if (flags & 1) throw new Error('The ZIP is encrypted.');
      const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
      const data = bytes.subarray(start, start + packed);
      if (method === 0 && data.length !== size) throw new Error('The ZIP is damaged.');
      files.set(path, method === 0 ? data : method === 8 ? await inflate(data, size) : bad());
    }
    return files;
    function bad() { throw new Error('The ZIP is packed in a way this page does not know.'); }
  }

  async function inflate(data, size) {
    const out = new Uint8Array(size);
    let at = 0;
    const reader = new Blob([data]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (at + value.length > size) { await reader.cancel(); throw new Error('A file in the ZIP is longer than it says.'); }
      out.set(value, at);
      at += value.length;
    }
    if (at !== size) throw new Error('A file in the ZIP is shorter than it says.');
    return out;
  }

  const safe = path => path.length > 0 && !/[\\:\u0000-\u001f]/.test(path) && !path.split('/').some(p => p === '' || p === '.' || p === '..');

  async function fromFolder(list) {
    const all = [...list].filter(f => !/(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini)$/.test(f.webkitRelativePath));
    const manifest = all.map(f => f.webkitRelativePath).filter(p => /(^|\/)manifest\.json$/.test(p)).sort((a, b) => a.length - b.length)[0];
    const root = manifest ? manifest.slice(0, -'manifest.json'.length) : '';
    if (all.reduce((n, f) => n + f.size, 0) > MOST) throw new Error('The folder holds more than a pack ever does.');
    const files = new Map();
    for (const file of all) if (file.webkitRelativePath.startsWith(root)) files.set(file.webkitRelativePath.slice(root.length), new Uint8Array(await file.arrayBuffer()));
    return files;
  }

  // --- canonical JSON (RFC 8785): what this engine prints, keys sorted ---------------------------------------------
  function canonical(value) {
    if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
    if (value && typeof value === 'object') return `{${Object.keys(value).sort().map(k => `${JSON.stringify(k)}:${canonical(value[k])}`).join(',')}}`;
    return JSON.stringify(value);
  }

  // --- DER ---------------------------------------------------------------------------------------------------------
  function der(bytes, at) {
    let length = bytes[at + 1], head = 2;
    if (length & 0x80) {
      const count = length & 0x7f;
      if (count === 0 || count > 4) throw new Error('not DER');
      length = 0;
      for (let i = 0; i < count; i++) length = length * 256 + bytes[at + 2 + i];
      head += count;
    }
    const end = at + head + length;
    if (!(end <= bytes.length)) throw new Error('not DER');
    return { tag: bytes[at], body: bytes.subarray(at + head, end), whole: bytes.subarray(at, end), end };
  }
  function parts(bytes) {
    const out = [];
    for (let at = 0; at < bytes.length; at = out[out.length - 1].end) out.push(der(bytes, at));
    return out;
  }

  /** The seal of a PDF: what it signs, with which certificate; throws where it is not in our form. */
  function seal(pdf) {
    const letters = latin(pdf);
    const at = letters.lastIndexOf('/ByteRange[');
    const found = at < 0 ? null : /^\/ByteRange\[0 (\d+) (\d+) (\d+)\] *\/Contents</.exec(letters.slice(at, at + 256));
    if (!found) throw new Error('there is no seal in our form');
    const [gap, after, length] = found.slice(1).map(Number);
    if (gap !== at + found[0].length - 1 || after + length !== pdf.length || pdf[after - 1] !== 0x3e) throw new Error('the seal does not cover the whole file');
    const digits = letters.slice(gap + 1, after - 1);
    if (!/^[0-9A-F]*$/.test(digits)) throw new Error('the seal is not in our form');
    const gapBytes = unhex(digits);
    const cms = der(gapBytes, 0);
    if (gapBytes.subarray(cms.end).some(b => b !== 0)) throw new Error('something is hidden behind the seal');
    const data = parts(parts(parts(cms.body)[1].body)[0].body);
    const certificate = parts(data.find(p => p.tag === 0xa0).body)[0].whole;
    const signer = parts(parts(data[data.length - 1].body)[0].body);
    const attributes = signer.find(p => p.tag === 0xa0);
    const digest = parts(attributes.body).map(a => parts(a.body)).find(a => hex(a[0].body) === '2a864886f70d010904');
    const signed = Uint8Array.from(attributes.whole);
    signed[0] = 0x31;
    return {
      cms: cms.whole, certificate, signed, value: signer[signer.length - 1].tag === 0x04 ? signer[signer.length - 1].body : null, digest: hex(parts(digest[1].body)[0].body),
      covered: new Sha256().update(pdf.subarray(0, gap)).update(pdf.subarray(after)).hex(),
    };
  }

  const spkiOf = certificate => {
    const tbs = parts(parts(der(certificate, 0).body)[0].body);
    return tbs[tbs[0].tag === 0xa0 ? 6 : 5].whole;
  };

  // --- the log -----------------------------------------------------------------------------------------------------
  const leaf = bytes => new Sha256().update(Uint8Array.of(0)).update(bytes).hex();
  const node = (left, right) => new Sha256().update(Uint8Array.of(1)).update(unhex(left)).update(unhex(right)).hex();

  /** RFC 9162, 2.1.3.2; sizes beyond 32 bits, hence no bit operators. */
  function climb(index, size, start, steps) {
    let at = index, last = size - 1, value = start;
    for (const [side, other] of steps) {
      if (last === 0) return null;
      const left = at % 2 === 1 || at === last;
      if (side !== (left ? 'left' : 'right')) return null;
      if (left) {
        value = node(other, value);
        while (at % 2 === 0 && at !== 0) { at /= 2; last = Math.floor(last / 2); }
      } else value = node(value, other);
      at = Math.floor(at / 2);
      last = Math.floor(last / 2);
    }
    return last === 0 ? value : null;
  }

  function rawSignature(bytes) {
    const numbers = parts(der(bytes, 0).body).map(n => n.body);
    return join(...numbers.map(n => {
      const trimmed = n[0] === 0 ? n.subarray(1) : n;
      return join(new Uint8Array(32 - trimmed.length), trimmed);
    }));
  }

  async function verifySignature(algorithm, spki, signature, data) {
    const key = await crypto.subtle.importKey('spki', spki, algorithm, false, ['verify']);
    return crypto.subtle.verify(algorithm, key, signature, data);
  }

  // --- all of it ---------------------------------------------------------------------------------------------------
  async function check(files) {
    const checks = [];
    const rule = (title) => {
      const one = { title, wrong: [], open: [] };
      checks.push(one);
      return one;
    };
    const get = path => files.get(path) ?? new Uint8Array();
    const json = path => JSON.parse(text(get(path)));
    const tryTo = (one, path, work) => { try { work(); } catch (e) { one.wrong.push(`${path}: ${e.message}`); } };

    const whole = rule('Every file is there and unchanged');
    let manifest;
    try { manifest = json('manifest.json'); } catch { throw new Error('There is no readable manifest.json: this is no evidence pack, or a part of one.'); }
    if (manifest.format !== 'studiovault-evidence' || manifest.version !== 1) throw new Error('This is another kind of pack than this page knows.');
    const listed = new Map(manifest.files.map(f => [f.path, f]));
    for (const [path, file] of listed) {
      if (!files.has(path)) whole.wrong.push(`${path} is missing`);
      else if (files.get(path).length !== file.length || hash(files.get(path)) !== file.sha256) whole.wrong.push(`${path} was changed`);
    }
    for (const path of files.keys()) if (!listed.has(path) && path !== 'manifest.json' && path !== 'SHA256SUMS') whole.wrong.push(`${path} does not belong to the pack`);
    const sums = [...files.keys()].filter(p => p !== 'SHA256SUMS').sort().map(p => `${hash(files.get(p))}  ${p}\n`).join('');
    if (text(get('SHA256SUMS')) !== sums) whole.wrong.push('SHA256SUMS is not the list of these files');

    const contents = rule('Every paper says what its SHA-256 stands for');
    const chain = rule('Every amendment stands on the paper before it');
    let base = null;
    manifest.papers.forEach((paper, i) => tryTo(contents, paper.content, () => {
      const bytes = get(paper.content);
      const said = JSON.parse(text(bytes));
      if (canonical(said) !== text(bytes)) contents.wrong.push(`${paper.content} is not canonical`);
      if (hash(bytes) !== paper.contentHash) contents.wrong.push(`${paper.content} has another SHA-256`);
      if (paper.version !== i + 1 || said.number !== manifest.agreement || (said.baseHash ?? null) !== base || (i > 0 && said.version !== paper.version)) chain.wrong.push(`Version ${paper.version} does not stand on version ${paper.version - 1}`);
      base = hash(bytes);
    }));

    const evidence = rule('Every signature’s evidence is as it was recorded');
    for (const paper of manifest.papers) for (const s of paper.signatures) {
      if (hash(get(paper.shown)) !== s.shownSha256) evidence.wrong.push(`${paper.shown} is not what ${s.party} was shown`);
      if (!s.evidence) continue;
      tryTo(evidence, s.evidence, () => {
        if (hash(get(s.evidence)) !== s.evidenceSha256) evidence.wrong.push(`${s.evidence} was changed`);
        const said = json(s.evidence);
        if (said.contentHash !== paper.contentHash || said.party !== s.party || said.shownSha256 !== s.shownSha256) evidence.wrong.push(`${s.evidence} is about something else`);
      });
    }

    // The log: head, proofs, and what the proven entries say.
    const head = rule('The head of the audit log is signed by the group’s key');
    const steps = rule('Every step is in that log, with these very files');
    let spki = new Uint8Array(), root = '', size = -1;
    const note = text(get(manifest.audit.checkpoint));
    try {
      spki = pem(text(get(manifest.audit.key)));
      const [origin, count, encoded] = note.split('\n');
      [size, root] = [Number(count), hex(unbase(encoded))];
      if (origin !== 'studiovault/audit' || size !== manifest.audit.size) head.wrong.push('The checkpoint is that of another log or size');
      const [signedText, line] = [note.slice(0, note.lastIndexOf('\n\n') + 1), note.slice(note.lastIndexOf('\n\n') + 2).split('\n')[0]];
      const raw = unbase(line.split(' ')[2]);
      if (hex(raw.subarray(0, 4)) !== hash(spki).slice(0, 8)) head.wrong.push('Another key signed the checkpoint');
      else if (!globalThis.crypto?.subtle) head.open.push('This browser cannot check ECDSA here. README.txt says how openssl does it.');
      else if (!await verifySignature({ name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }, spki, rawSignature(raw.subarray(4)), new TextEncoder().encode(signedText))) head.wrong.push('The signature is not by the key, or the head was changed');
    } catch (e) { head.wrong.push(`The signed head cannot be read (${e.message})`); }

    const log = [];
    for (const entry of manifest.audit.entries) tryTo(steps, entry.body, () => {
      const body = get(entry.body);
      const proof = text(get(entry.proof)).split('\n').filter(l => l).map(l => l.split(' '));
      if (climb(entry.index, size, leaf(body), proof) !== root) { steps.wrong.push(`Entry ${entry.index} is not in the log`); return; }
      const said = JSON.parse(text(body));
      if (said.payload_sha256 !== hash(get(entry.payload))) { steps.wrong.push(`${entry.payload} was changed`); return; }
      log.push({ action: said.action, object: said.object_id, says: json(entry.payload) });
    });
    for (const paper of manifest.papers) {
      const version = `Version ${paper.version}`;
      const ours = log.filter(e => e.says.contentHash === paper.contentHash);
      const executed = ours.filter(e => e.action === 'agreement.execute');
      if (executed.length === 0) steps.wrong.push(`${version}: no proven entry says that it was executed`);
      else if (!executed.some(e => e.says.documentSha256 === hash(get(paper.document.path)) && e.says.certificateSha256 === hash(get(paper.certificate.path)) && e.says.sealKey === paper.sealKey && e.says.version === paper.version)) steps.wrong.push(`${version} was executed with other documents`);
      if (!ours.some(e => e.action === 'agreement.send' && e.says.shownSha256 === hash(get(paper.shown)))) steps.wrong.push(`${version}: no proven entry says that it was sent like this`);
      if (paper.signatures.length === 0) steps.wrong.push(`${version} has no signature`);
      for (const s of paper.signatures) if (!ours.some(e => e.action === 'agreement.sign' && e.says.party === s.party && e.says.evidenceSha256 === s.evidenceSha256)) steps.wrong.push(`${version}: no proven entry says that ${s.party} signed with this evidence`);
    }
    if (new Set(log.map(e => e.object)).size > 1) steps.wrong.push('An entry is about another agreement');

    const seals = rule('Every document is sealed by the group, whole');
    const certificates = new Map();
    for (const s of manifest.seals) tryTo(seals, s.path, () => {
      const bytes = pem(text(get(s.path)));
      if (hash(bytes) === s.fingerprint) certificates.set(s.fingerprint, bytes);
      else seals.wrong.push(`${s.path} is another certificate`);
    });
    for (const paper of manifest.papers) for (const document of [paper.document, paper.certificate]) {
      try {
        const s = seal(get(document.path));
        if (hash(s.certificate) !== paper.sealKey || !certificates.has(paper.sealKey)) seals.wrong.push(`${document.path} is sealed with another certificate`);
        else if (s.digest !== s.covered) seals.wrong.push(`${document.path} was changed after it was sealed`);
        else if (!same(s.cms, get(document.signature))) seals.wrong.push(`${document.signature} is not the seal of its document`);
        else if (!globalThis.crypto?.subtle) seals.open.push(`${document.path}: this browser cannot check RSA here. README.txt says how openssl does it.`);
        else if (!await verifySignature({ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, spkiOf(s.certificate), s.value, s.signed)) seals.wrong.push(`${document.path}: the seal is not by the group’s key`);
      } catch (e) { seals.wrong.push(`${document.path}: ${e.message}`); }
    }
    return { manifest, checks, key: hash(spki), size };
  }

  // --- showing it --------------------------------------------------------------------------------------------------
  const result = document.getElementById('result');
  const make = (name, words, className) => {
    const element = document.createElement(name);
    if (words !== undefined) element.textContent = words;
    if (className) element.className = className;
    return element;
  };

  function show(found) {
    const wrong = found.checks.some(c => c.wrong.length > 0), open = found.checks.some(c => c.open.length > 0);
    result.className = `result ${wrong ? 'bad' : open ? 'open' : 'good'}`;
    result.dataset.outcome = wrong ? 'bad' : open ? 'open' : 'good';
    const list = make('ol');
    for (const c of found.checks) {
      const state = c.wrong.length > 0 ? 'bad' : c.open.length > 0 ? 'open' : 'good';
      const item = make('li', undefined, state);
      item.append(make('span', state === 'bad' ? '✗' : state === 'open' ? '?' : '✓', 'mark'), make('span', c.title));
      item.firstChild.setAttribute('aria-label', state === 'bad' ? 'Wrong:' : state === 'open' ? 'Not checked:' : 'Right:');
      item.firstChild.setAttribute('role', 'img');
      if (c.wrong.length + c.open.length > 0) {
        const why = make('ul');
        for (const reason of [...c.wrong, ...c.open].slice(0, 20)) why.append(make('li', reason));
        item.append(why);
      }
      list.append(item);
    }
    const facts = make('dl');
    const fact = (name, ...values) => { facts.append(make('dt', name)); for (const v of values) { const d = make('dd'); d.append(v); facts.append(d); } };
    for (const p of found.manifest.papers) fact(`Version ${p.version}`, `sealed ${p.sealedAt.replace('T', ' ').slice(0, 19)} UTC, signed by ${p.signatures.length}`, make('code', p.contentHash));
    fact('The log had', `${found.size} entries when its head was signed`);
    fact('SHA-256 of the key that signed it: compare it with the one you know from elsewhere', make('code', found.key));
    result.replaceChildren(make('h2', wrong ? 'Something is wrong with this pack' : open ? 'Nothing is wrong, but not all could be checked' : `Agreement ${found.manifest.agreement}: everything fits`), list, facts);
    result.hidden = false;
  }

  async function run(read) {
    result.hidden = false;
    result.className = 'result';
    delete result.dataset.outcome;
    result.replaceChildren(make('p', 'Checking …'));
    try { show(await check(await read())); }
    catch (e) {
      result.className = 'result bad';
      result.dataset.outcome = 'bad';
      result.replaceChildren(make('h2', 'This cannot be checked'), make('p', e.message));
    }
  }

  const drop = document.getElementById('drop');
  document.getElementById('zip').addEventListener('change', e => { if (e.target.files[0]) run(() => unzip(e.target.files[0])); });
  document.getElementById('folder').addEventListener('change', e => { if (e.target.files.length > 0) run(() => fromFolder(e.target.files)); });
  for (const name of ['dragenter', 'dragover']) document.addEventListener(name, e => { e.preventDefault(); drop.classList.add('over'); });
  document.addEventListener('dragleave', e => { if (!e.relatedTarget) drop.classList.remove('over'); });
  document.addEventListener('drop', e => { e.preventDefault(); drop.classList.remove('over'); if (e.dataTransfer.files[0]) run(() => unzip(e.dataTransfer.files[0])); });
})();
