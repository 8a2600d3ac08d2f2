"""What the generators of tensor fixtures share: writing safetensors, random images, names of weights and gradients."""
import json
import os
import struct

import torch
import torch.nn as nn
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))


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


def batch_norm(channels, affine):
    """A stand-alone network's batch norm, or with affine=False a supernet's: always by batch statistics."""
    return nn.BatchNorm2d(channels, affine=affine, track_running_stats=affine)


class ConvNorm(nn.Module):
    def __init__(self, inputs, outputs, kernel, stride, affine, bias=False, groups=1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, groups=groups, bias=bias)
        self.bn = batch_norm(outputs, affine)

    def forward(self, x):
        return self.bn(self.conv(x))


def single(network):
    """Rounds every float to float32 and computes in float64 from there."""
    return network.float().double()


def images(count, size, classes):
    return torch.randn(count, 3, size, size).float().double(), torch.randint(0, classes, (count,))


def gradients(prefix, network):
    return {
        f"{prefix}{name}": parameter.grad.float() for name, parameter in network.named_parameters()
        if parameter.grad is not None and bool((parameter.grad != 0).any())}


def weights(network):
    return {f"weights.{name}": value.clone().float() for name, value in network.state_dict().items() if not name.endswith("num_batches_tracked")}


def is_well_conditioned(network, x, y, path):
    """Whether gradients stay when weights and images change by a millionth: no activation so near a kink that rounding decides its side."""
    parameters = {name: parameter for name, parameter in network.double().named_parameters()}
    original = {name: parameter.detach().clone() for name, parameter in parameters.items()}

    def gradient(scale):
        with torch.no_grad():
            for name, parameter in parameters.items():
                parameter.copy_(original[name] * (1 + scale * torch.randn_like(parameter)))
        network.zero_grad(set_to_none=True)
        F.cross_entropy(network(x * (1 + scale * torch.randn_like(x)), path), y).backward()
        return {name: parameter.grad.clone() for name, parameter in parameters.items() if parameter.grad is not None}

    changed = [gradient(1e-6) for _ in range(3)]
    exact = gradient(0)
    return all(
        bool((other[name] - value).abs().max() <= max(1e-3 * value.abs().max(), 1e-5)) for other in changed for name, value in exact.items())


def supernet(file, network, batches, paths, decode=lambda path: path):
    """Logits, loss and gradients of every path; of the gradients those that are not zero."""
    single(network)
    out = weights(network)
    for i, (x, y) in enumerate(batches):
        out[f"images.{i}"], out[f"labels.{i}"] = x.float(), y
    for i, path in enumerate(paths):
        batch = i % len(batches)
        network.zero_grad(set_to_none=True)
        logits = network(batches[batch][0], decode(path))
        loss = F.cross_entropy(logits, batches[batch][1])
        loss.backward()
        key = f"path.{i:02d}."
        out[key + "candidates"], out[key + "batch"] = torch.tensor(path), torch.tensor(batch)
        out[key + "logits"], out[key + "loss"] = logits.float(), loss.float()
        out.update(gradients(key + "gradient.", network))
    write_safetensors(file, out)


def standalone(key, network, path, make_batches, decode=lambda path: path, keep=lambda name: True, stored=lambda name: True, auxiliary=0.0, reset=False):
    """Two steps of training without an update, the gradient of the second, the statistics after it, and an evaluation."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
    single(network)
    out = {key + name: value for name, value in weights(network).items() if keep(name[len("weights."):]) and stored(name)}
    out[key + "candidates"] = torch.tensor(path)
    batches = make_batches()
    if reset:
        network.double()
        for module in network.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.reset_running_stats()
    for j, (x, y) in enumerate(batches):
        out[f"{key}images.{j}"], out[f"{key}labels.{j}"] = x.float(), y
    network.train()
    for j in range(2):
        network.zero_grad(set_to_none=True)
        logits = network(batches[j][0], decode(path))
        if auxiliary > 0:
            logits, more = logits
            out[f"{key}auxiliary_logits.{j}"] = more.float()
        loss = F.cross_entropy(logits, batches[j][1])
        if auxiliary > 0:
            loss = loss + auxiliary * F.cross_entropy(more, batches[j][1])
        loss.backward()
        out[f"{key}training_logits.{j}"] = logits.float()
    out.update({name: value for name, value in gradients(key + "gradient.", network).items() if stored(name)})
    for name, value in network.state_dict().items():
        if "running_" in name and keep(name):
            out[f"{key}after.{name}"] = value.clone().float()
    network.eval()
    logits = network(batches[2][0], decode(path))
    out[key + "evaluation_logits"] = (logits[0] if isinstance(logits, tuple) else logits).float()
    return out
