// Harbor's webhooks about pushed artifacts, after its documentation.

export const digest = "sha256:8a9e9863dbb6e10edb5adfe917c00da84e1700fa76e7ed02476aa6e6fb8ee0d8";

const resource = { digest, tag: "latest", resource_url: "hub.harbor.com/test-webhook/debian:latest" };
const repository = {
  date_created: 1586922308,
  name: "debian",
  namespace: "test-webhook",
  repo_full_name: "test-webhook/debian",
  repo_type: "private",
};

export const harborPush = {
  type: "PUSH_ARTIFACT",
  occur_at: 1586922308,
  operator: "admin",
  event_data: { resources: [resource], repository },
};

export const harborCloudEvent = {
  specversion: "1.0",
  id: "66e18103-09c1-41f6-982f-37df223f3eeb",
  requestid: "51c0b694-0168-4f3c-b0db-282565455d7b",
  source: "/projects/2/webhook/policies/15",
  type: "harbor.artifact.pushed",
  datacontenttype: "application/json",
  time: "2023-04-03T06:04:46Z",
  data: { resources: [resource], repository },
  operator: "admin",
};
