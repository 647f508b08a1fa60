// What Docker Hub's build settings say of a repository: where its source is, and the rules that build it.

export type HubSource = {
  /** `namespace/repo`, which it builds. */
  image: string;
  provider: string;
  /** `owner/name` of the repository with the Dockerfiles. */
  repository: string;
  /** A new base image starts a build. */
  hasRepositoryLinks: boolean;
  /** `OFF`, `SOURCE_ONLY` or `SOURCE_AND_FORKS`: which pull requests are tested. */
  autotests: string;
  variables: readonly Variable[];
  rules: readonly Rule[];
  /** Rules that it names, but whose settings were not saved. */
  missing: number;
  /** Build variables in a form that was not expected. */
  unreadVariables: number;
};
export type Variable = { name: string; value: string };
export type Rule = {
  type: "Branch" | "Tag";
  /** A branch or a tag, or a regular expression between slashes. */
  source: string;
  /** `latest`, or several with commas, with `{sourceref}` and `{\1}`. */
  tag: string;
  dockerfile: string;
  context: string;
  /** A push to the source builds it. */
  isAutomatic: boolean;
  /** It is built without a cache. */
  isUncached: boolean;
};

export type SavedSettings = {
  sources: HubSource[];
  /** Names of build triggers, whose URLs other programs call. */
  triggers: string[];
};
