// Checks what the types of the props cannot say, or what JavaScript passes in spite of them.
import { Stack } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import * as z from "zod";
import { describeValue } from "../shared/validation/expectation.ts";
import { rootStackOf } from "./name-of.ts";
import { PropsError } from "./props-error.ts";

const compiled = z.object({
  pipelines: z.array(z.object({ name: z.string(), steps: z.array(z.unknown()) })),
});

export function checkConfig(construct: IConstruct, props: unknown): void {
  const { data } = z.object({ config: z.unknown() }).safeParse(props);
  if (compiled.safeParse(data?.config).success) return;
  throw new PropsError(
    construct,
    `expected \`config\` to be what readConfig("tagrelay.yaml") of tagrelay/config returns, found ${describeValue(data?.config)}`,
  );
}

type Named = IConstruct & { name: string; parameterPrefix: string };

/** Two with one name would be refused by EventBridge in the middle of a deployment. `others` may be anywhere. */
export function refuseSameName(construct: Named, others: readonly Named[]): void {
  const root = rootStackOf(Stack.of(construct));
  const other = others.find((one) => one.name === construct.name && rootStackOf(Stack.of(one)) === root);
  if (other === undefined) return;
  throw new PropsError(
    construct,
    `expected a name of its own, found ${JSON.stringify(construct.name)}, which ${other.node.path} has; set \`name\``,
  );
}
