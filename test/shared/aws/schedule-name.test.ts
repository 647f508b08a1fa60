import { expect, test } from "vitest";
import { scheduleNameIn } from "../../../shared/aws/schedule-name.ts";
import { defaultStackName, scheduleNames } from "../../../shared/settings.ts";

const longest = "p".repeat(58);

test("schedules of the default deployment have plain names", () => {
  expect(scheduleNameIn(defaultStackName, scheduleNames.start("daily"))).toBe("start-daily");
});

test("those of others have a suffix, which stays the same and differs between deployments", () => {
  const names = ["Images", "Images-Second"].map((group) => scheduleNameIn(group, "sweep"));
  for (const name of names) expect(name).toMatch(/^sweep-[0-9a-f]{8}$/);
  expect(new Set(names).size).toBe(2);
  expect(scheduleNameIn("Images", "sweep")).toBe(names[0]);
});

test("the longest names are shortened to what EventBridge allows, and stay different", () => {
  const names = ["a", "b"].map((end) =>
    scheduleNameIn("Images", scheduleNames.start(`${longest.slice(1)}${end}`)),
  );
  for (const name of names) expect(name).toMatch(/^start-p+-[0-9a-f]{8}$/);
  for (const name of names) expect(name).toHaveLength(64);
  expect(names[0]).not.toBe(names[1]);
});
