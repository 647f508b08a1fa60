// Default values of command-line options.

export const defaultConfig = "tagrelay.yaml";
export const defaultUrl = "http://127.0.0.1:8787";
