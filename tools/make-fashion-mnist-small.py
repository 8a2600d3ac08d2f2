#!/usr/bin/env python3
"""Makes the embedded data set fashion-mnist-small from the full Fashion-MNIST.

Takes the first 1,000 training and the first 200 test images of each class, in the order of the files (which is random
already), and writes them as gz IDX files without name or time in their headers, so that a second run gives the same bytes.

    python3 tools/make-fashion-mnist-small.py SOURCE TARGET

SOURCE is the folder with the four files of the Debian package dataset-fashion-mnist, TARGET src/PandaNas/Data/FashionMnistSmall.
Needs only the standard library.
"""
import gzip
import os
import struct
import sys

CLASSES = 10
PER_CLASS = {"train": 1000, "t10k": 200}


def read_idx(path):
    """Returns the sizes and the bytes of a gz IDX file."""
    with gzip.open(path, "rb") as file:
        content = file.read()
    zero, kind, dimensions = struct.unpack(">HBB", content[:4])
    if zero != 0 or kind != 8:
        sys.exit(f"{path}: not an IDX file of bytes")
    start = 4 + 4 * dimensions
    return struct.unpack(f">{dimensions}I", content[4:start]), content[start:]


def write_idx(path, sizes, content):
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
        file.write(struct.pack(f">HBB{len(sizes)}I", 0, 8, len(sizes), *sizes))
        file.write(content)


def first_of_each_class(labels, per_class):
    """Returns the indices, ascending, of the first per_class examples of each class."""
    taken = [0] * CLASSES
    chosen = []
    for index, label in enumerate(labels):
        if taken[label] < per_class:
            taken[label] += 1
            chosen.append(index)
    if min(taken) < per_class:
        sys.exit(f"a class has only {min(taken)} examples, expected {per_class}")
    return chosen


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    source, target = sys.argv[1:]
    os.makedirs(target, exist_ok=True)
    for part, per_class in PER_CLASS.items():
        (_, height, width), pixels = read_idx(os.path.join(source, f"{part}-images-idx3-ubyte.gz"))
        _, labels = read_idx(os.path.join(source, f"{part}-labels-idx1-ubyte.gz"))
        chosen = first_of_each_class(labels, per_class)
        area = height * width
        images = b"".join(pixels[i * area:(i + 1) * area] for i in chosen)
        write_idx(os.path.join(target, f"{part}-images-idx3-ubyte.gz"), (len(chosen), height, width), images)
        write_idx(os.path.join(target, f"{part}-labels-idx1-ubyte.gz"), (len(chosen),), bytes(labels[i] for i in chosen))


if __name__ == "__main__":
    main()
