// A machine of CodeBuild with the real bash and jq: `docker` and `aws` are stand-ins, which note how they are called. `aws` runs
// the builds that it starts, by the same script.
import { execFile, spawn } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildScript } from "../../shared/builders/codebuild/build-script.ts";

const docker = `#!/usr/bin/env bash
jq --null-input --compact-output --args '["docker"] + $ARGS.positional' -- "$@" >> "$CALLS"
while [ $# -gt 0 ]; do
  case $1 in
    --password-stdin) jq --null-input --compact-output --arg password "$(cat)" '["password", $password]' >> "$CALLS" ;;
    --metadata-file) printf '{"containerimage.digest":"sha256:%s"}' "$MACHINE" > "$2" ;;
    build) if [ -n "\${FAILS_ON:-}" ] && [ "$FAILS_ON" = "$MACHINE" ]; then exit 3; fi
      if [ -n "\${HANGS_ON:-}" ] && [ "$HANGS_ON" = "$MACHINE" ]; then while [ -e "$CALLS" ]; do sleep 0.2; done > /dev/null 2>&1; fi ;;
  esac
  shift
done
`;

const aws = `#!/usr/bin/env bash
jq --null-input --compact-output --args '["aws"] + $ARGS.positional' -- "$@" >> "$CALLS"
state() { jq --null-input --arg status "$1" --arg digest "$(cat "$BUILDS/digest" 2> /dev/null)" '{builds: [{buildStatus: $status,
  logs: {deepLink: "https://log.example.org"}, exportedEnvironmentVariables: [{name: "DIGEST", value: $digest}]}]}'; }
case "$1 $2" in
  "ecr get-login-password") echo token ;;
  "codebuild start-build")
    variables=$(jq --raw-output --null-input --args '$ARGS.positional | .[index("--environment-variables-override") + 1]' -- "$@")
    state IN_PROGRESS > "$BUILDS/images-arm64:1"
    (
      unset TAGRELAY_HELPER
      while IFS= read -r -d '' line; do export "$line"; done < <(jq --join-output '.[] | "\\(.name)=\\(.value)\\u0000"' <<< "$variables")
      export MACHINE=aarch64 CODEBUILD_BUILD_ID=images-arm64:1 TAGRELAY_DIGEST_FILE=$BUILDS/digest
      if bash "$SCRIPT"; then state SUCCEEDED; else state FAILED; fi > "$BUILDS/end"
      mv "$BUILDS/end" "$BUILDS/images-arm64:1"
    ) > /dev/null 2>> "$BUILDS/errors" &
    echo images-arm64:1 ;;
  "codebuild stop-build") state STOPPED > "$BUILDS/$4" ;;
  "codebuild batch-get-builds") if [ -f "$BUILDS/$4" ]; then cat "$BUILDS/$4"; else state IN_PROGRESS; fi ;;
esac
`;

const uname = '#!/bin/sh\necho "$MACHINE"\n';

export function createMachine(folder: string) {
  for (const [name, text] of Object.entries({ docker, aws, uname })) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  }
  const script = join(folder, "script.sh");
  writeFileSync(script, buildScript);
  const calls = join(folder, "calls");
  writeFileSync(calls, "");
  const env = {
    PATH: `${folder}:${process.env.PATH}`,
    MACHINE: "x86_64",
    CODEBUILD_BUILD_ID: "images:1",
    TAGRELAY_DIGEST_FILE: join(folder, "own-digest"),
    TAGRELAY_POLL_SECONDS: "0.1",
    CALLS: calls,
    BUILDS: folder,
    SCRIPT: script,
  };
  const end = (id: string, buildStatus: string) =>
    writeFileSync(join(folder, id), JSON.stringify({ builds: [{ buildStatus }] }));
  return {
    end,
    statusOf: (id: string): string =>
      JSON.parse(readFileSync(join(folder, id), "utf8")).builds[0].buildStatus,
    run: async (variables: Record<string, string>) => {
      const run = promisify(execFile)("bash", [script], { env: { ...env, ...variables } });
      const ended = await run.then(
        () => ({ code: 0, stderr: "" }),
        ({ code, stderr }) => ({ code: Number(code), stderr: String(stderr) }),
      );
      end(env.CODEBUILD_BUILD_ID, ended.code === 0 ? "SUCCEEDED" : "FAILED");
      return ended;
    },
    start: (variables: Record<string, string>) =>
      spawn("bash", [script], { env: { ...env, ...variables }, stdio: "ignore", detached: true }),
    /** The calls whose first words are these. */
    callsOf: (...words: string[]): string[][] =>
      readFileSync(calls, "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line): string[] => JSON.parse(line))
        .filter((call) => words.every((word, index) => call[index] === word)),
    errors: () => (existsSync(join(folder, "errors")) ? readFileSync(join(folder, "errors"), "utf8") : ""),
  };
}
