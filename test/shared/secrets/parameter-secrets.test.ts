import { SSMClient } from "@aws-sdk/client-ssm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createParameterSecrets, MissingSecretError } from "../../../shared/secrets/parameter-secrets.ts";
import { type ParameterStore, startParameterStore } from "../../stand-ins/parameter-store.ts";

let store: ParameterStore;
let now = 0;
beforeEach(async () => {
  store = await startParameterStore();
});
afterEach(() => store.close());

const createReader = () => {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new SSMClient({ endpoint: store.endpoint, region: "eu-west-1", credentials });
  return createParameterSecrets(client, "/Tagrelay/", () => now);
};

test("secrets are read in one request, and kept for five minutes", async () => {
  const read = createReader();
  store.parameters.set("/Tagrelay/A", "a").set("/Tagrelay/B", "b").set("/Other/C", "c");
  expect(await read(["A", "B"])).toEqual(["a", "b"]);
  store.parameters.set("/Tagrelay/A", "new");
  now += 5 * 60_000 - 1;
  expect(await read(["A"])).toEqual(["a"]);
  expect(store.asked).toEqual([["/Tagrelay/A", "/Tagrelay/B"]]);
  now += 1;
  expect(await read(["A"])).toEqual(["new"]);
});

test("a secret that is missing is null, and looked for again soon", async () => {
  const read = createReader();
  expect(await read(["A", "__proto__"])).toEqual([null, null]);
  store.parameters.set("/Tagrelay/A", "a");
  expect(await read(["A"])).toEqual([null]);
  now += 10_000;
  expect(await read(["A"])).toEqual(["a"]);
});

test("the error for a missing one names it, and how to write it", () => {
  expect(new MissingSecretError("/Tagrelay/TAGRELAY_API_TOKEN").message).toBe(
    "expected the parameter /Tagrelay/TAGRELAY_API_TOKEN, found none; write it with: npm run secret -- TAGRELAY_API_TOKEN",
  );
});
