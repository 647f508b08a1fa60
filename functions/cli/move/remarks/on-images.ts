// What the images are built after, and for which platforms.
import { info, list, type Moved, type Remark, some } from "./remark.ts";

export function onLinks({ source, planned }: Moved): Remark[] {
  const after = [...new Set(planned.flatMap(({ step }) => step.after))];
  const upstreams = [...new Set(planned.flatMap(({ step }) => step.upstreams))];
  return [
    ...some(info(`It is built after ${list(after)}, in every run.`), after.length > 0),
    ...some(
      info(`Repository links are on: a new ${list(upstreams)} starts a run (\`upstream\`).`),
      upstreams.length > 0,
    ),
    ...some(
      info(
        "Repository links are off: a new base from elsewhere starts no run. Add it as `upstream` to change that.",
      ),
      !source.hasRepositoryLinks,
    ),
  ];
}

const native = /^linux\/(?:amd64(?:\/v[1-4])?|386|arm64(?:\/v8)?)$/;

export function onPlatforms({ planned, kind, unknownPlatforms }: Moved): Remark[] {
  const all = [...new Set(planned.flatMap(({ settings }) => settings?.platforms ?? []))];
  const emulated = all.filter((platform) =>
    kind === "gitlab" ? platform !== "linux/amd64" : !native.test(platform),
  );
  const unknown = planned.flatMap(({ step }) => unknownPlatforms.get(step.image) ?? []);
  return [
    ...unknown,
    ...some(
      info(`Emulated, which is slow, as there is no runner of that kind: ${list(emulated)}.`),
      emulated.length > 0,
    ),
  ];
}
