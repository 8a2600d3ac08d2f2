#!/usr/bin/env python3
"""Reads what --tensorboard wrote with TensorBoard's own reader, and compares every figure with the run's log.

    panda train --preset quickstart --epochs 3 --tensorboard events --out run
    python3 tools/check-tensorboard.py run events

Needs TensorBoard: `pip install tensorboard`, or a checkout of its sources on PYTHONPATH whose .proto files protoc has compiled.
Exit code 1 when a figure is missing, too many, or another one (TensorBoard keeps 32 bits).
"""
import json
import math
import pathlib
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

SCALARS = {
    "train/loss": "loss", "train/accuracy": "accuracy", "train/learning_rate": "learning_rate", "train/passes": "passes", "train/seconds": "seconds",
    "data/entropy": "data_entropy", "data/effective_sample_size": "data_effective_sample_size"}


def main():
    run, events = map(pathlib.Path, sys.argv[1:3])
    epochs = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    reader = EventAccumulator(str(events), size_guidance={"scalars": 0})
    reader.Reload()
    compared, faults = 0, []
    for tag in reader.Tags()["scalars"]:
        values = {event.step: event.value for event in reader.Scalars(tag)}
        if tag not in SCALARS:
            continue
        expected = {epoch["epoch"]: epoch[SCALARS[tag]] for epoch in epochs if epoch.get(SCALARS[tag]) is not None}
        if values.keys() != expected.keys():
            faults.append(f"{tag}: epochs {sorted(values)}, the log has {sorted(expected)}")
        for step in values.keys() & expected.keys():
            compared += 1
            if not math.isclose(values[step], expected[step], rel_tol=1e-6, abs_tol=1e-9):
                faults.append(f"{tag}, epoch {step}: {values[step]}, the log has {expected[step]}")
    # One for each operation, in their order.
    probabilities = [tag for tag in reader.Tags()["scalars"] if tag.startswith("paths/probability/")]
    for place, epoch in enumerate(epochs):
        shown = [reader.Scalars(tag)[place].value for tag in probabilities]
        compared += len(shown)
        if not all(math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9) for a, b in zip(shown, epoch["path_probabilities"], strict=True)):
            faults.append(f"path probabilities of epoch {epoch['epoch']}: {shown}, the log has {epoch['path_probabilities']}")
    missing = [tag for tag, key in SCALARS.items() if any(epoch.get(key) is not None for epoch in epochs) and tag not in reader.Tags()["scalars"]]
    faults += [f"{tag} is missing" for tag in missing]
    print("\n".join(faults), file=sys.stderr)
    print(f"{compared} figures of {len(epochs)} epochs compared, {len(faults)} faults")
    return 1 if faults or not compared else 0


if __name__ == "__main__":
    sys.exit(main())
