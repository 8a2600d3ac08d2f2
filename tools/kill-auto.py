#!/usr/bin/env python3
"""Kills `panda auto` at random moments and resumes it, and compares the bytes of its models with those of an undisturbed run of the same plan.

    tools/kill-auto.py FOLDER DATA [--kills N] [--seed N] [-- FLAGS OF PANDA AUTO]

PANDA is the command, for example "dotnet src/PandaNas.Cli/bin/Release/net10.0/panda.dll". The plan is made once, and both runs go on from it.
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
    files = ["model/weights.safetensors", "baseline/weights.safetensors", "model.onnx"]
    return {file: hashlib.sha256((folder / file).read_bytes()).hexdigest()[:12] for file in files}


process = start(planned, arguments.data, *flags)
while process.poll() is None and not (planned / "epochs.json").exists() and not (planned / "time.json").exists():
    time.sleep(0.05)
if process.poll() is not None:
    sys.exit(process.stdout.read().decode())
kill(process)
plan = json.loads((planned / "plan.json").read_text())
print("plan:", *plan["reasons"], sep="\n  ")
for folder in (whole, killed):
    shutil.copytree(planned, folder)

started = time.time()
process = start(whole)
print(process.communicate()[0].decode())
took = time.time() - started
print(f"undisturbed: exit code {process.returncode}, {took:.0f} s after the plan")

done = 0
while done < arguments.kills:
    process = start(killed)
    try:
        process.wait(timeout=chance.uniform(1, 2 * took / arguments.kills))
        print(f"ended after {done} kills")
        break
    except subprocess.TimeoutExpired:
        kill(process)
        done += 1
        stages = {stage["name"]: round(stage["seconds"]) for stage in json.loads((killed / "time.json").read_text())["stages"]}
        print(f"kill {done}: {stages}")
print(start(killed).communicate()[0].decode())
one, other = sums(whole), sums(killed)
for file, digest in one.items():
    print(file, digest, other[file], "same" if digest == other[file] else "DIFFERENT")
for name in ("epochs.json",):
    print(name, (whole / name).read_text() == (killed / name).read_text())
sys.exit(one != other)
