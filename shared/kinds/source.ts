// The hosts of source repositories whose webhooks report pushes.

export type SourceHost = "github";
