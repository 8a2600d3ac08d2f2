#!/usr/bin/env python3
"""Opens exported models in every ONNX runtime that this machine has beside ours, and compares what they give.

    tools/check-onnx.py FILE.onnx|FOLDER ...

Beside NAME.onnx may lie NAME.safetensors with the tensors `images` and `logits`, as tests/PandaNas.Tests writes them with
PANDA_ONNX_OUT=FOLDER: what the model was given there, and what it gave. Without it the model gets noise, and runtimes are only compared with
one another. Runtimes: the official checker (Debian: python3-onnx), its reference evaluator (onnx 1.13 or newer), OpenCV's dnn (Debian:
python3-opencv) and ONNX Runtime's Python package. Exit code 1 if a file breaks the rules of ONNX or a runtime that opens it gives other
logits; what a runtime refuses is counted and told with the reason.
"""
import collections
import json
import os
import sys

import numpy as np

# Of the largest logit; models of 8 bits round, each runtime in its way.
TOLERANCE, TOLERANCE_OF_INT8 = 1e-4, 0.25


def facts_of(model):
    texts = {text.key: text.value for text in model.metadata_props}
    return json.loads(texts.get("panda_model", "{}"))


def read_safetensors(path):
    types = {"F32": np.float32, "U8": np.uint8}
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    return {
        name: np.frombuffer(data[slice(*entry["data_offsets"])], types[entry["dtype"]]).reshape(entry["shape"])
        for name, entry in header.items() if name != "__metadata__"}


def noise_for(model):
    kind = model.graph.input[0].type.tensor_type
    shape = [dim.dim_value or fallback for dim, fallback in zip(kind.shape.dim, (2, 40, 56, 3))]
    random = np.random.default_rng(1)
    if kind.elem_type == 2:
        return random.integers(0, 256, shape).astype(np.uint8)
    return random.standard_normal(shape).astype(np.float32)


def checker(path, images):
    onnx.checker.check_model(path, full_check=True)


def reference(path, images):
    return ReferenceEvaluator(path).run(None, {"images": images})[0]


def opencv(path, images):
    net = cv2.dnn.readNetFromONNX(path)
    if images.dtype != np.float32:
        raise ValueError("its networks take float32 only")
    net.setInput(images)
    return net.forward()


def onnx_runtime(path, images):
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(None, {"images": images})[0]


runtimes = {}
try:
    import onnx
    runtimes[f"onnx {onnx.__version__} checker"] = checker
except ImportError:
    sys.exit("check-onnx: Python's onnx is needed: apt-get install python3-onnx, or pip install onnx")
try:
    from onnx.reference import ReferenceEvaluator
    runtimes[f"onnx {onnx.__version__} reference"] = reference
except ImportError:
    pass
try:
    import cv2
    runtimes[f"OpenCV {cv2.__version__}"] = opencv
except ImportError:
    pass
try:
    import onnxruntime
    runtimes[f"ONNX Runtime {onnxruntime.__version__}"] = onnx_runtime
except ImportError:
    pass


def main(paths):
    files = []
    for path in paths:
        files += sorted(os.path.join(path, name) for name in os.listdir(path) if name.endswith(".onnx")) if os.path.isdir(path) else [path]
    if not files:
        sys.exit(__doc__)
    counts, refusals, failures, largest = collections.Counter(), collections.Counter(), [], collections.defaultdict(float)
    for file in files:
        model = onnx.load(file)
        facts = facts_of(model)
        kind = f"{facts.get('preprocessing', '?')}{', int8' if facts.get('quantization') else ''}"
        recorded = os.path.splitext(file)[0] + ".safetensors"
        tensors = read_safetensors(recorded) if os.path.exists(recorded) else {"images": noise_for(model)}
        expected = tensors.get("logits")
        for name, run in runtimes.items():
            try:
                logits = run(file, tensors["images"])
            except Exception as error:
                counts[kind, name, "refused"] += 1
                reason = " ".join(str(error).split())
                refusals[kind, name, reason[-160:]] += 1
                if run is checker:
                    failures.append(f"{file}: {name}: {reason}")
                continue
            if logits is None:
                counts[kind, name, "right"] += 1
                continue
            if expected is None:
                expected = logits
            difference = float(np.abs(logits - expected).max() / np.abs(expected).max())
            largest[kind, name] = max(largest[kind, name], difference)
            right = difference <= (TOLERANCE_OF_INT8 if "int8" in kind else TOLERANCE)
            counts[kind, name, "right" if right else "wrong"] += 1
            if not right:
                failures.append(f"{file}: {name}: logits differ by {difference:.1e} of the largest")
    for kind, name in sorted({key[:2] for key in counts}):
        told = ", ".join(f"{counts[kind, name, what]} {what}" for what in ("right", "wrong", "refused") if counts[kind, name, what])
        print(f"{kind}: {name}: {told}; largest difference {largest[kind, name]:.1e}")
    for (kind, name, reason), count in refusals.most_common():
        print(f"refused ({count}x, {kind}) by {name}: ...{reason}")
    for failure in failures:
        print(f"FAILED {failure}")
    return 1 if failures else 0


sys.exit(main(sys.argv[1:]))
