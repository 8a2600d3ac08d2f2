#!/usr/bin/python3
"""Writes proxylessnas_supernet.safetensors and proxylessnas_standalone.safetensors with PyTorch, from proxylessnas_network.py.

All is computed in float64 from float32 weights and images. Run with Debian's python3-torch (1.13):

    /usr/bin/python3 tests/PandaNas.Tests/Golden/make_proxylessnas.py
"""
import torch

from golden_tensors import images, is_well_conditioned, single, standalone, supernet, write_safetensors
from proxylessnas_network import DEPTHS, SKIP, Network

WIDTHS, CLASSES, LAYERS = [4, 4, 4, 4, 6, 6, 4, 6, 8], 10, sum(DEPTHS)
FIRST = [sum(DEPTHS[:stage]) for stage in range(len(DEPTHS))]


def random_path():
    return [int(torch.randint(0, SKIP if layer in FIRST else SKIP + 1, ())) for layer in range(LAYERS)]


def well_conditioned_batch(network, path, count, size):
    while True:
        x, y = images(count, size, CLASSES)
        if is_well_conditioned(network, x, y, path):
            return x, y


def main():
    torch.set_num_threads(1)
    torch.manual_seed(20190201)
    same = [[operation] * LAYERS for operation in range(SKIP)]
    shortest = [0 if layer in FIRST else SKIP for layer in range(LAYERS)]
    paths = same + [shortest] + [random_path() for _ in range(5)]
    network = single(Network(WIDTHS, CLASSES, False))
    batches = [well_conditioned_batch(network, path, *((8, 20) if i % 2 == 0 else (10, 17))) for i, path in enumerate(paths)]
    supernet("proxylessnas_supernet.safetensors", network, batches, paths)
    out = {}
    for i, (large_stem, size) in enumerate([(False, 17), (True, 40)]):
        path = random_path()
        key = f"network.{i}."
        out[key + "options"] = torch.tensor([size, large_stem], dtype=torch.int64)
        network = single(Network(WIDTHS, CLASSES, large_stem, path))
        out.update(standalone(key, network, path, lambda: [well_conditioned_batch(network.train(), path, 8, size) for _ in range(3)], reset=True))
    write_safetensors("proxylessnas_standalone.safetensors", out)


if __name__ == "__main__":
    main()
