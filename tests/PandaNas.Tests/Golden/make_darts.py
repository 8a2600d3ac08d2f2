#!/usr/bin/python3
"""Writes darts_supernet.safetensors and darts_standalone.safetensors with PyTorch, from darts_network.py.

All is computed in float64 from float32 weights and images. Run with Debian's python3-torch (1.13):

    /usr/bin/python3 tests/PandaNas.Tests/Golden/make_darts.py
"""
import torch

from darts_network import OPERATIONS, PAIRS, Network, decode
from golden_tensors import images, standalone, supernet, write_safetensors

CHANNELS, CELLS, CLASSES = 4, 4, 10
# Large, and the rest of the auxiliary head's gradient passes through it: made by a formula on both sides instead of stored.
FORMULA = "auxiliary.spread.conv.weight"


def random_path():
    path = []
    for _ in range(2):
        for pairs in PAIRS:
            if len(pairs) > 1:
                path.append(int(torch.randint(0, len(pairs), ())))
            path += torch.randint(0, len(OPERATIONS), (2,)).tolist()
    return path


def same_everywhere(operation, pair):
    return [part for _ in range(2) for pairs in PAIRS for part in ([pair % len(pairs)] if len(pairs) > 1 else []) + [operation, operation]]


class Margin:
    """The least distance from zero of what the auxiliary head's last ReLU is given.

    Its batch norm has one value an image and channel, so a single value that float32 puts on the other side of zero would change every
    gradient before it.
    """

    ENOUGH = 1e-4

    def __init__(self, network):
        self.least = float("inf")
        if hasattr(network, "auxiliary") and network.auxiliary is not None and hasattr(network.auxiliary.spread, "bn"):
            network.auxiliary.spread.bn.register_forward_hook(self.note)

    def note(self, module, inputs, output):
        if module.training:
            self.least = min(self.least, output.detach().abs().min().item())


def with_margin(network, make):
    """What make gives, with the first random images whose margin is enough."""
    state = {name: value.clone() for name, value in network.state_dict().items()}
    while True:
        margin = Margin(network)
        made = make()
        if margin.least > Margin.ENOUGH:
            return made
        network.load_state_dict(state)


def standalones():
    out = {}
    cases = [(False, True, 32), (False, False, 8), (True, False, 32)]
    for i, (large_stem, auxiliary, size) in enumerate(cases):
        path = random_path()
        network = Network(CHANNELS, CELLS, CLASSES, decode(path), large_stem, auxiliary)
        for name, parameter in network.named_parameters():
            if name == FORMULA:
                parameter.data = (torch.sin(torch.arange(parameter.numel(), dtype=torch.float64)) * 0.04).float().reshape(parameter.shape)
        key = f"network.{i}."
        out[key + "options"] = torch.tensor([size, large_stem, auxiliary], dtype=torch.int64)
        out.update(with_margin(network, lambda: standalone(
            key, network, path, lambda: [images(8, size, CLASSES) for _ in range(3)], decode, stored=lambda name: FORMULA not in name, auxiliary=0.4 if auxiliary else 0.0)))
    write_safetensors("darts_standalone.safetensors", out)


def main():
    torch.set_num_threads(1)
    torch.manual_seed(20190425)
    paths = [same_everywhere(operation, operation) for operation in range(len(OPERATIONS))] + [random_path() for _ in range(9)]
    supernet("darts_supernet.safetensors", Network(CHANNELS, CELLS, CLASSES), [images(8, 8, CLASSES), images(6, 12, CLASSES)], paths, decode)
    standalones()


if __name__ == "__main__":
    main()
