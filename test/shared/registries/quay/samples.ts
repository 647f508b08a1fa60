// Quay's webhook about a push to a repository, after its documentation.

export const quayPush = {
  name: "repository",
  repository: "mynamespace/repository",
  namespace: "mynamespace",
  docker_url: "quay.io/mynamespace/repository",
  homepage: "https://quay.io/repository/mynamespace/repository",
  updated_tags: ["latest"],
};
