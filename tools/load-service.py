#!/usr/bin/env python3
"""Posts labelled pictures to samples/ServeModel from several clients, and says how many were classified rightly and what memory it took.

    tools/load-service.py MODEL.onnx FOLDER [--requests 1000] [--clients 8]

FOLDER has a folder of pictures for each class; as many as there are requests are posted, spread evenly over all. The service is started on
a free port of this machine from samples/ServeModel/bin, and stopped at the end. Exit code 1 if a request fails, or if memory grows by more
than a tenth over the second half of the requests.
"""
import argparse
import concurrent.futures
import glob
import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
PROGRAM = os.path.join(ROOT, "samples", "ServeModel", "bin", "Release", "net10.0", "ServeModel.dll")


def memory_of(process):
    with open(f"/proc/{process}/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmRSS"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("folder")
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=8)
    asked = parser.parse_args()
    pictures = sorted(glob.glob(os.path.join(asked.folder, "*", "*")))
    pictures = [pictures[i * len(pictures) // asked.requests] for i in range(asked.requests)]
    service = subprocess.Popen(
        ["dotnet", PROGRAM, asked.model, "--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Microsoft.AspNetCore=Warning"],
        stdout=subprocess.PIPE, text=True)
    try:
        address = next(found.group(1) for line in service.stdout if (found := re.search(r"listening on: (\S+)", line)))
        threading.Thread(target=service.stdout.read, daemon=True).start()
        memory, lock = [], threading.Lock()

        def ask(picture):
            with open(picture, "rb") as file:
                request = urllib.request.Request(address + "/classify", file.read(), {"Content-Type": "application/octet-stream"})
            with urllib.request.urlopen(request) as response:
                label = json.load(response)["label"]
            with lock:
                memory.append(memory_of(service.pid))
            return label == os.path.basename(os.path.dirname(picture))

        started = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(asked.clients) as clients:
            right = sum(clients.map(ask, pictures))
        seconds = time.monotonic() - started
    finally:
        service.terminate()
        service.wait()
    marks = [memory[i * (len(memory) - 1) // 4] for i in range(5)]
    print(f"{len(pictures)} requests from {asked.clients} clients in {seconds:.1f} s ({len(pictures) / seconds:.0f} a second): "
          f"{right} right, accuracy {right / len(pictures):.2%}")
    print("memory in MiB along the requests: " + ", ".join(f"{mark:.0f}" for mark in marks))
    return 0 if marks[4] <= 1.1 * marks[2] else 1


sys.exit(main())
