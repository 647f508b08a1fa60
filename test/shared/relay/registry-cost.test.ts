// What a webhook of any registry costs: requests to the store and to the registry.
import { afterEach, beforeEach, expect, test } from "vitest";
import { createApp } from "../../../shared/http/app.ts";
import type { Relay } from "../../../shared/relay/relay.ts";
import { readJson } from "../../stand-ins/json.ts";
import { digestOf } from "../../stand-ins/registry.ts";
import { apiToken, type Fixture, startFixture, webhookSecret } from "../../stand-ins/relay.ts";

let fixture: Fixture;
let relay: Relay;
let requests: string[];
let shown: string;
beforeEach(async () => {
  fixture = await startFixture({
    chain: { image: "ghcr.io/acme/chain", confirm: "registry", sequence: ["a", "b"] },
  });
  requests = [];
  shown = digestOf("a");
  const { store } = fixture.relay;
  relay = {
    ...fixture.relay,
    store: {
      ...store,
      load: (...args) => {
        requests.push("load");
        return store.load(...args);
      },
      save: (...args) => {
        requests.push("save");
        return store.save(...args);
      },
    },
    lookUpTag: async ({ tag }) => {
      requests.push(`look up ${tag}`);
      return { kind: "found", digest: shown };
    },
  };
});
afterEach(() => fixture.stop());

async function report(repository: string, digest: string) {
  const secrets = { readWebhookSecrets: async () => [webhookSecret], readApiToken: async () => apiToken };
  const target = { repository, tag: "a", digest };
  const response = await createApp(relay, secrets).request("/hooks/distribution", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${webhookSecret}` },
    body: JSON.stringify({ events: [{ action: "push", target, request: { host: "ghcr.io" } }] }),
  });
  return (await readJson(response)).outcome;
}

test("a push that advances costs one read and two writes, and two look-ups", async () => {
  await createApp(relay, {
    readWebhookSecrets: async () => [],
    readApiToken: async () => apiToken,
  }).request("/api/pipelines/chain/runs", {
    method: "POST",
    headers: { authorization: `Bearer ${apiToken}` },
  });
  requests = [];
  shown = digestOf("b");
  expect(await report("acme/chain", shown)).toBe("advanced");
  expect(requests).toEqual(["load", "look up a", "look up b", "save", "save"]);
  requests = [];
  expect(await report("acme/chain", shown)).toBe("duplicate");
  expect(requests).toEqual(["load"]);
});

test("a push of an unknown image costs nothing", async () => {
  expect(await report("acme/other", digestOf("b"))).toBe("ignored");
  expect(requests).toEqual([]);
});
