#!/usr/bin/env bash
# Seconds an epoch of two-thread training beside busy processes.
# usage: neighbours.sh PANDA DATA LOAD EPOCHS [same|other]
#   PANDA   the program, DATA the value of --data, LOAD how many busy processes, EPOCHS how many to train
#   same    the busy processes share the training's session (default); Linux divides processors among sessions first,
#   other   so that those of another session get half of them at most, however many they are
set -euo pipefail
panda=$1 data=$2 load=$3 epochs=$4 session=${5:-same}
folder=$(mktemp -d)
busy=()
cleanup() { for process in "${busy[@]}"; do kill -- "$process" 2>/dev/null || true; done; rm -rf "$folder"; }
trap cleanup EXIT
spin='while :; do :; done'
if [ "$load" -gt 0 ]; then
  if [ "$session" = other ]; then
    setsid bash -c "for i in \$(seq $load); do ($spin) & done; wait" &
    busy+=("-$!")
  else
    for _ in $(seq "$load"); do bash -c "$spin" & busy+=("$!"); done
  fi
fi
"$panda" train --preset nasbench201-cpu --data "$data" --train-images 8192 --validation-images 512 --epochs "$epochs" \
  --checkpoint-every 1000 --precision float32 --threads 2 --seed 1 --out "$folder/run" >/dev/null 2>&1
grep -o '"seconds":[0-9.]*' "$folder/run/log.jsonl" | cut -d: -f2 | tr '\n' ' '
echo
