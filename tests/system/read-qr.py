#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""read-qr.py: what a phone would read from the QR code in the terminal output on standard input: half blocks, in the colours that stand before them.

Prints its text, and on standard error how wide each line is. Fails where there is none, or zbarimg(1) cannot read it.
"""
import re, subprocess, sys, tempfile

WHITE_ON_BLACK = "\x1b[40;97m"
LIGHT = {"█": (1, 1), "▀": (1, 0), "▄": (0, 1), " ": (0, 0)}

rows = []
for line in sys.stdin.buffer.read().decode().splitlines():
    if WHITE_ON_BLACK not in line:
        continue
    blocks = line[line.index(WHITE_ON_BLACK) + len(WHITE_ON_BLACK):]
    blocks, after = blocks.split("\x1b[0m")
    rows += zip(*(LIGHT[block] for block in blocks))
    print(line.index(WHITE_ON_BLACK) + len(blocks), "columns", file=sys.stderr)
if not rows:
    sys.exit("there is no QR code")

scale = 4
with tempfile.NamedTemporaryFile(suffix=".pgm") as image:
    image.write(f"P5 {len(rows[0]) * scale} {len(rows) * scale} 255\n".encode())
    for row in rows:
        image.write(b"".join((b"\xff" if light else b"\0") * scale for light in row) * scale)
    image.flush()
    read = subprocess.run(["zbarimg", "--quiet", "--raw", "--nodbus", image.name], capture_output=True, text=True)
    if read.returncode != 0:
        sys.exit(f"zbarimg reads nothing: {read.stderr}")
    print(read.stdout.strip())
