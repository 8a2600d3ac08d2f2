#!/usr/bin/env bash
# Makes the reference of the library's public types from their XML comments with DocFX: artifacts/api/index.html. A comment that names what
# is not there ends it.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet tool restore
dotnet build -c Release src/PandaNas
rm -rf artifacts/api docs/api/types
dotnet docfx docs/api/docfx.json --warningsAsErrors
rm -r docs/api/types
# DocFX leaves a name that it does not find as text.
if grep -rhoE 'class="xref">PandaNas\.[^<]*' artifacts/api/types | sort -u | grep .; then
  echo "the types above are named in public comments and are not public" >&2
  exit 1
fi
echo "artifacts/api/index.html"
