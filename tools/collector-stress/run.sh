#!/usr/bin/env bash
# Runs panda beside a collector that never rests and compares the bits with undisturbed runs.
#   tools/collector-stress/run.sh PANDA [REPEATS] [SERIES]
# PANDA is the program (src/PandaNas.Cli/bin/Release/net10.0/panda), REPEATS how often each is disturbed (5), SERIES some of
# "train train-darts train-proxylessnas retrain rank variance", or one training such as train:fairnas (all: some 40 minutes).
# Prints a line for each and ends with 1 if a disturbed run failed or gave other bits.
#
# The runs are long on purpose: the compiler's first version of a method holds its variables until the method ends, and only the
# optimised one, after some hundred steps, lets go of what a call into torch still reads. Every second disturbed run has all code
# optimised from the start.
set -uo pipefail
panda=$(realpath "$1"); repeats=${2:-5}; wanted=${3:-train train-darts train-proxylessnas retrain rank variance}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
dotnet build -c Release -o "$work/hook" "$here/hook" >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
hook=$work/hook/RestlessCollector.dll
bad=0; runs=0; all_failed=0; all_other=0

nasbench=(--channels 4 --cells 1)
darts=(--space darts --channels 4 --cells 3)
proxyless=(--space proxylessnas --width-multiplier 0.25)
steps=(--batch-size 16 --epochs 2 --train-images)
data=(--data fashion-mnist-small --image-size 14 --threads 1 --precision float32 --seed 3)
architecture='|nor_conv_3x3~0|+|nor_conv_3x3~0|skip_connect~1|+|avg_pool_3x3~0|nor_conv_1x1~1|nor_conv_3x3~2|'

# The bits of a run: its weights, its ranking and its result without what differs from run to run.
bits() {
  { cat "$1/weights.safetensors" "$1/ranking.csv" 2>/dev/null; grep -v -E '"([a-z_]*seconds|run|weights)":' "$1.out"; } | sha256sum
}

# once FOLDER ARGUMENTS...: a run in FOLDER, or on it: RUN among the arguments stands for a copy of the supernet, OUT for a new folder.
once() {
  local folder=$1; shift
  case " $* " in *" RUN "*) cp -r "$work/supernet" "$folder" ;; esac
  set -- "${@//OUT/$folder}"
  "$panda" "${@//RUN/$folder}" --json >"$folder.out" 2>"$folder.err"
}

# series NAME ARGUMENTS...: prints how many disturbed runs failed or gave other bits, and how many collections the calmest one saw.
series() {
  local name=$1 failed=0 other=0 fewest='' want folder i count; shift
  folder=$work/$name; once "$folder" "$@" || { echo "$name: the undisturbed run failed"; tail -3 "$folder.err"; bad=1; return; }
  want=$(bits "$folder")
  for i in $(seq "$repeats"); do
    folder=$work/$name-$i
    if DOTNET_STARTUP_HOOKS=$hook DOTNET_TieredCompilation=$((i % 2)) once "$folder" "$@"; then
      [ "$(bits "$folder")" = "$want" ] || other=$((other + 1))
    else
      failed=$((failed + 1)); grep -v '^restless' "$folder.err" | tail -1 | cut -c1-160
    fi
    count=$(sed -n 's/^restless collector: \([0-9]*\) .*/\1/p' "$folder.err"); count=${count:-0}
    [ -n "$fewest" ] && [ "$fewest" -le "$count" ] || fewest=$count
    rm -rf "$folder" # the supernet of each would fill the disk
  done
  runs=$((runs + repeats)); all_failed=$((all_failed + failed)); all_other=$((all_other + other))
  [ $((failed + other)) -eq 0 ] || bad=1
  [ "$fewest" -gt 0 ] || { echo "$name: the collector did not run"; bad=1; }
  echo "$name: $repeats disturbed runs, $failed failed, $other with other bits; $fewest collections or more"
}

# trainings NAME IMAGES SIZES...: a series for every method.
trainings() {
  local name=$1 images=$2 method; shift 2
  for method in $("$panda" train --help | sed -n 's/.*--method <.*steps made: \(.*\) \[default.*/\1/p' | tr -d ','); do
    series "$name-$method" train --out OUT --method "$method" "$@" "${steps[@]}" "$images" "${data[@]}"
  done
}

"$panda" train --out "$work/supernet" --method panda "${nasbench[@]}" "${steps[@]}" 1600 "${data[@]}" >/dev/null 2>&1 || { echo "no supernet to start from"; exit 1; }
for one in $wanted; do
  case $one in
    train) trainings train 1600 "${nasbench[@]}" ;;
    train-darts) trainings train-darts 480 "${darts[@]}" ;;
    train-proxylessnas) trainings train-proxylessnas 480 "${proxyless[@]}" ;;
    train:*) series "train-${one#train:}" train --out OUT --method "${one#train:}" "${nasbench[@]}" "${steps[@]}" 1600 "${data[@]}" ;;
    retrain) series retrain retrain "$work/supernet" --architecture "$architecture" "${steps[@]}" 1600 --out OUT ;;
    rank) series rank rank RUN --architectures 3000 --images 32 ;;
    variance) series variance variance RUN --samples 200 --distributions uniform,panda ;;
    *) echo "no series $one"; exit 2 ;;
  esac
done
echo "total: $runs disturbed runs, $all_failed failed, $all_other with other bits"
exit $bad
