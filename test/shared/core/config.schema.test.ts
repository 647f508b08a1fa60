import { expect, test } from "vitest";
import * as z from "zod";
import { configGrammar } from "../../../shared/core/config.ts";

test("the schema that editors use is the one that the program parses by", async () => {
  const schema = {
    title: "tagrelay.yaml",
    description: "The pipelines that Tagrelay keeps fresh.",
    ...z.toJSONSchema(configGrammar, { io: "input" }),
  };
  // `npx vitest run --config test/vitest.config.ts -u` writes it anew.
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(
    "../../../docs/tagrelay.schema.json",
  );
});
