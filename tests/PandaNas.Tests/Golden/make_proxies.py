#!/usr/bin/python3
"""Writes proxies.safetensors with PyTorch: training-free scores of stand-alone networks of all three spaces, by their definitions.

jacov (Mellor et al. 2020, arXiv 2006.04647v1): J is the gradient of the sum of all logits at the images, v the eigenvalues of the
correlation matrix of its rows; the score is -sum(ln(v + 1e-5) + 1/(v + 1e-5)).
naswot (Mellor et al. 2021, ICML): over all ReLUs K += x x' + (1 - x)(1 - x)', x the 0/1 pattern of where the input is above 0; the score
is ln|det K|. A ReLU of one value that several operations of a cell read counts once here.
synflow (Tanaka et al. 2020; as a score Abdelfattah et al. 2021): sum |w * dR/dw| over the weights of convolutions and linear layers, R the
sum of the outputs for one input of ones, all weights and biases replaced by their absolute values, no batch norm, no bound of 6.
featcov (ours): sum of ln det(K + 1e-5 I) over the outputs of the stem and of every block, K the correlations between images.
meco (Jiang, Wang and Bie 2023): sum of the least eigenvalue of the correlations between the channels of the first image, over the same
outputs; a constant channel correlates with nothing.

All is computed in float64 from float32 weights and images. Run with Debian's python3-torch (1.13):

    /usr/bin/python3 tests/PandaNas.Tests/Golden/make_proxies.py
"""
import contextlib

import numpy
import torch
import torch.nn as nn
import torch.nn.functional as F

import darts_network
import make_darts
import make_proxylessnas
import make_supernet
import proxylessnas_network
from golden_tensors import images, single, weights, write_safetensors


def jacov(network, x, path):
    x = x.clone().requires_grad_()
    network(x, path).sum().backward()
    correlations = numpy.corrcoef(x.grad.flatten(1).numpy())
    values = numpy.linalg.eigvalsh(correlations)
    return -numpy.sum(numpy.log(values + 1e-5) + 1 / (values + 1e-5))


@contextlib.contextmanager
def observed(network, see):
    """Calls see with the input of every ReLU; one of a value that several operations of a cell read is seen once."""
    scope, seen, relu, relu6 = [""], {}, F.relu, F.relu6

    def note(x):
        if (scope[0], id(x)) not in seen:
            seen[scope[0], id(x)] = x
            see(x)

    def enter(name):
        return lambda module, inputs: scope.__setitem__(0, name)

    def leave(module, inputs, output):
        scope[0] = ""

    hooks = []
    for name, module in network.named_modules():
        if name.endswith(("preprocess0", "preprocess1")):
            hooks += [module.register_forward_pre_hook(enter(name)), module.register_forward_hook(leave)]
    F.relu, F.relu6 = lambda x: (note(x), relu(x))[1], lambda x: (note(x), relu6(x))[1]
    try:
        yield
    finally:
        F.relu, F.relu6 = relu, relu6
        for hook in hooks:
            hook.remove()


def naswot(network, x, path):
    kernel = numpy.zeros((len(x), len(x)))

    def see(value):
        pattern = (value.detach().flatten(1) > 0).double().numpy()
        kernel[:] += pattern @ pattern.T + (1 - pattern) @ (1 - pattern).T

    with torch.no_grad(), observed(network, see):
        network(x, path)
    return numpy.linalg.slogdet(kernel)[1]


def synflow(network, x, path):
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.abs_()
    network.zero_grad(set_to_none=True)
    batch_norm, relu6 = nn.BatchNorm2d.forward, F.relu6
    nn.BatchNorm2d.forward, F.relu6 = lambda self, value: value, F.relu
    try:
        network(torch.ones_like(x[:1]), path).sum().backward()
    finally:
        nn.BatchNorm2d.forward, F.relu6 = batch_norm, relu6
    counted = [module.weight for module in network.modules() if isinstance(module, (nn.Conv2d, nn.Linear))]
    return sum((weight * weight.grad).abs().sum().item() for weight in counted if weight.grad is not None)


def blocks(network, x, path):
    """The outputs of the stem and of every block; a layer that is left out gives again what it was given."""
    outputs, hooks = [], []

    def see(module, inputs, output):
        outputs.append(output)

    if isinstance(network, proxylessnas_network.Network):
        with torch.no_grad():
            outputs.append(F.relu6(network.stem(x)))
            outputs.append(network.first_block(outputs[-1]))
            for operation, layer, residual in zip(path, network.layers, network.residual):
                y = outputs[-1]
                if operation != proxylessnas_network.SKIP:
                    y = layer[proxylessnas_network.NAMES[operation]](y)
                    y = outputs[-1] + y if residual else y
                outputs.append(y)
        return outputs
    parts = [network.stem, *network.cells, *getattr(network, "reductions", [])]
    hooks = [part.register_forward_hook(see) for part in parts]
    with torch.no_grad():
        network(x, path)
    for hook in hooks:
        hook.remove()
    return outputs


def featcov(network, x, path):
    correlations = [numpy.corrcoef(output.flatten(1).numpy()) for output in blocks(network, x, path)]
    return sum(numpy.sum(numpy.log(numpy.linalg.eigvalsh(one) + 1e-5)) for one in correlations)


def meco(network, x, path):
    with numpy.errstate(invalid="ignore"):
        correlations = [numpy.nan_to_num(numpy.corrcoef(output[0].flatten(1).numpy()), nan=0.0) for output in blocks(network, x, path)]
    return sum(numpy.linalg.eigvalsh(one)[0] for one in correlations)


def scores(out, key, network, candidates, path, size, keep=lambda name: True):
    """The weights are those of initialisation, batch norms 1 and 0."""
    single(network)
    network.train()
    x, _ = images(12, size, 10)
    out.update({key + name: value for name, value in weights(network).items() if keep(name[len("weights."):])})
    out[key + "images"], out[key + "candidates"] = x.float(), torch.tensor(candidates)
    # synflow replaces the weights, so it is the last.
    for name, score in (("jacov", jacov), ("naswot", naswot), ("featcov", featcov), ("meco", meco), ("synflow", synflow)):
        # Running statistics move, and are not read.
        out[key + name] = torch.tensor(float(score(network, x, path)), dtype=torch.float64)


def main():
    torch.set_num_threads(1)
    torch.manual_seed(20200608)
    out = {}
    for i, path in enumerate([[3, 3, 3, 2, 2, 2], [1, 4, 2, 3, 0, 1], [2, 1, 0, 3, 4, 3], [1, 1, 1, 1, 1, 1]]):
        network = make_supernet.Network(False, True)
        used = [f"edge_{s}_{t}.{make_supernet.OPERATIONS[path[e]]}." for e, (s, t) in enumerate(make_supernet.EDGES)]
        keep = lambda name: not name.startswith("cells.") or any(u in name for u in used)
        scores(out, f"nasbench201.{i}.", network, path, path, 8, keep)
    for i in range(2):
        path = make_darts.random_path()
        cells = darts_network.decode(path)
        scores(out, f"darts.{i}.", darts_network.Network(make_darts.CHANNELS, make_darts.CELLS, 10, cells), path, cells, 8)
    for i in range(2):
        path = make_proxylessnas.random_path()
        scores(out, f"proxylessnas.{i}.", proxylessnas_network.Network(make_proxylessnas.WIDTHS, 10, False, path), path, path, 17)
    write_safetensors("proxies.safetensors", out)
    for key in sorted(out):
        if key.endswith(("jacov", "naswot", "featcov", "meco", "synflow")):
            print(key, out[key].item())


if __name__ == "__main__":
    main()
