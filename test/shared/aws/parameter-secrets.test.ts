import { afterEach, beforeEach, expect, test } from "vitest";
import { createCallAws } from "../../../shared/aws/call-aws.ts";
import {
  createParameterSecrets,
  MissingSecretError,
  UnreadableSecretsError,
} from "../../../shared/aws/parameter-secrets.ts";
import { type AnyServer, answering, startAnyServer } from "../../stand-ins/any-server.ts";
import { awsEnvironment, type ParameterStore, startParameterStore } from "../../stand-ins/parameter-store.ts";

let store: ParameterStore;
let now = 0;
beforeEach(async () => {
  store = await startParameterStore();
});
afterEach(() => store.close());

const createReader = (endpoint = store.endpoint, soon: readonly string[] = []) => {
  const callAws = createCallAws({ ...awsEnvironment, AWS_ENDPOINT_URL: endpoint });
  return createParameterSecrets(callAws, "/Tagrelay/", () => now, soon);
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

test("secrets that are needed soon fill up the request for those that are needed now", async () => {
  const soon = Array.from({ length: 12 }, (_, index) => `S${index}`);
  for (const name of ["A", ...soon]) store.parameters.set(`/Tagrelay/${name}`, name.toLowerCase());
  const read = createReader(store.endpoint, soon);
  expect(await read(["A"])).toEqual(["a"]);
  expect(await read(["S0", "S8"])).toEqual(["s0", "s8"]);
  expect(store.asked).toEqual([["A", ...soon.slice(0, 9)].map((name) => `/Tagrelay/${name}`)]);
  expect(await read(["S9"])).toEqual(["s9"]);
  expect(store.asked).toHaveLength(2);
});

test("a name that is needed twice is requested once", async () => {
  store.parameters.set("/Tagrelay/A", "a").set("/Tagrelay/B", "b");
  expect(await createReader(store.endpoint, ["B", "B", "A"])(["A", "A"])).toEqual(["a", "a"]);
  expect(store.asked).toEqual([["/Tagrelay/A", "/Tagrelay/B"]]);
});

test("a secret is not requested again while a request for it is under way", async () => {
  store.parameters.set("/Tagrelay/A", "a").set("/Tagrelay/B", "b");
  const read = createReader(store.endpoint, ["B"]);
  expect(await Promise.all([read(["A"]), read(["B"]), read(["A", "B"])])).toEqual([["a"], ["b"], ["a", "b"]]);
  expect(store.asked).toEqual([["/Tagrelay/A", "/Tagrelay/B"]]);
});

/** Answers with the last letter of each name, unless the request contains the denied one. */
async function startDenying(denied: string): Promise<AnyServer> {
  const server = await startAnyServer();
  server.answer = (response) => {
    const { Names } = JSON.parse(server.asked.at(-1)?.body ?? "");
    const isDenied = Names.includes(denied);
    const Parameters = Names.map((Name: string) => ({ Name, Value: Name.slice(-1) }));
    response.writeHead(isDenied ? 400 : 200);
    response.end(JSON.stringify(isDenied ? { __type: "AccessDeniedException" } : { Parameters }));
  };
  return server;
}

test("a denied secret that is needed soon does not keep away those that are needed now", async () => {
  const server = await startDenying("/Tagrelay/B");
  const read = createReader(server.origin, ["B", "C"]);
  const refused = read(["A"]).then(() => read(["B"]));
  expect(await read(["A"])).toEqual(["A"]);
  await expect(refused).rejects.toThrow(UnreadableSecretsError);
  expect(await read(["C"])).toEqual(["C"]);
  await server.close();
});

test("for some minutes after that, each secret is requested alone", async () => {
  const server = await startDenying("/Tagrelay/B");
  const read = createReader(server.origin, ["B"]);
  for (const name of ["A", "C", "D"]) expect(await read([name])).toEqual([name]);
  // The first one with the denied one and then alone; the others alone.
  expect(server.asked).toHaveLength(4);
  now += 5 * 60_000;
  expect(await read(["A"])).toEqual(["A"]);
  expect(server.asked).toHaveLength(6);
  await server.close();
});

test("if SSM does not answer, all that wait for the same request fail together", async () => {
  const server = await startAnyServer();
  server.answer = answering(503, "");
  const read = createReader(server.origin, ["B"]);
  const all = await Promise.allSettled([read(["A"]), read(["A"]), read(["A", "B"])]);
  expect(all.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  // One request with three attempts.
  expect(server.asked).toHaveLength(3);
  await server.close();
});

test("a missing secret is null, and looked up again soon", async () => {
  const read = createReader();
  expect(await read(["A", "__proto__"])).toEqual([null, null]);
  store.parameters.set("/Tagrelay/A", "a");
  expect(await read(["A"])).toEqual([null]);
  now += 10_000;
  expect(await read(["A"])).toEqual(["a"]);
});

test("more secrets than a request may name are all read", async () => {
  const names = Array.from({ length: 23 }, (_, index) => `S${index}`);
  for (const name of names) store.parameters.set(`/Tagrelay/${name}`, `${name}é${"x".repeat(8_000)}`);
  const values = await createReader()(names);
  expect(values.map((value) => value?.split("é")[0])).toEqual(names);
  expect(Math.max(...store.asked.map(({ length }) => length))).toBeLessThanOrEqual(10);
  expect(store.asked.flat().toSorted()).toEqual(names.map((name) => `/Tagrelay/${name}`).toSorted());
});

test("an error of SSM is reported by its name and the parameters, without anything else of the answer", async () => {
  const server = await startAnyServer();
  server.answer = answering(
    400,
    JSON.stringify({ __type: "AccessDeniedException", Message: "the token 0123-secret may not" }),
  );
  const denied = createReader(server.origin)(["A", "B"]);
  await expect(denied).rejects.toThrow(UnreadableSecretsError);
  await expect(denied).rejects.toThrow(
    /^could not read the SSM parameters \/Tagrelay\/A, \/Tagrelay\/B: AccessDeniedException$/,
  );
  for (const text of [
    '{"Parameters":[{"Name":"/Tagrelay/A","Value":"0123-secret"',
    '{"Parameters":["0123-secret"]}',
  ]) {
    server.answer = answering(200, text);
    await expect(createReader(server.origin)(["A"])).rejects.toThrow(
      /^could not read the SSM parameters \/Tagrelay\/A: the answer does not contain them \(not shown\)$/,
    );
  }
  await server.close();
});

test("the error for a missing secret names it, and how to write it", () => {
  expect(new MissingSecretError("/Tagrelay/TAGRELAY_API_TOKEN").message).toBe(
    "expected the parameter /Tagrelay/TAGRELAY_API_TOKEN, found none; write it with: npx tagrelay secret set TAGRELAY_API_TOKEN",
  );
});
