// The name of a Tagrelay in EventBridge Scheduler and SSM, where an account and region can have each name only once.
import { Stack, Token } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { PropsError } from "./props-error.ts";

/** Groups of schedules have at most 64 characters. Ten are left for the end of a further group's name. */
const maxLength = 54;

/** What names and prefixes of parameters must not begin with in SSM, in any case. */
const reserved = /^(?:aws|ssm)/i;

export function nameOf(construct: Construct, given: string | undefined): string {
  const name = given ?? defaultName(construct);
  if (given !== undefined && !new RegExp(`^[\\w.-]{1,${maxLength}}$`).test(given)) {
    throw new PropsError(
      construct,
      `expected \`name\` to be 1 to ${maxLength} letters, digits, "-", "_" and ".", found ${show(given)}`,
    );
  }
  if (reserved.test(name)) {
    const advice = given === undefined ? "set `name`, or rename the stack" : "choose another";
    throw new PropsError(
      construct,
      `expected a name that does not begin with "aws" or "ssm", which SSM reserves, found ${show(name)}; ${advice}`,
    );
  }
  return name;
}

export function parameterPrefixFrom(construct: Construct, given: string): string {
  if (/^(?:\/[\w.-]+){1,14}\/$/.test(given) && !reserved.test(given.slice(1))) return given;
  throw new PropsError(
    construct,
    `expected \`parameterPrefix\` to be a path such as /images/ that does not begin with "aws" or "ssm", found ${show(given)}`,
  );
}

/** Stays the same when other constructs are added to the stack, because the secrets are stored under it. */
function defaultName(construct: Construct): string {
  const stack = rootStackOf(Stack.of(construct));
  if (Token.isUnresolved(stack.stackName)) {
    throw new PropsError(
      construct,
      "expected a `name`, because the stack's name is known only when deployed",
    );
  }
  const ids = construct.node.scopes.slice(stack.node.scopes.length).map(({ node }) => node.id);
  const below = ids.length === 1 && ids[0] === "Tagrelay" ? [] : ids;
  const name = [stack.stackName, ...below].join("-").replace(/[^\w.-]+/g, "-");
  return name.length <= maxLength ? name : `${name.slice(0, maxLength - 9)}-${construct.node.addr.slice(-8)}`;
}

/** Names of nested stacks are made up by CloudFormation. */
export function rootStackOf(stack: Stack): Stack {
  return stack.nestedStackParent === undefined ? stack : rootStackOf(stack.nestedStackParent);
}

function show(text: string): string {
  return Token.isUnresolved(text) ? "a text that is known only when deployed" : JSON.stringify(text);
}
