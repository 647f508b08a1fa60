#!/usr/bin/env bash
# Reports the end of a build to Tagrelay, proven by the identity token of a job of GitHub Actions. Needs curl, and nothing else.
set -euo pipefail

fail() {
  echo "::error title=Tagrelay::$1" >&2
  exit 1
}

# What JSON does not allow in a text.
json() {
  local text=${1//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}

for name in TAGRELAY_URL TAGRELAY_RUN TAGRELAY_STEP; do
  if [ -z "${!name:-}" ]; then fail "expected $name, found none; pass run: \"{run}\" and step: \"{step}\" as inputs of the trigger"; fi
done
if [ -z "${ACTIONS_ID_TOKEN_REQUEST_TOKEN:-}" ]; then
  fail "the job has no identity token; it needs: permissions: { id-token: write }"
fi

answer=$(curl --silent --show-error --fail --retry 3 --get \
  --header "authorization: bearer $ACTIONS_ID_TOKEN_REQUEST_TOKEN" \
  --data-urlencode "audience=tagrelay:$TAGRELAY_RUN:$TAGRELAY_STEP" \
  "$ACTIONS_ID_TOKEN_REQUEST_URL") || fail "GitHub returned no identity token"
token=$(sed -E 's/.*"value" *: *"([^"]+)".*/\1/' <<<"$answer")

conclusion=failure
if [ "${TAGRELAY_STATUS:-success}" = success ]; then conclusion=success; fi
body="{\"run\":$(json "$TAGRELAY_RUN"),\"step\":$(json "$TAGRELAY_STEP"),\"conclusion\":\"$conclusion\""
if [ -n "${TAGRELAY_DIGEST:-}" ]; then body+=",\"digest\":$(json "$TAGRELAY_DIGEST")"; fi
if [ -n "${TAGRELAY_JOB_URL:-}" ]; then body+=",\"url\":$(json "$TAGRELAY_JOB_URL")"; fi

# The answer and its status, on a line of its own. 503 means that nothing was done: curl tries again.
reply=$(curl --silent --show-error --retry 5 --write-out '\n%{http_code}' \
  --header "authorization: Bearer $token" --header 'content-type: application/json' \
  --data "$body}" "${TAGRELAY_URL%/}/hooks/done") || fail "Tagrelay could not be reached at $TAGRELAY_URL"
status=${reply##*$'\n'}
echo "Tagrelay answered $status: ${reply%$'\n'*}"
if [ "$status" != 200 ]; then fail "Tagrelay answered $status; its log says why"; fi
