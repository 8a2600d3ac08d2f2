#!/usr/bin/env python3
"""Draws build/package/icon.png, the icon of the package: a panda's face, 128x128 pixels, by supersampling; needs nothing but Python."""
import struct
import zlib

SIZE, SAMPLES = 128, 4
INK, FUR, PAPER = (38, 38, 46), (250, 250, 250), (46, 139, 120)
# Ellipses from the back to the front: centre, half axes, colour, in shares of the side.
SHAPES = [
    (0.24, 0.24, 0.14, 0.14, INK), (0.76, 0.24, 0.14, 0.14, INK), (0.50, 0.54, 0.38, 0.35, FUR),
    (0.35, 0.50, 0.095, 0.12, INK), (0.65, 0.50, 0.095, 0.12, INK), (0.37, 0.48, 0.03, 0.03, FUR), (0.63, 0.48, 0.03, 0.03, FUR),
    (0.50, 0.66, 0.065, 0.045, INK), (0.50, 0.75, 0.012, 0.05, INK),
]


def colour(x, y):
    found = None
    # Corners are round.
    dx, dy = max(abs(x - 0.5) - 0.36, 0), max(abs(y - 0.5) - 0.36, 0)
    if dx * dx + dy * dy <= 0.14 ** 2:
        found = PAPER
    for cx, cy, rx, ry, ink in SHAPES:
        if ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 <= 1:
            found = ink
    return found


def pixel(column, row):
    points = [((column + (i + 0.5) / SAMPLES) / SIZE, (row + (j + 0.5) / SAMPLES) / SIZE) for i in range(SAMPLES) for j in range(SAMPLES)]
    hits = [found for found in (colour(x, y) for x, y in points) if found]
    mean = [sum(channel) // len(hits) for channel in zip(*hits)] if hits else [0, 0, 0]
    return bytes([*mean, 255 * len(hits) // len(points)])


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


rows = b"".join(b"\0" + b"".join(pixel(column, row) for column in range(SIZE)) for row in range(SIZE))
with open("build/package/icon.png", "wb") as file:
    file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", SIZE, SIZE, 8, 6, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))
