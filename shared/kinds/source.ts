// The hosts of source repositories whose webhooks report pushes.

export const sourceHosts = ["github", "gitlab", "bitbucket"] as const;
export type SourceHost = (typeof sourceHosts)[number];
