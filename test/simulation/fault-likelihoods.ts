// The faults of simulated worlds, and how likely each is whenever it could happen.

export const likelihoods: ReadonlyMap<string, number> = new Map([
  // A function is killed at an await: before its request leaves, or before the answer arrives.
  ["killed before a request", 0.01],
  ["killed before an answer", 0.02],

  ["store throttles", 0.02],
  ["store times out before", 0.01],
  ["store times out after writing", 0.02],
  ["store's answer is lost and the request is repeated", 0.02],
  ["store is gone for minutes", 0.002],
  ["index lags", 0.1],

  ["trigger cannot be sent", 0.03],
  ["trigger is lost on the way", 0.03],
  ["trigger is throttled", 0.05],
  ["trigger is throttled with Retry-After", 0.05],
  ["trigger is refused", 0.05],
  ["trigger is ignored with a message", 0.05],
  ["trigger is accepted and ignored", 0.03],
  ["trigger is accepted and its answer lost", 0.05],
  ["trigger is redirected", 0.005],
  ["trigger is rejected", 0.005],
  ["answer is slow", 0.1],
  ["GitHub's rate limit is used up", 0.03],
  ["GitHub's secondary rate limit", 0.03],
  ["GitLab creates too many pipelines", 0.05],

  ["build fails", 0.05],
  ["build hangs", 0.02],
  ["build takes five hours", 0.02],
  ["end of a build is reported late", 0.1],
  ["end of a build is reported twice", 0.2],
  ["end of a build is not reported", 0.05],
  ["machine breaks down", 0.1],

  ["webhook is lost", 0.1],
  ["webhook is repeated", 0.3],
  ["webhook is delayed by hours", 0.05],
  ["webhook is forged", 0.2],
  ["webhook names an unknown tag", 0.02],

  ["look-up cannot be sent", 0.03],
  ["look-up is not answered", 0.05],
  ["look-up is throttled", 0.05],
  ["look-up fails", 0.05],
  ["look-up lags", 0.05],

  ["tag is pushed by hand", 0.2],
  ["clocks differ", 1],
  ["sweep runs twice at once", 0.1],
  ["sweep is skipped", 0.05],
  ["schedule fires twice", 0.2],
  ["schedule fires late", 0.1],
  ["source is pushed", 0.4],
  ["source push is delivered twice", 0.3],
  ["upstream changes", 0.3],
  ["redeploy", 0.3],
  ["run is cancelled", 0.1],
  ["run is retried", 0.2],
  ["run is started by hand", 0.2],

  // At registries other than Docker Hub.
  ["registry lags", 0.05],
  ["an old digest comes back", 0.1],
  ["builder does not pull", 0.1],
]);
