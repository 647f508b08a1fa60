#!/usr/bin/env bash
# Installs AWS's own tools into .aws-tools/, unless they are there: its DynamoDB engine (needs Java), its runtime client
# (needs a C++ compiler) and cfn-lint (needs Python).
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
if [ ! -e "$tools/cfn-lint/installed" ]; then
  need python3 python3 python3-venv
  rm -rf "$tools/cfn-lint"
  python3 -m venv "$tools/cfn-lint"
  "$tools/cfn-lint/bin/pip" install -q --disable-pip-version-check cfn-lint==1.58.0
  touch "$tools/cfn-lint/installed"
fi

if [ ! -d "$tools/runtime-client" ]; then
  need cmake cmake
  need c++ g++
  need make make
  mkdir -p "$tools/runtime-client.new"
  npm install --prefix "$tools/runtime-client.new" --no-audit --no-fund --loglevel=error aws-lambda-ric@4.0.2
  mv "$tools/runtime-client.new" "$tools/runtime-client"
fi
