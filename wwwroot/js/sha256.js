// SHA-256 (FIPS 180-4) over bytes that come in pieces: crypto.subtle wants all of a file at once, which a phone has no room for.
// Used by /verify and by the verifier in an evidence pack, which also runs where there is no crypto.subtle.
(() => {
  'use strict';
  const K = new Uint32Array([
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2]);
  const W = new Uint32Array(64);

  class Sha256 {
    constructor() {
      this.state = new Uint32Array([0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19]);
      this.rest = new Uint8Array(64);
      this.kept = 0;
      this.length = 0;
    }

    /** @param {Uint8Array} bytes */
    update(bytes) {
      let at = 0;
      this.length += bytes.length;
      if (this.kept > 0) {
        at = Math.min(64 - this.kept, bytes.length);
        this.rest.set(bytes.subarray(0, at), this.kept);
        this.kept += at;
        if (this.kept < 64) return this;
        this.block(this.rest, 0);
        this.kept = 0;
      }
      for (; at + 64 <= bytes.length; at += 64) this.block(bytes, at);
      this.rest.set(bytes.subarray(at));
      this.kept = bytes.length - at;
      return this;
    }

    /** The hash of what came so far, 64 hexadecimal digits; more may follow. */
    hex() { return Array.from(this.bytes(), b => b.toString(16).padStart(2, '0')).join(''); }

    /** The same as 32 bytes. */
    bytes() {
      const end = new Sha256();
      end.state.set(this.state);
      end.rest.set(this.rest);
      end.kept = this.kept;
      const tail = new Uint8Array((this.kept < 56 ? 64 : 128) - this.kept);
      tail[0] = 0x80;
      const view = new DataView(tail.buffer);
      view.setUint32(tail.length - 8, Math.floor(this.length / 0x20000000));
      view.setUint32(tail.length - 4, this.length * 8 % 0x100000000);
      end.update(tail);
      const out = new DataView(new ArrayBuffer(32));
      end.state.forEach((word, i) => out.setUint32(i * 4, word));
      return new Uint8Array(out.buffer);
    }

    block(b, at) {
      for (let i = 0; i < 16; i++, at += 4) W[i] = b[at] << 24 | b[at + 1] << 16 | b[at + 2] << 8 | b[at + 3];
      for (let i = 16; i < 64; i++) {
        const x = W[i - 15], y = W[i - 2];
        W[i] = W[i - 16] + W[i - 7] + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3) + ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10);
      }
      const s = this.state;
      let a = s[0] | 0, c = s[1] | 0, d = s[2] | 0, e = s[3] | 0, f = s[4] | 0, g = s[5] | 0, h = s[6] | 0, j = s[7] | 0;
      for (let i = 0; i < 64; i++) {
        const t = j + ((f >>> 6 | f << 26) ^ (f >>> 11 | f << 21) ^ (f >>> 25 | f << 7)) + (f & g ^ ~f & h) + K[i] + W[i] | 0;
        const u = ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & c ^ a & d ^ c & d) | 0;
        j = h; h = g; g = f; f = e + t | 0; e = d; d = c; c = a; a = t + u | 0;
      }
      s[0] += a; s[1] += c; s[2] += d; s[3] += e; s[4] += f; s[5] += g; s[6] += h; s[7] += j;
    }

    static of(bytes) { return new Sha256().update(bytes).hex(); }
  }

  globalThis.Sha256 = Sha256;
})();
