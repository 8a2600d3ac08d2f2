#!/usr/bin/python3
"""Writes costs.json: parameters and multiply-adds counted on PyTorch networks, by summing tensors and by watching a forward pass.

Convolutions and linear layers count one multiply-add for each weight and output pixel; nothing else counts. Architectures and widths
are the published ones: DARTS V1 and V2 (Liu et al. 2019), the four released ProxylessNAS networks (Cai et al. 2019). For NAS-Bench-201
five uniform cells are counted, and from them all 15,625: an edge's cost depends on its operation only. Run with Debian's python3-torch:

    /usr/bin/python3 tests/PandaNas.Tests/Golden/make_costs.py
"""
import hashlib
import itertools
import json
import os

import torch
import torch.nn as nn

import darts_network
import make_supernet
import proxylessnas_network
from golden_tensors import HERE

GENOTYPES = {
    "V1": ([("sep_conv_3x3", 1), ("sep_conv_3x3", 0), ("skip_connect", 0), ("sep_conv_3x3", 1),
            ("skip_connect", 0), ("sep_conv_3x3", 1), ("sep_conv_3x3", 0), ("skip_connect", 2)],
           [("max_pool_3x3", 0), ("max_pool_3x3", 1), ("skip_connect", 2), ("max_pool_3x3", 0),
            ("max_pool_3x3", 0), ("skip_connect", 2), ("skip_connect", 2), ("avg_pool_3x3", 0)]),
    "V2": ([("sep_conv_3x3", 0), ("sep_conv_3x3", 1), ("sep_conv_3x3", 0), ("sep_conv_3x3", 1),
            ("sep_conv_3x3", 1), ("skip_connect", 0), ("skip_connect", 0), ("dil_conv_3x3", 2)],
           [("max_pool_3x3", 0), ("max_pool_3x3", 1), ("skip_connect", 2), ("max_pool_3x3", 1),
            ("max_pool_3x3", 0), ("skip_connect", 2), ("skip_connect", 2), ("max_pool_3x3", 1)]),
}
MOBILE = "k5e3-k3e3-skip-skip-k7e3-k3e3-k5e3-k5e3-k7e6-k5e3-k5e3-k5e3-k5e6-k5e3-k5e3-k5e3-k7e6-k7e6-k7e3-k7e3-k7e6"
PROXYLESS = {
    "mobile": (MOBILE, [32, 16, 32, 40, 80, 96, 192, 320, 1280]),
    "mobile-1.4": (MOBILE, [48, 24, 40, 56, 112, 136, 256, 448, 1792]),
    "cpu": ("k3e6-k3e3-k3e3-k3e3-k3e6-k3e3-k3e3-k5e3-k3e6-skip-skip-k3e3-k5e6-k3e3-k3e3-k3e3-k5e6-k5e3-k5e3-k3e3-k5e6",
            [40, 24, 32, 48, 88, 104, 216, 360, 1432]),
    "gpu": ("k5e3-skip-skip-skip-k7e3-skip-skip-k3e3-k7e6-skip-skip-k5e3-k5e6-skip-k3e3-k5e3-k7e6-k7e6-k7e6-k5e6-k7e6",
            [40, 24, 32, 56, 112, 128, 256, 432, 1728]),
}


def count(network, size, path):
    multiply_adds = 0

    def watch(module, _, output):
        nonlocal multiply_adds
        if isinstance(module, nn.Conv2d):
            multiply_adds += output[0].numel() * module.weight[0].numel()
        elif isinstance(module, nn.Linear):
            multiply_adds += module.weight.numel()

    for module in network.eval().modules():
        module.register_forward_hook(watch)
    with torch.no_grad():
        network(torch.zeros(1, 3, size, size), path)
    return sum(parameter.numel() for parameter in network.parameters()), multiply_adds


def nasbench201():
    make_supernet.CHANNELS, make_supernet.CELLS = 16, 5
    network = make_supernet.Network(False, True)
    uniform = []
    for operation, name in enumerate(make_supernet.OPERATIONS):
        _, multiply_adds = count(network, 32, [operation] * 6)
        used = [p.numel() for n, p in network.named_parameters() if ".edge_" not in n or f".{name}." in n]
        uniform.append((sum(used), multiply_adds))
        for module in network.modules():
            module._forward_hooks.clear()
    base = uniform[0]
    edge = [tuple((value - least) // 6 for value, least in zip(costs, base)) for costs in uniform]
    costs = [tuple(least + sum(edge[o][i] for o in path) for i, least in enumerate(base)) for path in itertools.product(range(5), repeat=6)]
    text = "".join(f"{parameters},{multiply_adds}\n" for parameters, multiply_adds in costs)
    return {"smallest": min(costs), "largest": max(costs), "sha256": hashlib.sha256(text.encode()).hexdigest()}


def darts(network, channels, cells, classes, large_stem, size):
    edges = [[[(source, darts_network.OPERATIONS.index(name)) for name, source in cell[2 * i:2 * i + 2]] for i in range(4)] for cell in GENOTYPES[network]]
    parameters, multiply_adds = count(darts_network.Network(channels, cells, classes, edges, large_stem), size, edges)
    return {"network": network, "channels": channels, "cells": cells, "classes": classes, "size": size, "parameters": parameters, "multiply_adds": multiply_adds}


def proxylessnas(network):
    text, widths = PROXYLESS[network]
    path = [(proxylessnas_network.NAMES + ["skip"]).index(name) for name in text.split("-")]
    parameters, multiply_adds = count(proxylessnas_network.Network(widths, 1000, True, path), 224, path)
    return {"network": network, "architecture": text, "widths": widths, "parameters": parameters, "multiply_adds": multiply_adds}


def main():
    costs = {
        "nasbench201": nasbench201(),
        "darts": [darts(network, *sizes) for network in GENOTYPES for sizes in [(36, 20, 10, False, 32), (48, 14, 1000, True, 224)]],
        "proxylessnas": [proxylessnas(network) for network in PROXYLESS],
    }
    with open(os.path.join(HERE, "costs.json"), "w") as file:
        json.dump(costs, file, indent=2)
        file.write("\n")


if __name__ == "__main__":
    main()
