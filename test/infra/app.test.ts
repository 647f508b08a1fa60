// The app behind `npx cdk synth` and `npx cdk deploy`, run as users run it.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as z from "zod";
import { type Folder, makeFolder, root } from "../stand-ins/program.ts";
import { synthesize } from "../stand-ins/synth.ts";

let folder: Folder;
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => folder.remove());

const cdkJson = z.object({ app: z.string(), context: z.record(z.string(), z.unknown()) });

/** The clone's own cdk.json, with more in its context, in a folder of its own. */
function writeCdkJson(context: Record<string, unknown>): void {
  const own = cdkJson.loose().parse(JSON.parse(readFileSync(join(root, "cdk.json"), "utf8")));
  const changed = {
    ...own,
    app: own.app.replace("infra/", join(root, "infra/")),
    context: { ...own.context, ...context },
  };
  writeFileSync(join(folder.path, "cdk.json"), JSON.stringify(changed));
}

/** The address of each subscription, by its name in the template, and what was printed. */
async function synth(tag: string, ...options: string[]) {
  const pipelines = { p: { sequence: [`acme/p:${tag}`] } };
  writeFileSync(join(folder.path, "tagrelay.yaml"), JSON.stringify({ pipelines }));
  const stderr = await synthesize({ cwd: folder.path, home: folder.path, args: options });
  const template = z
    .object({ Resources: z.record(z.string(), z.object({ Type: z.string(), Properties: z.any() })) })
    .parse(JSON.parse(readFileSync(join(folder.path, "cdk.out/Tagrelay.template.json"), "utf8")));
  const subscriptions = Object.entries(template.Resources).filter(
    ([, { Type }]) => Type === "AWS::SNS::Subscription",
  );
  const addresses = subscriptions.map(([id, { Properties }]) => [
    id,
    Properties.Protocol,
    Properties.Endpoint,
  ]);
  return { addresses, stderr };
}

test("the alarmEmail in cdk.json is subscribed by the first deployment and kept by the next ones", async () => {
  writeCdkJson({ alarmEmail: "ops@example.org" });
  const first = await synth("1");
  expect(first.addresses).toEqual([[expect.any(String), "email", "ops@example.org"]]);
  expect(first.stderr).not.toContain("alarmEmail");
  // The same resource, whatever else changes: another one would have to be confirmed again.
  const later = await synth("2", "--context", "fipsEndpoints=true");
  expect(later.addresses).toEqual(first.addresses);
}, 90_000);

test("without one, the synthesis says that alarms reach nobody, and where to write it", async () => {
  writeCdkJson({});
  const { addresses, stderr } = await synth("1");
  expect(addresses).toEqual([]);
  expect(stderr).toContain(
    'expected an alarmEmail in the "context" of cdk.json, found none: alarms are mailed to nobody',
  );
}, 90_000);
