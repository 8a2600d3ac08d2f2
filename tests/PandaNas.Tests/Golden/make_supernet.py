#!/usr/bin/python3
"""Writes supernet.safetensors, supernet_bias.safetensors, standalone.safetensors and sgd.safetensors with PyTorch.

A plain NAS-Bench-201 network: every edge is computed literally, a zero edge as x.mul(0), so that it checks the C# network's short
cuts (dead edges left out, shared activations, additions in place). All is computed in float64 from float32 weights and images, so
the results are exact to float32. Run with Debian's python3-torch (1.13):

    /usr/bin/python3 tests/PandaNas.Tests/Golden/make_supernet.py
"""
import json
import os
import struct

import torch
import torch.nn as nn
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
OPERATIONS = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]
EDGES = [(source, target) for target in range(1, 4) for source in range(target)]
CHANNELS, CELLS, CLASSES = 4, 1, 10


def write_safetensors(name, tensors):
    kinds = {torch.float64: "F64", torch.float32: "F32", torch.int64: "I64"}
    header, blobs, offset = {}, [], 0
    for key in sorted(tensors):
        tensor = tensors[key].detach().contiguous()
        blob = bytes(tensor.numpy().tobytes())
        header[key] = {"dtype": kinds[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [offset, offset + len(blob)]}
        offset += len(blob)
        blobs.append(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(os.path.join(HERE, name), "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


class ConvNorm(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride, bias, affine):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, bias=bias)
        self.bn = nn.BatchNorm2d(outputs, affine=affine, track_running_stats=affine)

    def forward(self, x):
        return self.bn(self.conv(x))


class Edge(nn.Module):
    def __init__(self, channels, bias, affine):
        super().__init__()
        self.nor_conv_1x1 = ConvNorm(channels, channels, 1, 1, bias, affine)
        self.nor_conv_3x3 = ConvNorm(channels, channels, 3, 1, bias, affine)

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
        self.conv_a = ConvNorm(inputs, outputs, 3, 2, bias, affine)
        self.conv_b = ConvNorm(outputs, outputs, 3, 1, bias, affine)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, bias=False)

    def forward(self, x):
        residual = self.conv_b(F.relu(self.conv_a(F.relu(x))))
        # Odd sizes round up, in step with the strided convolution; the published even sizes are unaffected.
        return residual + self.shortcut(F.avg_pool2d(x, 2, 2, 0, ceil_mode=True, count_include_pad=False))


class Network(nn.Module):
    def __init__(self, bias, affine):
        super().__init__()
        channels = CHANNELS
        self.stem = ConvNorm(3, channels, 3, 1, False, affine)
        self.cells, self.reductions = nn.ModuleList(), nn.ModuleList()
        for stage in range(3):
            if stage > 0:
                self.reductions.append(Reduction(channels, 2 * channels, bias, affine))
                channels *= 2
            for _ in range(CELLS):
                self.cells.append(Cell(channels, bias, affine))
        self.last = nn.Module()
        self.last.bn = nn.BatchNorm2d(channels, affine=affine, track_running_stats=affine)
        self.classifier = nn.Linear(channels, CLASSES)

    def forward(self, x, path):
        x = self.stem(x)
        for stage in range(3):
            if stage > 0:
                x = self.reductions[stage - 1](x)
            for cell in range(CELLS):
                x = self.cells[stage * CELLS + cell](x, path)
        return self.classifier(F.relu(self.last.bn(x)).mean((2, 3)))


def single(network):
    """Rounds every float to float32 and computes in float64 from there."""
    return network.float().double()


def images(count, size):
    return torch.randn(count, 3, size, size).float().double(), torch.randint(0, CLASSES, (count,))


def store_gradients(out, prefix, network):
    for name, parameter in network.named_parameters():
        if parameter.grad is not None and bool((parameter.grad != 0).any()):
            out[f"{prefix}{name}"] = parameter.grad.float()


def weights(network):
    return {f"weights.{name}": value.clone().float() for name, value in network.state_dict().items() if not name.endswith("num_batches_tracked")}


def supernet(file, bias, paths):
    network = single(Network(bias, False))
    out = weights(network)
    batches = [images(8, 8), images(5, 7)]
    for i, (x, y) in enumerate(batches):
        out[f"images.{i}"], out[f"labels.{i}"] = x.float(), y
    for i, path in enumerate(paths):
        batch = i % 2
        network.zero_grad(set_to_none=True)
        logits = network(batches[batch][0], path)
        loss = F.cross_entropy(logits, batches[batch][1])
        loss.backward()
        key = f"path.{i:02d}."
        out[key + "candidates"], out[key + "batch"] = torch.tensor(path), torch.tensor(batch)
        out[key + "logits"], out[key + "loss"] = logits.float(), loss.float()
        store_gradients(out, key + "gradient.", network)
    write_safetensors(file, out)


def standalone(paths):
    out = {}
    for i, path in enumerate(paths):
        network = Network(False, True)
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                nn.init.uniform_(module.weight, 0.5, 1.5)
                nn.init.uniform_(module.bias, -0.5, 0.5)
        network = single(network)
        key = f"network.{i}."
        used = [f"edge_{s}_{t}.{OPERATIONS[path[e]]}." for e, (s, t) in enumerate(EDGES)]
        keep = lambda name: not name.startswith("cells.") or any(u in name for u in used)
        out.update({key + name: value for name, value in weights(network).items() if keep(name[len("weights."):])})
        out[key + "candidates"] = torch.tensor(path)
        batches = [images(8, 8) for _ in range(3)]
        for j, (x, y) in enumerate(batches):
            out[f"{key}images.{j}"], out[f"{key}labels.{j}"] = x.float(), y
        network.train()
        for j in range(2):
            network.zero_grad(set_to_none=True)
            logits = network(batches[j][0], path)
            F.cross_entropy(logits, batches[j][1]).backward()
            out[f"{key}training_logits.{j}"] = logits.float()
        store_gradients(out, key + "gradient.", network)
        for name, value in network.state_dict().items():
            if "running_" in name and keep(name):
                out[f"{key}after.{name}"] = value.clone().float()
        network.eval()
        out[key + "evaluation_logits"] = network(batches[2][0], path).float()
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
    supernet("supernet.safetensors", False, special + random)
    supernet("supernet_bias.safetensors", True, [special[0], special[9], [2, 4, 3, 1, 0, 2], special[8]])
    standalone([[3, 3, 3, 2, 2, 2], [1, 4, 2, 3, 0, 1], [2, 1, 0, 3, 4, 3]])
    sgd()


if __name__ == "__main__":
    main()
