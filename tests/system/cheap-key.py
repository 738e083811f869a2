#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""cheap-key.py REPOSITORY PASSWORD-FILE: gives a new local restic repository a key that opens in no time (scrypt with N = 2, r = 1, p = 1).

For tests that start restic thousands of times. Of no use to anybody else: such a password is quickly guessed. The format is in restic's
doc/design.rst, "Keys, Encryption and MAC": AES-256-CTR, and Poly1305-AES over the ciphertext.
"""
import base64, hashlib, json, os, pathlib, subprocess, sys


def aes(cipher, key, data, *options):
    return subprocess.run(["openssl", "enc", "-" + cipher, "-K", key.hex(), "-nosalt", "-nopad", *options],
                          input=data, capture_output=True, check=True).stdout


def poly1305_aes(key, r, nonce, text):
    r = int.from_bytes(r, "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for at in range(0, len(text), 16):
        total = (total + int.from_bytes(text[at:at + 16] + b"\x01", "little")) * r % (2**130 - 5)
    total += int.from_bytes(aes("aes-128-ecb", key, nonce), "little")
    return (total % 2**128).to_bytes(16, "little")


def keys(password, salt, n, r, p):
    derived = hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, maxmem=2**28, dklen=64)
    return derived[:32], derived[32:48], derived[48:]


def main(repository, password_file):
    password = pathlib.Path(password_file).read_bytes().strip()
    (old,) = (pathlib.Path(repository) / "keys").iterdir()
    key = json.loads(old.read_bytes())
    data = base64.b64decode(key["data"])
    nonce, text, mac = data[:16], data[16:-16], data[-16:]
    encrypt, k, r = keys(password, base64.b64decode(key["salt"]), key["N"], key["r"], key["p"])
    assert poly1305_aes(k, r, nonce, text) == mac, "the password is wrong, or restic's format is another"
    master = aes("aes-256-ctr", encrypt, text, "-iv", nonce.hex())

    salt, nonce = os.urandom(64), os.urandom(16)
    encrypt, k, r = keys(password, salt, 2, 1, 1)
    text = aes("aes-256-ctr", encrypt, master, "-iv", nonce.hex())
    key |= {"N": 2, "r": 1, "p": 1, "salt": base64.b64encode(salt).decode(),
            "data": base64.b64encode(nonce + text + poly1305_aes(k, r, nonce, text)).decode()}
    new = json.dumps(key).encode()
    old.with_name(hashlib.sha256(new).hexdigest()).write_bytes(new)
    old.unlink()


main(*sys.argv[1:])
