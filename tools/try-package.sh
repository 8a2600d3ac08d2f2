#!/usr/bin/env bash
# Does what a user does: packs the library, makes a console project in an empty folder from that package and nothing else, gives it the
# README's ten lines (samples/TenLines/Program.cs), builds and runs it. With a second argument, that file instead of the ten lines.
set -euo pipefail
cd "$(dirname "$0")/.."
program=${1:-samples/TenLines/Program.cs}
work=$(mktemp -d)
# A version of its own, because restored packages are kept by version.
version=0.1.0-try.$(date +%s)
kept=$(dotnet nuget locals global-packages --list | sed 's/.*: //')/pandanas/$version
trap 'rm -rf "$work" "$kept"' EXIT

dotnet pack src/PandaNas -c Release -o "$work/feed" -p:PackageVersion="$version" | tail -2
mkdir "$work/app"
cp "$program" "$work/app/Program.cs"
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
du -sh bin/Release/net10.0 | sed 's/\t.*/ in the output folder/'
ls bin/Release/net10.0/runtimes
time dotnet bin/Release/net10.0/App.dll
