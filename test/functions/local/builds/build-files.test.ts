// The files of builds, written to a real folder.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { contextOf, writeContext } from "../../../../functions/local/builds/build-files.ts";
import { type Folder, makeFolder } from "../../../stand-ins/program.ts";

let folder: Folder;
beforeEach(() => {
  folder = makeFolder();
});
afterEach(() => {
  folder.remove();
});

test("files are written below the folder of the build", async () => {
  const { data } = folder;
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
  const { data } = folder;
  const outside = [
    "../id-2/a",
    "x\n/../../../../escaped.txt",
    "..",
    ".",
    "",
    join(folder.path, "escaped.txt"),
  ];
  for (const path of outside) {
    const files = new Map([
      ["Dockerfile", "FROM scratch"],
      [path, "text"],
    ]);
    await expect(writeContext(data, "id", files)).rejects.toThrow(
      `expected the path of a file in the folder of the build, found ${JSON.stringify(path)}`,
    );
  }
  expect([existsSync(data), existsSync(join(folder.path, "escaped.txt"))]).toEqual([false, false]);
});
