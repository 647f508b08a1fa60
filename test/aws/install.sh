#!/usr/bin/env bash
# Installs what the tests need into .aws-tools/, unless it is there: AWS's DynamoDB engine (needs Java), its runtime client
# (needs a C++ compiler) and cfn-lint, and moto, which imitates AWS's services (both need Python).
set -euo pipefail
cd "$(dirname "$0")/../.."
tools="$PWD/.aws-tools"
mkdir -p "$tools"

need() { # COMMAND PACKAGE...
  if command -v "$1" >/dev/null; then return; fi
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && apt-get install -y -qq "${@:2}"
  else
    echo "npm run test:aws: expected the command $1, found none; install ${*:2}" >&2
    exit 1
  fi
}

need java default-jre-headless
if [ ! -d "$tools/dynamodb-local" ]; then
  need mvn maven
  mvn -q -B -f test/aws/pom.xml dependency:copy-dependencies -DoutputDirectory="$tools/dynamodb-local.new"
  mv "$tools/dynamodb-local.new" "$tools/dynamodb-local"
fi

# A virtual environment contains its own path, so it cannot be built elsewhere and moved.
if [ ! -e "$tools/python/installed" ]; then
  need python3 python3 python3-venv
  rm -rf "$tools/python"
  python3 -m venv "$tools/python"
  "$tools/python/bin/pip" install -q --no-compile --disable-pip-version-check "moto[server]==5.2.1" cfn-lint==1.58.0
  touch "$tools/python/installed"
fi

if [ ! -d "$tools/runtime-client" ]; then
  need cmake cmake
  need c++ g++
  need make make
  mkdir -p "$tools/runtime-client.new"
  # Tests need no optimized code, which takes longer to compile.
  CFLAGS=-O0 CXXFLAGS=-O0 npm install --prefix "$tools/runtime-client.new" --no-audit --no-fund --loglevel=error aws-lambda-ric@4.0.2
  mv "$tools/runtime-client.new" "$tools/runtime-client"
fi
