import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withSecretFiles } from "../../shared/environment.ts";
import { UsageError } from "../../shared/usage-error.ts";
import { type Folder, makeFolder } from "../stand-ins/program.ts";

let folder: Folder;
const file = (name: string) => join(folder.path, name);
beforeAll(() => {
  folder = makeFolder();
  mkdirSync(file("credentials"));
  writeFileSync(file("token"), "token-9\n");
  writeFileSync(file("windows"), "token-9\r\n");
  writeFileSync(file("key"), "-----BEGIN KEY-----\nabc\n-----END KEY-----\n");
  writeFileSync(file("empty"), "\n");
  writeFileSync(file("credentials/A"), "of systemd");
});
afterAll(() => folder.remove());

test.each([
  ["token", "token-9"],
  ["windows", "token-9"],
  ["key", "-----BEGIN KEY-----\nabc\n-----END KEY-----"],
])("the file %s is read without the line break at its end", (name, value) => {
  expect(withSecretFiles({ A_FILE: file(name) }, ["A"])).toMatchObject({ A: value });
});

test("only the files of secrets that are needed are read", () => {
  const env = { CERT_FILE: file("nowhere"), A: "a" };
  expect(withSecretFiles(env, ["A", "B"])).toEqual(env);
});

test("systemd's credentials are found by name; the environment and NAME_FILE come first", () => {
  const env = { CREDENTIALS_DIRECTORY: file("credentials") };
  expect(withSecretFiles(env, ["A", "B"])).toEqual({ ...env, A: "of systemd" });
  expect(withSecretFiles({ ...env, A: "own" }, ["A"])).toMatchObject({ A: "own" });
  expect(withSecretFiles({ ...env, A_FILE: file("token") }, ["A"])).toMatchObject({ A: "token-9" });
});

describe("an error names the variable and what to do, and never shows a secret:", () => {
  test.each([
    ["both are set", { A: "secret-9", A_FILE: "token" }, "expected either A or A_FILE, found both"],
    ["the file is missing", { A_FILE: "nowhere" }, "expected A_FILE to name a file that can be read, found"],
    ["it is a folder", { A_FILE: "credentials" }, "(EISDIR)"],
    ["it is empty", { A_FILE: "empty" }, "expected a secret in the file of A_FILE, found an empty file"],
  ])("%s", (_what, env, message) => {
    const read = () => withSecretFiles(env, ["A"], file);
    expect(read).toThrow(UsageError);
    expect(read).toThrow(message);
    expect(read).not.toThrow("secret-9");
  });
});
