#!/usr/bin/env bash
# The README's commands on a flat folder of photos, with the epochs that they have: inspect, train, search, retrain. Every number of
# pictures must add up, and the retrained network must have learnt the classes. Takes the number of photos; 20, 100 and 5000 are usual.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet build -c Release tests/PandaNas.Cli.Tests
for photos in "${@:-100}"; do
  PANDA_WALK_PHOTOS=$photos tests/PandaNas.Cli.Tests/bin/Release/net10.0/PandaNas.Cli.Tests -method "*WalkTests.Inspect_Train_Search_Retrain"
done
