import { expect, test } from "vitest";
import { readOptions } from "../../functions/start-options.ts";

const registriesOf = (...args: string[]) => {
  const options = readOptions(args);
  return options === "help" ? options : [...options.registries];
};

test("--registry can be repeated, and replaces a registry by its usual name", () => {
  expect(
    registriesOf(
      "--registry",
      "ghcr.io=http://127.0.0.1:5000/",
      "--registry=Example.org:5000=https://a.example",
    ),
  ).toEqual([
    ["ghcr.io", "http://127.0.0.1:5000"],
    ["example.org:5000", "https://a.example"],
  ]);
  expect(registriesOf()).toEqual([]);
});

test.each(["ghcr.io", "ghcr.io=", "=http://127.0.0.1", "ghcr.io=ftp://127.0.0.1", "a/b=http://127.0.0.1"])(
  "--registry %s is refused with an example",
  (text) => {
    expect(() => registriesOf("--registry", text)).toThrow(
      `expected --registry to be a host and a URL such as ghcr.io=http://127.0.0.1:5000, found ${JSON.stringify(text)}`,
    );
  },
);

test("the folder for the state is that of --data, or else of TAGRELAY_DATA, or else .tagrelay", () => {
  const dataOf = (args: string[], env: Record<string, string>) => {
    const options = readOptions(args, env);
    return options === "help" ? options : options.data;
  };
  expect(dataOf([], {})).toBe(".tagrelay");
  expect(dataOf([], { TAGRELAY_DATA: "/data" })).toBe("/data");
  expect(dataOf(["--data", "mine"], { TAGRELAY_DATA: "/data" })).toBe("mine");
});
