// Gitea's package webhook, made after the types in its source (modules/structs), with the fields around those that are read.

const owner = { id: 2, login: "Acme", username: "Acme", html_url: "https://git.example.org/Acme" };

export const giteaPush = {
  action: "created",
  repository: null,
  package: {
    id: 7,
    owner,
    repository: { id: 3, full_name: "Acme/images", html_url: "https://git.example.org/Acme/images" },
    creator: { id: 1, login: "dev", username: "dev" },
    type: "container",
    name: "api",
    version: "latest",
    html_url: "https://git.example.org/Acme/-/packages/container/api/latest",
    created_at: "2026-11-25T09:05:57Z",
  },
  organization: { id: 2, name: "Acme" },
  sender: { id: 1, login: "dev" },
};

/** Gitea's test delivery is a push to the repository. */
export const giteaTestDelivery = {
  ref: "refs/heads/main",
  commits: [],
  repository: { id: 3, full_name: "Acme/images", html_url: "https://git.example.org/Acme/images" },
  sender: { id: 1, login: "dev" },
};
