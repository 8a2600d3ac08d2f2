#!/usr/bin/env bash
# Training's seconds over epochs, images, cells and channels, on the embedded images: doubling one should double the time.
# Run it on an idle machine, after 'dotnet build -c Release'. Prints a Markdown table.
# usage: benchmarks/sweep.sh [THREADS]
set -euo pipefail
cd "$(dirname "$0")/.."
threads=${1:-2}
panda=src/PandaNas.Cli/bin/Release/net10.0/panda
runs=$(mktemp -d)
trap 'rm -rf "$runs"' EXIT

seconds() { # epochs images cells
  # A folder for every run: a finished one would not be trained again.
  "$panda" train --method spos --channels 8 --epochs "$1" --train-images "$2" --cells "$3" --threads "$threads" --precision float32 \
    --out "$(mktemp -d -p "$runs")/run" --json 2> /dev/null | grep -o '"seconds": *[0-9.]*' | grep -o '[0-9.]*$'
}

row() { # what value epochs images cells
  printf '| %s | %s | %.2f |\n' "$1" "$2" "$(seconds "$3" "$4" "$5")"
}

seconds 1 1024 1 > /dev/null # warms the file cache
echo '| what | value | seconds |'
echo '|---|---|---|'
for epochs in 2 4 8 16; do row epochs "$epochs" "$epochs" 4096 1; done
for images in 1024 2048 4096 8192; do row images "$images" 8 "$images" 1; done
for cells in 1 2 4 8; do row cells "$cells" 4 4096 "$cells"; done
