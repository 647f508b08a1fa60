// The names of schedules in EventBridge Scheduler, where each deployment has a group of its own.
import { createHash } from "node:crypto";
import { defaultStackName } from "../settings.ts";

/** What EventBridge allows. */
const maxLength = 64;

/**
 * CloudFormation identifies a schedule by its name alone, so a second deployment in an account and region could not create
 * one that the first has. Only the group with the default name has schedules with plain names.
 */
export function scheduleNameIn(group: string, name: string): string {
  if (group === defaultStackName) return name;
  const suffix = `-${createHash("sha256").update(`${group}/${name}`).digest("hex").slice(0, 8)}`;
  return `${name.slice(0, maxLength - suffix.length)}${suffix}`;
}
