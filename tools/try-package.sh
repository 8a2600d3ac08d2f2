#!/usr/bin/env bash
# Does what a user does: packs the library, makes a console project in an empty folder from that package and nothing else, gives it the files
# of a sample (the README's ten lines unless others are named), builds and runs it. A picture lies beside it, which the ten lines classify.
set -euo pipefail
cd "$(dirname "$0")/.."
samples=("${@:-samples/TenLines}")
root=$PWD
work=$(mktemp -d)
# A version of its own, because restored packages are kept by version.
version=0.1.0-try.$(date +%s)
kept=$(dotnet nuget locals global-packages --list | sed 's/.*: //')/pandanas/$version
trap 'rm -rf "$work" "$kept"' EXIT

# Packing asks for the packages of every system, and would compile everything again because of them.
dotnet build src/PandaNas -c Release -v:q -clp:ErrorsOnly
dotnet restore src/PandaNas -p:_IsPacking=true
dotnet pack src/PandaNas -c Release --no-build --no-restore -o "$work/feed" -p:PackageVersion="$version" | tail -2
has() { grep -qaF "$2" "$1" || { echo "$1 has no $2" >&2; exit 1; }; }
for part in README.md icon.png lib/net10.0/PandaNas.dll lib/net10.0/PandaNas.xml \
  buildTransitive/PandaNas.targets buildTransitive/RelaxTorchNative.targets; do
  has "$work/feed/PandaNas.$version.nupkg" "$part"
done
has "$work/feed/PandaNas.$version.snupkg" lib/net10.0/PandaNas.pdb
has "src/PandaNas/obj/Release/PandaNas.$version.nuspec" '<license type="expression">MIT</license>'
for sample in "${samples[@]}"; do
  mkdir "$work/app"
  cp "$root/$sample"/*.cs "$root/build/package/icon.png" "$work/app"
  cat > "$work/app/nuget.config" <<XML
<configuration><packageSources><add key="tried" value="$work/feed" /></packageSources></configuration>
XML
  cat > "$work/app/App.csproj" <<XML
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <Nullable>enable</Nullable>
    <ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="PandaNas" Version="$version" />
  </ItemGroup>
</Project>
XML
  cd "$work/app"
  dotnet build -c Release | tail -3
  du -sh bin/Release/net10.0 | sed 's/\t.*/ in the output folder, for/'
  ls bin/Release/net10.0/runtimes
  time dotnet bin/Release/net10.0/App.dll icon.png
  cd "$root"
  rm -rf "$work/app"
done
