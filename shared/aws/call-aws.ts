// Asks a service of AWS by what the program asks everybody by: AWS's own clients are larger than all the rest of it.
import { setTimeout as sleep } from "node:timers/promises";
import { clockDifferenceMs } from "../outgoing/clock-difference.ts";
import { type Answer, createSend } from "../outgoing/send.ts";
import { endpointOf, type Service } from "./endpoint-of.ts";
import { errorCodeOf, isPassing } from "./error-code.ts";
import { sign } from "./sign.ts";

export type AwsCall = {
  service: Service;
  /** That of the function unless told. */
  region?: string;
  headers: Record<string, string>;
  body: string;
  /** For each attempt. */
  timeoutMs: number;
  attempts: number;
  /** After that, no other attempt is begun: whoever waits has limits, too. */
  inAllMs: number;
};

export type AwsAnswer =
  | { kind: "answered"; text: string }
  /** The code is AWS's name of the error; null where it did not tell one, or nothing at all. */
  | { kind: "failed"; code: string | null; reason: string; isRefusal: boolean };

export type CallAws = (call: AwsCall) => Promise<AwsAnswer>;

/** AWS takes a signature that is off by no more than five minutes. */
const skewAtMostMs = 4 * 60_000;
const firstPauseAtMostMs = 100;

export function createCallAws(env: NodeJS.ProcessEnv): CallAws {
  const origins = new Set<string>();
  const send = createSend((url) => origins.has(url.origin));
  let differenceMs = 0;

  const callOnce = async ({ service, headers, body, timeoutMs, ...call }: AwsCall): Promise<Attempt> => {
    const region = call.region ?? env.AWS_REGION;
    if (!region) return forGood("expected the environment variable AWS_REGION, found none");
    const url = endpointOf(service, region, env);
    origins.add(url.origin);
    const sentAt = Date.now();
    const signed = await sign({ service, region, url, headers, body }, env, sentAt + differenceMs);
    if (signed === null) {
      return forGood("expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, found none");
    }
    const answer = await send({
      method: "POST",
      url: url.href,
      headers: { ...signed, ...aboutTheCaller(env) },
      body,
      timeoutMs,
    });
    if (answer.kind !== "answered") return readAttempt(answer);
    // The signature is dated, and AWS says what time it is.
    const before = differenceMs;
    differenceMs = clockDifferenceMs(sentAt, Date.now(), answer.header("date"));
    const attempt = readAttempt(answer);
    return { ...attempt, isPassing: attempt.isPassing || Math.abs(differenceMs - before) > skewAtMostMs };
  };

  return async (call) => {
    const endAt = performance.now() + call.inAllMs;
    for (let attempt = 1; ; attempt += 1) {
      const { answer, isPassing } = await callOnce(call);
      const isLast = attempt >= call.attempts || performance.now() >= endAt;
      if (answer.kind === "answered" || !isPassing || isLast) return answer;
      await sleep(Math.random() * firstPauseAtMostMs * 2 ** (attempt - 1));
    }
  };
}

/** The trace that Lambda has begun goes on: by it, AWS also finds functions that call themselves in a circle. */
function aboutTheCaller({ _X_AMZN_TRACE_ID: trace }: NodeJS.ProcessEnv): Record<string, string> {
  return { "user-agent": "tagrelay", ...(trace ? { "x-amzn-trace-id": trace } : {}) };
}

/** What came of one attempt, and whether another may end otherwise. */
type Attempt = { answer: AwsAnswer; isPassing: boolean };

function forGood(reason: string): Attempt {
  return { answer: { kind: "failed", code: null, reason, isRefusal: true }, isPassing: false };
}

function readAttempt(answer: Answer): Attempt {
  if (answer.kind !== "answered") {
    const { reason } = answer;
    return { answer: { kind: "failed", code: null, reason, isRefusal: false }, isPassing: true };
  }
  const { status, text } = answer;
  if (status === 200) return { answer: { kind: "answered", text }, isPassing: false };
  const code = errorCodeOf(answer);
  // Nothing else of what it said: of a signature that it refuses, AWS repeats the session's token.
  const reason = code ?? `an answer of status ${status}`;
  const isOfMoment = isPassing(status, code);
  return { answer: { kind: "failed", code, reason, isRefusal: !isOfMoment }, isPassing: isOfMoment };
}
