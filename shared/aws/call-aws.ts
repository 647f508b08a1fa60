// Calls AWS services with the program's own HTTP client: AWS's clients are larger than the rest of a function.
import { setTimeout as sleep } from "node:timers/promises";
import { clockDifferenceMs } from "../outgoing/clock-difference.ts";
import { type Answer, createSend } from "../outgoing/send.ts";
import { endpointOf, type Service } from "./endpoint-of.ts";
import { errorCodeOf, isTemporaryError } from "./error-code.ts";
import { hasCredentials } from "./has-credentials.ts";
import { sign } from "./sign.ts";

export type AwsCall = {
  service: Service;
  /** Default: the function's region. */
  region?: string;
  headers: Record<string, string>;
  body: string;
  /** For each attempt. */
  timeoutMs: number;
  attempts: number;
  /** No attempt begins after this: the caller has a time-out, too. */
  maxTotalMs: number;
};

export type AwsAnswer =
  | { kind: "answered"; text: string }
  /** `code` is AWS's name for the error, if there is one. `isPermanent` is true if AWS would answer the same again. */
  | { kind: "failed"; code: string | null; reason: string; isPermanent: boolean };

export type CallAws = (call: AwsCall) => Promise<AwsAnswer>;

/** AWS accepts signatures that are off by at most five minutes. */
const maxSkewMs = 4 * 60_000;
const maxFirstPauseMs = 100;

export function createCallAws(env: NodeJS.ProcessEnv): CallAws {
  const origins = new Set<string>();
  const send = createSend((url) => origins.has(url.origin));
  let differenceMs = 0;

  const callOnce = async ({ service, headers, body, timeoutMs, ...call }: AwsCall): Promise<Attempt> => {
    const region = call.region ?? env.AWS_REGION;
    if (!region) return permanentFailure("expected the environment variable AWS_REGION, found none");
    const url = endpointOf(service, region, env);
    origins.add(url.origin);
    const sentAt = Date.now();
    const signed = await sign({ service, region, url, headers, body }, env, sentAt + differenceMs);
    if (signed === null) {
      return permanentFailure(
        "expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, found none",
      );
    }
    const answer = await send({
      method: "POST",
      url: url.href,
      headers: { ...signed, ...callerHeaders(env) },
      body,
      timeoutMs,
    });
    if (answer.kind !== "answered") return readAttempt(answer);
    // The signature contains the time. If this clock is wrong, the next attempt uses AWS's.
    const before = differenceMs;
    differenceMs = clockDifferenceMs(sentAt, Date.now(), answer.header("date"));
    const attempt = readAttempt(answer);
    return { ...attempt, isTemporary: attempt.isTemporary || Math.abs(differenceMs - before) > maxSkewMs };
  };

  return async (call) => {
    const endAt = performance.now() + call.maxTotalMs;
    for (let attempt = 1; ; attempt += 1) {
      const { answer, isTemporary } = await callOnce(call);
      const isLast = attempt >= call.attempts || performance.now() >= endAt;
      if (answer.kind === "answered" || !isTemporary || isLast) return answer;
      await sleep(Math.random() * maxFirstPauseMs * 2 ** (attempt - 1));
    }
  };
}

/** For machines outside of AWS; null without credentials in the environment. */
export function createCallAwsIfAble(env: NodeJS.ProcessEnv): CallAws | null {
  return hasCredentials(env) ? createCallAws(env) : null;
}

/** Continues Lambda's trace, by which AWS also detects functions that call each other in a loop. */
function callerHeaders({ _X_AMZN_TRACE_ID: trace }: NodeJS.ProcessEnv): Record<string, string> {
  return { "user-agent": "tagrelay", ...(trace ? { "x-amzn-trace-id": trace } : {}) };
}

/** The outcome of one attempt. `isTemporary` is true if another may succeed. */
type Attempt = { answer: AwsAnswer; isTemporary: boolean };

function permanentFailure(reason: string): Attempt {
  return { answer: { kind: "failed", code: null, reason, isPermanent: true }, isTemporary: false };
}

function readAttempt(answer: Answer): Attempt {
  if (answer.kind !== "answered") {
    const { reason } = answer;
    return { answer: { kind: "failed", code: null, reason, isPermanent: false }, isTemporary: true };
  }
  const { status, text } = answer;
  if (status === 200) return { answer: { kind: "answered", text }, isTemporary: false };
  const code = errorCodeOf(answer);
  // Nothing else of the answer: when AWS rejects a signature, it repeats the session token.
  const reason = code ?? `an answer of status ${status}`;
  const isTemporary = isTemporaryError(status, code);
  return { answer: { kind: "failed", code, reason, isPermanent: !isTemporary }, isTemporary };
}
