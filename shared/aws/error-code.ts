// Reads the error code of an AWS service's answer.
import type { Answer } from "../outgoing/send.ts";

type Answered = Extract<Answer, { kind: "answered" }>;

/** The name of the error in AWS's documentation, from a header, JSON or XML; null if there is none. */
export function errorCodeOf({ header, text }: Answered): string | null {
  const found =
    header("x-amzn-errortype") ??
    /"(?:__type|code)"\s*:\s*"([^"]+)"/.exec(text)?.[1] ??
    /<Code>([^<]+)<\/Code>/.exec(text)?.[1] ??
    "";
  // `com.amazon.coral.service#ThrottlingException:http://…` is a ThrottlingException.
  return /^(?:[^#]*#)?(\w[\w.]{0,99})/.exec(found.trim())?.[1] ?? null;
}

/** With all other codes, a retry fails until somebody changes something. */
const temporary =
  /^(?:Throttl|RequestLimitExceeded|RequestThrottled|TooManyRequests|SlowDown|LimitExceededException|BandwidthLimitExceeded|PriorRequestNotComplete|TransactionInProgress|RequestTimeout|TimeoutError)/;

export function isTemporaryError(status: number, code: string | null): boolean {
  return status === 429 || status >= 500 || temporary.test(code ?? "");
}
