// `tagrelay/config`: what reads and checks a configuration, as a file or as an object.
// biome-ignore-all lint/performance/noBarrelFile: the exports of a package need one file
export { compileConfig } from "../../shared/config/compile.ts";
export { ConfigError } from "../../shared/config/config-error.ts";
export { readConfig } from "../../shared/config/read-config.ts";
export type { Config } from "../../shared/pipeline/pipeline.ts";
