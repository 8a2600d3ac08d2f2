#!/usr/bin/env bash
# Does what a user does: packs the command line, installs it as a tool from a folder of packages and nothing else, and runs the quickstart in
# an empty folder. Packs for this machine's system; "all" packs for all.
set -euo pipefail
cd "$(dirname "$0")/.."
only=true
[ "${1:-}" != all ] || only=false
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

time dotnet pack src/PandaNas.Cli -c Release -o "$work/feed" -p:OnlyThisSystem=$only | tail -4
(cd "$work/feed" && ls -l | awk 'NR > 1 { printf "%s: %.0f MB to download\n", $9, $5 / 1e6 }')

mkdir "$work/empty" && cd "$work/empty"
cat > nuget.config <<XML
<configuration><packageSources><clear /><add key="tried" value="$work/feed" /></packageSources></configuration>
XML
time dotnet tool install PandaNas.Tool --tool-path tools
du -sm tools | awk '{ printf "%s MB installed\n", $1 }'
rm -rf "$work/feed"
tools/panda --version
time tools/panda quickstart --out first
test -s first/winner/report.html
test -s first/report.html
