#!/usr/bin/env bash
# Coverage-guided fuzzing of every reader: tools/fuzz-readers.sh [READERS|all] [INPUTS] [SEED]
# Inputs that end in anything but a clear refusal, take long or much memory are kept below artifacts/fuzzing/findings; exit code 1 then.
# FUZZ_KEEP=1 adds short inputs that reach new code to the corpus in tools/PandaNas.Fuzzing/corpus.
set -euo pipefail
cd "$(dirname "$0")/.."
readers=${1:-all}
inputs=${2:-10000}
seed=${3:-1}

out=artifacts/fuzzing/bin
# Instrumented assemblies cannot be instrumented again.
rm -rf "$out"
dotnet build -c Release tools/PandaNas.Fuzzing -o "$out" --nologo -v quiet
dotnet "$out/PandaNas.Fuzzing.dll" instrument "$out/YamlDotNet.dll" "$out/PandaNas.dll"
dotnet "$out/PandaNas.Fuzzing.dll" run "$readers" "$inputs" "$seed" tools/PandaNas.Fuzzing/corpus artifacts/fuzzing/findings
