#!/usr/bin/python3
"""Writes supernet.safetensors, supernet_bias.safetensors, standalone.safetensors and sgd.safetensors with PyTorch.

A plain NAS-Bench-201 network: every edge is computed literally, a zero edge as x.mul(0), so that it checks the C# network's short
cuts (dead edges left out, shared activations, additions in place). All is computed in float64 from float32 weights and images, so
the results are exact to float32. Run with Debian's python3-torch (1.13):

    /usr/bin/python3 tests/PandaNas.Tests/Golden/make_supernet.py
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

from golden_tensors import ConvNorm, batch_norm, images, standalone, supernet, write_safetensors

OPERATIONS = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]
EDGES = [(source, target) for target in range(1, 4) for source in range(target)]
CHANNELS, CELLS, CLASSES = 4, 1, 10


class Edge(nn.Module):
    def __init__(self, channels, bias, affine):
        super().__init__()
        self.nor_conv_1x1 = ConvNorm(channels, channels, 1, 1, affine, bias)
        self.nor_conv_3x3 = ConvNorm(channels, channels, 3, 1, affine, bias)

    def forward(self, x, operation):
        if operation == 0:
            return x.mul(0)
        if operation == 1:
            return x
        if operation == 2:
            return self.nor_conv_1x1(F.relu(x))
        if operation == 3:
            return self.nor_conv_3x3(F.relu(x))
        return F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)


class Cell(nn.Module):
    def __init__(self, channels, bias, affine):
        super().__init__()
        for source, target in EDGES:
            setattr(self, f"edge_{source}_{target}", Edge(channels, bias, affine))

    def forward(self, x, path):
        nodes = [x]
        for target in range(1, 4):
            nodes.append(sum(
                getattr(self, f"edge_{source}_{target}")(nodes[source], path[EDGES.index((source, target))]) for source in range(target)))
        return nodes[3]


class Reduction(nn.Module):
    def __init__(self, inputs, outputs, bias, affine):
        super().__init__()
        self.conv_a = ConvNorm(inputs, outputs, 3, 2, affine, bias)
        self.conv_b = ConvNorm(outputs, outputs, 3, 1, affine, bias)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, bias=False)

    def forward(self, x):
        residual = self.conv_b(F.relu(self.conv_a(F.relu(x))))
        # Odd sizes round up, in step with the strided convolution; the published even sizes are unaffected.
        return residual + self.shortcut(F.avg_pool2d(x, 2, 2, 0, ceil_mode=True, count_include_pad=False))


class Network(nn.Module):
    def __init__(self, bias, affine):
        super().__init__()
        channels = CHANNELS
        self.stem = ConvNorm(3, channels, 3, 1, affine)
        self.cells, self.reductions = nn.ModuleList(), nn.ModuleList()
        for stage in range(3):
            if stage > 0:
                self.reductions.append(Reduction(channels, 2 * channels, bias, affine))
                channels *= 2
            for _ in range(CELLS):
                self.cells.append(Cell(channels, bias, affine))
        self.last = nn.Module()
        self.last.bn = batch_norm(channels, affine)
        self.classifier = nn.Linear(channels, CLASSES)

    def forward(self, x, path):
        x = self.stem(x)
        for stage in range(3):
            if stage > 0:
                x = self.reductions[stage - 1](x)
            for cell in range(CELLS):
                x = self.cells[stage * CELLS + cell](x, path)
        return self.classifier(F.relu(self.last.bn(x)).mean((2, 3)))


def supernets(file, bias, paths):
    network = Network(bias, False)
    supernet(file, network, [images(8, 8, CLASSES), images(5, 7, CLASSES)], paths)


def standalones(paths):
    out = {}
    for i, path in enumerate(paths):
        network = Network(False, True)
        used = [f"edge_{s}_{t}.{OPERATIONS[path[e]]}." for e, (s, t) in enumerate(EDGES)]
        keep = lambda name: not name.startswith("cells.") or any(u in name for u in used)
        out.update(standalone(f"network.{i}.", network, path, lambda: [images(8, 8, CLASSES) for _ in range(3)], keep=keep))
    write_safetensors("standalone.safetensors", out)


def sgd():
    out = {}
    shapes = [(37,), (5, 4, 3, 3), (1,)]
    # Which weights have a gradient in each of the five steps.
    present = [[1, 1, 1], [1, 0, 1], [0, 1, 0], [1, 1, 0], [0, 1, 1]]
    initial = [torch.randn(shape).float().double() for shape in shapes]
    gradients = [[torch.randn(shape).float().double() if present[step][i] else None for i, shape in enumerate(shapes)] for step in range(5)]
    for i, value in enumerate(initial):
        out[f"initial.{i}"] = value
    for step, row in enumerate(gradients):
        for i, value in enumerate(row):
            if value is not None:
                out[f"gradient.{step}.{i}"] = value
    cases = [(m, d, n, c) for m in (0.0, 0.9) for d in (0.0, 5e-3) for n in (False, True) for c in (0.0, 2.0, 100.0) if m > 0 or not n]
    for k, (momentum, decay, nesterov, clip) in enumerate(cases):
        out[f"case.{k:02d}.options"] = torch.tensor([momentum, decay, float(nesterov), clip], dtype=torch.float64)
        parameters = [nn.Parameter(value.clone()) for value in initial]
        optimizer = torch.optim.SGD(parameters, lr=0.1, momentum=momentum, weight_decay=decay, nesterov=nesterov)
        for step, row in enumerate(gradients):
            for group in optimizer.param_groups:
                group["lr"] = 0.1 / (step + 1)
            for parameter, value in zip(parameters, row):
                parameter.grad = None if value is None else value.clone()
            if clip > 0:
                nn.utils.clip_grad_norm_(parameters, clip)
            optimizer.step()
            for i, parameter in enumerate(parameters):
                out[f"case.{k:02d}.after.{step}.{i}"] = parameter.detach().clone()
    write_safetensors("sgd.safetensors", out)


def main():
    torch.set_num_threads(1)
    torch.manual_seed(20230618)
    special = [
        [3, 3, 3, 2, 2, 2],  # convolutions everywhere
        [3, 3, 3, 2, 2, 2],  # the same at an odd size
        [1, 1, 1, 1, 1, 1],  # all skips: sums of shared nodes
        [4, 4, 4, 4, 4, 4],  # all pools
        [0, 0, 0, 0, 0, 0],  # nothing
        [3, 2, 3, 0, 0, 0],  # the output is disconnected
        [0, 3, 2, 1, 2, 0],  # node 1 carries nothing, an edge leaves it
        [3, 0, 0, 1, 0, 0],  # nodes 1 and 2 reach nothing; the output is the input
        [0, 0, 2, 3, 3, 3],  # convolutions of zeros only: the output is zero
        [1, 3, 1, 1, 3, 2],  # skips into every node
    ]
    random = torch.randint(0, 5, (10, 6)).tolist()
    supernets("supernet.safetensors", False, special + random)
    supernets("supernet_bias.safetensors", True, [special[0], special[9], [2, 4, 3, 1, 0, 2], special[8]])
    standalones([[3, 3, 3, 2, 2, 2], [1, 4, 2, 3, 0, 1], [2, 1, 0, 3, 4, 3]])
    sgd()


if __name__ == "__main__":
    main()
