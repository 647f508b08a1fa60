// Writes a notice as a CloudEvent (https://cloudevents.io, version 1.0) in the structured form, for brokers and functions.
import type { Notice } from "../../kinds/channel.ts";
import { webhookBody } from "./webhook-body.ts";

const types: Record<Notice["subject"], string> = {
  failed: "tagrelay.run.failed",
  stalled: "tagrelay.run.stalled",
  recovered: "tagrelay.run.recovered",
  succeeded: "tagrelay.run.succeeded",
  cancelled: "tagrelay.run.cancelled",
  stale: "tagrelay.images.stale",
  approval: "tagrelay.run.approval",
  test: "tagrelay.test",
};

export function eventTypeOf(subject: Notice["subject"]): string {
  return types[subject];
}

export function cloudEvent(notice: Notice) {
  const { id, subject, pipeline, runId, at } = notice;
  return {
    specversion: "1.0",
    id,
    // A relative reference is allowed, and the same wherever the program runs: an id is unique for its pipeline.
    source: pipeline === null ? "/tagrelay" : `/tagrelay/pipelines/${encodeURIComponent(pipeline)}`,
    type: eventTypeOf(subject),
    ...(runId === null ? {} : { subject: runId }),
    time: new Date(at).toISOString(),
    datacontenttype: "application/json",
    data: webhookBody(notice),
  };
}
