import { expect, test } from "vitest";
import * as z from "zod";
import { configGrammar } from "../../../shared/config/grammar.ts";

const schema = {
  title: "tagrelay.yaml",
  description: "The pipelines of image builds that Tagrelay runs.",
  ...z.toJSONSchema(configGrammar, { io: "input" }),
};

test("docs/tagrelay.schema.json is the schema that the program parses with", async () => {
  // To update it: `npx vitest run --config test/vitest.config.ts test/shared/config/schema.test.ts -u`
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(
    "../../../docs/tagrelay.schema.json",
  );
});

test("every setting has a description in whole sentences", () => {
  const settings = settingsOf(schema);
  expect(settings.length).toBeGreaterThan(50);
  const isSentence = (description: unknown) => /^[A-Z].*[.]$/.test(String(description));
  expect(settings.filter(({ description }) => !isSentence(description))).toEqual([]);
});

type Setting = { path: string; description: unknown };

/** The properties of a JSON schema, at any depth. */
function settingsOf(node: unknown, path = ""): Setting[] {
  if (typeof node !== "object" || node === null) return [];
  return Object.entries(node).flatMap(([key, inner]) => {
    if (key !== "properties") return settingsOf(inner, `${path}/${key}`);
    return Object.entries(inner).flatMap(([name, setting]) => {
      const here = `${path}/${name}`;
      return [{ path: here, description: Object(setting).description }, ...settingsOf(setting, here)];
    });
  });
}
