"""A plain PyTorch network of the ProxylessNAS space (Cai, Zhu and Han 2019), written from the paper's description for our tests."""
import torch.nn as nn
import torch.nn.functional as F

from golden_tensors import ConvNorm

CONVOLUTIONS = [(kernel, expansion) for kernel in (3, 5, 7) for expansion in (3, 6)]
SKIP = len(CONVOLUTIONS)
NAMES = [f"k{kernel}e{expansion}" for kernel, expansion in CONVOLUTIONS]
DEPTHS, STRIDES = [4, 4, 4, 4, 4, 1], [2, 2, 2, 1, 2, 1]


class Inverted(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride, expansion, affine):
        super().__init__()
        wide = inputs * expansion
        if expansion > 1:
            self.expand = ConvNorm(inputs, wide, 1, 1, affine)
        self.depthwise = ConvNorm(wide, wide, kernel, stride, affine, groups=wide)
        self.project = ConvNorm(wide, outputs, 1, 1, affine)

    def forward(self, x):
        if hasattr(self, "expand"):
            x = F.relu6(self.expand(x))
        return self.project(F.relu6(self.depthwise(x)))


class Network(nn.Module):
    """A supernet, or with `only` one architecture."""

    def __init__(self, widths, classes, large_stem, only=None):
        super().__init__()
        affine = only is not None
        stem, width, *stages, head = widths
        self.stem = ConvNorm(3, stem, 3, 2 if large_stem else 1, affine)
        self.first_block = Inverted(stem, width, 3, 1, 1, affine)
        self.layers, self.residual = nn.ModuleList(), []
        for stage, outputs in enumerate(stages):
            for place in range(DEPTHS[stage]):
                taken = range(SKIP) if only is None else [o for o in [only[len(self.layers)]] if o != SKIP]
                stride = STRIDES[stage] if place == 0 else 1
                self.layers.append(nn.ModuleDict({NAMES[o]: Inverted(width, outputs, CONVOLUTIONS[o][0], stride, CONVOLUTIONS[o][1], affine) for o in taken}))
                self.residual.append(place > 0)
                width = outputs
        self.head = ConvNorm(width, head, 1, 1, affine)
        self.classifier = nn.Linear(head, classes)

    def forward(self, x, path):
        x = self.first_block(F.relu6(self.stem(x)))
        for operation, layer, residual in zip(path, self.layers, self.residual):
            if operation != SKIP:
                y = layer[NAMES[operation]](x)
                x = x + y if residual else y
        return self.classifier(F.relu6(self.head(x)).mean((2, 3)))
