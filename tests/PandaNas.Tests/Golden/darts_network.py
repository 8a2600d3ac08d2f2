"""A plain PyTorch network of the DARTS space (Liu, Simonyan and Yang 2019), written from the paper's description for our tests."""
import torch
import torch.nn as nn
import torch.nn.functional as F

from golden_tensors import ConvNorm, batch_norm

OPERATIONS = ["max_pool_3x3", "avg_pool_3x3", "skip_connect", "sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3", "dil_conv_5x5"]
NODES, CELL_CHOICES = 4, 11
PAIRS = [[(low, high) for low in range(node + 2) for high in range(low + 1, node + 2)] for node in range(NODES)]


def decode(candidates):
    """The edges of both cells from an architecture's candidates: for each node a pair of sources, then two operations."""
    cells = []
    for cell in range(2):
        numbers = iter(candidates[cell * CELL_CHOICES:(cell + 1) * CELL_CHOICES])
        cells.append([list(zip(pairs[0 if len(pairs) == 1 else next(numbers)], (next(numbers), next(numbers)))) for pairs in PAIRS])
    return cells


class Separable(nn.Module):
    def __init__(self, channels, kernel, stride, dilation, affine):
        super().__init__()
        self.depthwise = nn.Conv2d(
            channels, channels, kernel, stride, dilation * (kernel - 1) // 2, dilation=dilation, groups=channels, bias=False)
        self.pointwise = nn.Conv2d(channels, channels, 1, bias=False)
        self.bn = batch_norm(channels, affine)

    def forward(self, x):
        return self.bn(self.pointwise(self.depthwise(F.relu(x))))


class TwiceSeparable(nn.Module):
    def __init__(self, channels, kernel, stride, affine):
        super().__init__()
        self.first = Separable(channels, kernel, stride, 1, affine)
        self.second = Separable(channels, kernel, 1, 1, affine)

    def forward(self, x):
        return self.second(self.first(x))


class FactorizedReduction(nn.Module):
    def __init__(self, inputs, outputs, affine):
        super().__init__()
        self.conv_1 = nn.Conv2d(inputs, outputs // 2, 1, 2, bias=False)
        self.conv_2 = nn.Conv2d(inputs, outputs - outputs // 2, 1, 2, bias=False)
        self.bn = batch_norm(outputs, affine)

    def forward(self, x):
        x = F.relu(x)
        return self.bn(torch.cat([self.conv_1(x), self.conv_2(x[:, :, 1:, 1:])], 1))


class Pooling(nn.Module):
    def __init__(self, channels, largest, stride, norm):
        super().__init__()
        self.pool = nn.MaxPool2d(3, stride, 1) if largest else nn.AvgPool2d(3, stride, 1, count_include_pad=False)
        self.norm = batch_norm(channels, False) if norm else nn.Identity()

    def forward(self, x):
        return self.norm(self.pool(x))


class Pointwise(ConvNorm):
    def __init__(self, inputs, outputs, affine):
        super().__init__(inputs, outputs, 1, 1, affine)

    def forward(self, x):
        return super().forward(F.relu(x))


def make_operation(name, channels, stride, affine):
    if name.endswith("pool_3x3"):
        return Pooling(channels, name.startswith("max"), stride, norm=not affine)
    if name == "skip_connect":
        return nn.Identity() if stride == 1 else FactorizedReduction(channels, channels, affine)
    kernel = int(name[-1])
    return TwiceSeparable(channels, kernel, stride, affine) if name.startswith("sep") else Separable(channels, kernel, stride, 2, affine)


class Cell(nn.Module):
    def __init__(self, reduces, after_reduction, first, second, channels, affine, only):
        super().__init__()
        self.reduces = reduces
        self.preprocess0 = (FactorizedReduction if after_reduction else Pointwise)(first, channels, affine)
        self.preprocess1 = Pointwise(second, channels, affine)
        for node in range(NODES):
            edges = nn.Module()
            for source in range(node + 2):
                stride = 2 if reduces and source < 2 else 1
                taken = range(len(OPERATIONS)) if only is None else [o for s, o in only[reduces][node] if s == source]
                edges.add_module(f"edge_{source}", nn.ModuleDict({OPERATIONS[o]: make_operation(OPERATIONS[o], channels, stride, affine) for o in taken}))
            self.add_module(f"node_{node + 2}", edges)

    def forward(self, s0, s1, cells):
        states = [self.preprocess0(s0), self.preprocess1(s1)]
        for node, edges in enumerate(cells[self.reduces]):
            operations = getattr(self, f"node_{node + 2}")
            states.append(sum(getattr(operations, f"edge_{source}")[OPERATIONS[o]](states[source]) for source, o in edges))
        return torch.cat(states[2:], 1)


class Auxiliary(nn.Module):
    def __init__(self, channels, classes, large):
        super().__init__()
        self.stride = 2 if large else 3
        self.squeeze = ConvNorm(channels, 128, 1, 1, True)
        self.spread = nn.Module()
        self.spread.conv = nn.Conv2d(128, 768, 2, bias=False)
        if not large:
            self.spread.bn = nn.BatchNorm2d(768)
        self.classifier = nn.Linear(768, classes)

    def forward(self, x):
        x = F.avg_pool2d(F.relu(x), 5, self.stride, 0, count_include_pad=False)
        x = self.spread.conv(F.relu(self.squeeze(x)))
        x = F.relu(self.spread.bn(x) if hasattr(self.spread, "bn") else x)
        return self.classifier(x.flatten(1))


class Network(nn.Module):
    """A supernet, or with `only` (decoded) one architecture."""

    def __init__(self, channels, cells, classes, only=None, large_stem=False, auxiliary=False):
        super().__init__()
        affine = only is not None
        if large_stem:
            width = channels
            self.stem = nn.Sequential(
                ConvNorm(3, width // 2, 3, 2, affine), ConvNorm(width // 2, width, 3, 2, affine), ConvNorm(width, width, 3, 2, affine))
        else:
            width = 3 * channels
            self.stem = ConvNorm(3, width, 3, 1, affine)
        self.cells = nn.ModuleList()
        first, second, after_reduction = width, width, large_stem
        self.auxiliary_place = 2 * cells // 3
        for place in range(cells):
            reduces = place in (cells // 3, 2 * cells // 3)
            channels *= 2 if reduces else 1
            self.cells.append(Cell(reduces, after_reduction, first, second, channels, affine, only))
            first, second, after_reduction = second, NODES * channels, reduces
            if auxiliary and place == self.auxiliary_place:
                self.auxiliary = Auxiliary(second, classes, large_stem)
        self.classifier = nn.Linear(second, classes)

    def forward(self, x, cells):
        if isinstance(self.stem, nn.Sequential):
            s0 = self.stem[1](F.relu(self.stem[0](x)))
            s1 = self.stem[2](F.relu(s0))
        else:
            s0 = s1 = self.stem(x)
        more = None
        for place, cell in enumerate(self.cells):
            s0, s1 = s1, cell(s0, s1, cells)
            if place == self.auxiliary_place and hasattr(self, "auxiliary") and self.training:
                more = self.auxiliary(s1)
        logits = self.classifier(s1.mean((2, 3)))
        return logits if more is None else (logits, more)
