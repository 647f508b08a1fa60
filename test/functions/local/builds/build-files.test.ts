// The files of builds, written to a real folder.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { contextOf, writeContext } from "../../../../functions/local/builds/build-files.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tagrelay-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("files are written below the folder of the build", async () => {
  const data = join(folder, "data");
  await writeContext(
    data,
    "id",
    new Map([
      ["Dockerfile", "FROM scratch"],
      ["src/..a", "text"],
    ]),
  );
  expect(readFileSync(join(contextOf(data, "id"), "src/..a"), "utf8")).toBe("text");
});

test("a path that leaves the folder of the build is refused, and none of the files is written", async () => {
  const data = join(folder, "data");
  const outside = ["../id-2/a", "x\n/../../../../escaped.txt", "..", ".", "", join(folder, "escaped.txt")];
  for (const path of outside) {
    const files = new Map([
      ["Dockerfile", "FROM scratch"],
      [path, "text"],
    ]);
    await expect(writeContext(data, "id", files)).rejects.toThrow(
      `expected the path of a file in the folder of the build, found ${JSON.stringify(path)}`,
    );
  }
  expect([existsSync(data), existsSync(join(folder, "escaped.txt"))]).toEqual([false, false]);
});
