// What is meant where nothing is said.

export const defaultConfig = "tagrelay.yaml";
export const defaultUrl = "http://127.0.0.1:8787";
