// `tagrelay/cdk`: what other CDK apps import from the package.
// biome-ignore-all lint/performance/noBarrelFile: the exports of a package need one file
export { TagrelayStack } from "../stack.ts";
export { Tagrelay, type TagrelayProps } from "../tagrelay.ts";
