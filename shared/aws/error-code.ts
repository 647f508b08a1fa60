// What a service of AWS calls the error that it answers with.
import type { Answer } from "../outgoing/send.ts";

type Answered = Extract<Answer, { kind: "answered" }>;

/** Its name as AWS's documentation has it, from a header, JSON or XML; null where none is told. */
export function errorCodeOf({ header, text }: Answered): string | null {
  const told =
    header("x-amzn-errortype") ??
    /"(?:__type|code)"\s*:\s*"([^"]+)"/.exec(text)?.[1] ??
    /<Code>([^<]+)<\/Code>/.exec(text)?.[1] ??
    "";
  // `com.amazon.coral.service#ThrottlingException:http://…` is a ThrottlingException.
  return /^(?:[^#]*#)?(\w[\w.]{0,99})/.exec(told.trim())?.[1] ?? null;
}

/** These are for another time, or of a moment; the rest stays as it is until somebody changes it. */
const passing =
  /^(?:Throttl|RequestLimitExceeded|RequestThrottled|TooManyRequests|SlowDown|LimitExceededException|BandwidthLimitExceeded|PriorRequestNotComplete|TransactionInProgress|RequestTimeout|TimeoutError)/;

export function isPassing(status: number, code: string | null): boolean {
  return status === 429 || status >= 500 || passing.test(code ?? "");
}
