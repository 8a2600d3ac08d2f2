#!/usr/bin/env bash
# Runs panda beside a collector that never rests and compares the bits with undisturbed runs.
#   tools/collector-stress/run.sh PANDA [REPEATS] [VERBS]
# PANDA is the program (src/PandaNas.Cli/bin/Release/net10.0/panda), REPEATS how often each is disturbed (5), VERBS some of
# "train retrain rank variance" (all). Prints a line for each and ends with 1 if a disturbed run failed or gave other bits.
set -uo pipefail
panda=$(realpath "$1"); repeats=${2:-5}; verbs=${3:-train retrain rank variance}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
dotnet build -c Release -o "$work/hook" "$here/hook" >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
hook=$work/hook/RestlessCollector.dll
bad=0; runs=0; summary=()

nasbench=(--channels 4 --cells 1)
darts=(--space darts --channels 4 --cells 3)
proxyless=(--space proxylessnas --width-multiplier 0.25)
data=(--data fashion-mnist-small --image-size 14 --train-images 160 --batch-size 32 --epochs 2 --threads 2 --precision float32 --seed 3)

# The bits of a run: its weights, or its result without what differs from run to run.
bits() { if [ -f "$1/weights.safetensors" ]; then sha256sum <"$1/weights.safetensors"; else grep -v -i -E '"[a-z-]*(seconds|created|time|hours)[a-z-]*"|"run":' "$1/out.json" | sha256sum; fi; }

# series NAME ARGUMENTS...: OUT stands for the folder of the run.
series() {
  local name=$1 failed=0 other=0 want got folder; shift
  mkdir -p "$work/$name"
  folder=$work/$name/undisturbed; mkdir -p "$folder.log"
  "$panda" "${@//OUT/$folder}" --json >"$folder.log/out.json" 2>"$folder.log/err" || { echo "$name: the undisturbed run failed"; tail -3 "$folder.log/err"; bad=1; return; }
  [ -d "$folder" ] && want=$(bits "$folder") || want=$(bits "$folder.log")
  for i in $(seq "$repeats"); do
    folder=$work/$name/$i; mkdir -p "$folder.log"
    if DOTNET_STARTUP_HOOKS=$hook "$panda" "${@//OUT/$folder}" --json >"$folder.log/out.json" 2>"$folder.log/err"; then
      [ -d "$folder" ] && got=$(bits "$folder") || got=$(bits "$folder.log")
      [ "$got" = "$want" ] || other=$((other + 1))
    else
      failed=$((failed + 1)); tail -1 "$folder.log/err" | cut -c1-160
    fi
  done
  runs=$((runs + repeats)); [ $((failed + other)) -eq 0 ] || bad=1
  echo "$name: $repeats disturbed runs, $failed failed, $other with other bits"
}

"$panda" train --out "$work/supernet" --method panda "${nasbench[@]}" "${data[@]}" >/dev/null 2>&1 || { echo "no supernet to start from"; exit 1; }
for verb in $verbs; do
  case $verb in
    train)
      for space in nasbench darts proxyless; do
        declare -n sizes=$space
        for method in $("$panda" train --help | sed -n 's/.*--method <.*steps made: \(.*\) \[default.*/\1/p' | tr -d ','); do
          series "train-$space-$method" train --out OUT --method "$method" "${sizes[@]}" "${data[@]}"
        done
      done ;;
    retrain) series retrain retrain "$work/supernet" --architecture '|nor_conv_3x3~0|+|nor_conv_3x3~0|skip_connect~1|+|avg_pool_3x3~0|nor_conv_1x1~1|nor_conv_3x3~2|' --epochs 2 --train-images 160 --batch-size 32 --out OUT ;;
    rank) series rank rank "$work/supernet" --architectures 3000 --images 32 ;;
    variance) series variance variance "$work/supernet" --samples 40 --distributions uniform,panda ;;
  esac
done
echo "total: $runs disturbed runs, $([ $bad = 0 ] && echo all with the bits of an undisturbed one || echo NOT all with the bits of an undisturbed one)"
exit $bad
