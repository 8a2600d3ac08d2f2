#!/usr/bin/env python3
"""Kills `panda auto` at random moments and resumes it, and compares the bytes of its models with those of an undisturbed run.

    tools/kill-auto.py FOLDER DATA [--kills N] [--seed N] [-- FLAGS OF PANDA AUTO]

PANDA is the command, for example "dotnet src/PandaNas.Cli/bin/Release/net10.0/panda.dll". A third of the kills
comes before both networks and their epochs are decided; from there both runs go on, one undisturbed.
"""
import argparse, hashlib, json, os, pathlib, random, shlex, shutil, signal, subprocess, sys, time

parser = argparse.ArgumentParser()
parser.add_argument("folder", type=pathlib.Path)
parser.add_argument("data")
parser.add_argument("--kills", type=int, default=10)
parser.add_argument("--seed", type=int, default=1)
own = sys.argv[1:sys.argv.index("--")] if "--" in sys.argv else sys.argv[1:]
arguments = parser.parse_args(own)
flags = sys.argv[len(own) + 2:]
panda = shlex.split(os.environ.get("PANDA", "panda"))
planned, whole, killed = (arguments.folder / name for name in ("planned", "whole", "killed"))
arguments.folder.mkdir(parents=True, exist_ok=True)
chance = random.Random(arguments.seed)


def start(folder, *more):
    return subprocess.Popen([*panda, "auto", *more, "--out", str(folder), "--resume"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            start_new_session=True)


def kill(process):
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def sums(folder):
    files = ["epochs.json", "known/weights.safetensors", "rival/weights.safetensors", "model.onnx"]
    return {file: hashlib.sha256((folder / file).read_bytes()).hexdigest()[:12] for file in files}


def stages(folder):
    path = folder / "time.json"
    return {stage["name"]: round(stage["seconds"]) for stage in json.loads(path.read_text())["stages"]} if path.exists() else "no plan yet"


done, early, decided = 0, arguments.kills // 3, planned / "epochs.json"
while not decided.exists():
    process = start(planned, arguments.data, *flags)
    moment = time.time() + (chance.uniform(1, 30) if done < early else 3600)
    while process.poll() is None and not decided.exists() and time.time() < moment:
        time.sleep(0.05)
    if process.poll() is not None:
        sys.exit(process.stdout.read().decode())
    kill(process)
    done += 1
    print(f"kill {done}: {stages(planned)}", flush=True)
plan, epochs = (json.loads((planned / name).read_text()) for name in ("plan.json", "epochs.json"))
print("plan:", *plan["reasons"], epochs, sep="\n  ", flush=True)
for folder in (whole, killed):
    shutil.copytree(planned, folder)

started = time.time()
process = start(whole)
print(process.communicate()[0].decode())
took = time.time() - started
print(f"undisturbed: exit code {process.returncode}, {took:.0f} s after the decisions", flush=True)

while done < arguments.kills:
    process = start(killed)
    try:
        process.wait(timeout=chance.uniform(1, 2 * took / (arguments.kills - early)))
        print(f"ended after {done} kills")
        break
    except subprocess.TimeoutExpired:
        kill(process)
        done += 1
        print(f"kill {done}: {stages(killed)}", flush=True)
print(start(killed).communicate()[0].decode())
one, other = sums(whole), sums(killed)
for file, digest in one.items():
    print(file, digest, other[file], "same" if digest == other[file] else "DIFFERENT")
sys.exit(one != other)
