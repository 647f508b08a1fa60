// `tagrelay/cdk`: what other CDK apps import from the package.
// biome-ignore-all lint/performance/noBarrelFile: the exports of a package need one file
export { PropsError } from "../props-error.ts";
export { TagrelayStack } from "../stack.ts";
export { Tagrelay } from "../tagrelay.ts";
export type { TagrelayDomain, TagrelayProps } from "../tagrelay-props.ts";
