#!/usr/bin/env bash
# Verbs on damaged runs: tools/fuzz-verbs.sh [CASES] [FIRST]
# Every case damages one file of a small run, comparison or input and runs a verb that reads it. Case N is the same every time.
# Findings: internal errors, stack traces, other exit codes than panda's, more than 10 s or 1 GB; exit code 1 then.
set -uo pipefail
cd "$(dirname "$0")/.."
cases=${1:-500}
first=${2:-1}

out=artifacts/fuzzing/verbs
folder=$PWD/artifacts/fuzzing/runs
dotnet build -c Release tools/PandaNas.Fuzzing -o "$out" --nologo -v quiet || exit 2
rm -rf "$folder"
end=$((first + cases))
status=0
while [ "$first" -lt "$end" ]; do
    dotnet "$out/PandaNas.Fuzzing.dll" verbs $((end - first)) "$first" "$folder"
    code=$?
    [ "$code" -le 1 ] && exit $((status | code))
    # The process itself ended: a finding. The next case is tried by another one.
    status=1
    echo "process ended with $code at case $(cat "$folder/at")"
    first=$(($(cut -d ' ' -f 1 "$folder/at") + 1))
done
exit $status
