#!/usr/bin/env python3
"""Checks the proof of one entry of a StudioVault audit log. Python 3.8 or newer and nothing else: no package, no network,
no code of StudioVault, no openssl.

    python3 verify-audit-proof.py audit-proof-4711.json [--key audit-key.pem]

It recomputes the payload's digest, the leaf's hash, the way from the leaf to the root (RFC 9162, 2.1.3.2), and the signature of
the checkpoint (a C2SP signed note, ECDSA P-256 with SHA-256). Without --key the file vouches for itself: take the key from
somebody you trust instead. Prints one line of JSON; exits 0 when everything fits, 1 when something does not, 2 when the file
is no proof.
"""
import base64
import hashlib
import json
import sys

# The curve P-256 (FIPS 186-5).
P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
A = P - 3
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)
# SubjectPublicKeyInfo of an uncompressed point on it, up to the point.
SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")


def sha256(data):
    return hashlib.sha256(data).digest()


def add(p, q):
    if p is None:
        return q
    if q is None:
        return p
    if p[0] == q[0]:
        if (p[1] + q[1]) % P == 0:
            return None
        slope = (3 * p[0] * p[0] + A) * pow(2 * p[1], P - 2, P) % P
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], P - 2, P) % P
    x = (slope * slope - p[0] - q[0]) % P
    return x, (slope * (p[0] - x) - p[1]) % P


def times(k, p):
    result = None
    while k:
        if k & 1:
            result = add(result, p)
        p = add(p, p)
        k >>= 1
    return result


def public_key(pem):
    body = "".join(line for line in pem.strip().splitlines() if not line.startswith("-----"))
    der = base64.b64decode(body, validate=True)
    if not der.startswith(SPKI) or len(der) != len(SPKI) + 65 or der[len(SPKI)] != 4:
        raise ValueError("The key is not an ECDSA P-256 public key.")
    point = int.from_bytes(der[-64:-32], "big"), int.from_bytes(der[-32:], "big")
    if (point[1] ** 2 - (point[0] ** 3 + A * point[0] + B)) % P != 0:
        raise ValueError("The key is not a point of the curve.")
    return der, point


def numbers(der):
    """The two numbers of a DER signature, strictly."""
    def number(at):
        length = der[at + 1]
        digits = der[at + 2:at + 2 + length]
        if der[at] != 2 or length == 0 or len(digits) != length or digits[0] & 0x80 or (length > 1 and digits[0] == 0 and not digits[1] & 0x80):
            raise ValueError("The signature is not in DER.")
        return int.from_bytes(digits, "big"), at + 2 + length
    if len(der) < 8 or der[0] != 0x30 or der[1] != len(der) - 2:
        raise ValueError("The signature is not in DER.")
    r, at = number(2)
    s, at = number(at)
    if at != len(der):
        raise ValueError("The signature is not in DER.")
    return r, s


def signed(key, text, der):
    r, s = numbers(der)
    if not (0 < r < N and 0 < s < N):
        return False
    e = int.from_bytes(sha256(text), "big")
    w = pow(s, N - 2, N)
    point = add(times(e * w % N, G), times(r * w % N, key))
    return point is not None and point[0] % N == r


def root_of(index, size, leaf, proof):
    """RFC 9162, 2.1.3.2: the root the proof leads to, or None when it has too few or too many nodes."""
    if index >= size:
        return None
    fn, sn, r = index, size - 1, leaf
    for node in proof:
        if len(node) != 32 or sn == 0:
            return None
        if fn & 1 or fn == sn:
            r = sha256(b"\x01" + node + r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = sha256(b"\x01" + r + node)
        fn, sn = fn >> 1, sn >> 1
    return r if sn == 0 else None


def check(proof, pem):
    """What does not fit, as codes."""
    found = []
    leaf = proof["leaf"].encode("utf-8")
    entry = json.loads(proof["leaf"])
    payload, digest = proof.get("payload"), entry["payload_sha256"]
    if digest is not None and payload is None:
        found.append("payload_missing")
    elif (None if payload is None else hashlib.sha256(payload.encode("utf-8")).hexdigest()) != digest:
        found.append("payload_mismatch")
    leaf_hash = sha256(b"\x00" + leaf)
    if leaf_hash.hex() != proof["leafHash"]:
        found.append("leaf_mismatch")

    blank = proof["checkpoint"].rindex("\n\n")
    text = proof["checkpoint"][:blank + 1]
    origin, size, root = text.split("\n")[:3]
    if int(size) != proof["size"]:
        found.append("size_mismatch")
    if root_of(proof["index"], int(size), leaf_hash, [bytes.fromhex(n) for n in proof["proof"]]) != base64.b64decode(root, validate=True):
        found.append("root_mismatch")

    der, point = public_key(pem)
    hint = sha256(der)[:4]
    mine = []
    for line in proof["checkpoint"][blank + 2:].splitlines():
        dash, name, encoded = line.split(" ")
        signature = base64.b64decode(encoded, validate=True)
        if dash == "\u2014" and name == origin and signature[:4] == hint:
            mine.append(signature[4:])
    if not mine:
        found.append("unknown_key")
    elif not all(signed(point, text.encode("utf-8"), s) for s in mine):
        found.append("bad_signature")
    return found, entry


def main(arguments):
    key_file = None
    if "--key" in arguments:
        at = arguments.index("--key")
        key_file = arguments[at + 1] if at + 1 < len(arguments) else ""
        del arguments[at:at + 2]
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        with open(arguments[0], encoding="utf-8") as file:
            proof = json.load(file)
        if proof["format"] != "studiovault-audit-proof" or proof["version"] != 1:
            raise ValueError("Not a proof of this version.")
        pem = proof["key"]
        if key_file is not None:
            with open(key_file, encoding="ascii") as file:
                pem = file.read()
        found, entry = check(proof, pem)
    except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError) as e:
        print(f"{arguments[0]}: {type(e).__name__}: {e}", file=sys.stderr)
        return 2
    print(json.dumps({"ok": not found, "index": proof["index"], "size": proof["size"], "reasons": found, "vouchedBy": key_file or "the file itself",
                      "entry": {k: entry[k] for k in ("at", "actor_type", "actor_id", "action", "object_type", "object_id", "outcome")}}))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
