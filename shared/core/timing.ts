// The program's own waits. Those of a pipeline stand in tagrelay.yaml.

/** How long a trigger may take to answer. */
export const triggerTimeoutMs = 10_000;
/** After this a claimed trigger without an outcome counts as unknown: its process has died. */
export const claimMs = 20_000;
/** How long an unknown outcome is left alone, for its webhook to come, before the tag is looked up and triggered again. */
export const graceMs = 60_000;
/** How often the tag of a running build is looked up, should its webhook be lost. */
export const lookUpEveryMs = 15 * 60_000;
/** After this a look-up without an outcome is made again. */
export const lookUpClaimMs = 30_000;
/** So many look-ups in a row that tell nothing count as "not pushed". */
export const lookUpsAtMost = 5;
/** How long Docker Hub may take to show a push that its webhook has told of; after that it was none. */
export const confirmLagMs = 3 * 60_000;
/** How long a push is kept that Docker Hub says nothing about. */
export const confirmAtMostMs = 6 * 60 * 60_000;
/** A webhook that comes while its push is being confirmed makes it last longer, no more often than this. */
export const toldAgainMs = 30_000;
/** A push of a tag of which no other push is known has to be this fresh to count outside of a run. */
export const freshPushMs = 60 * 60_000;
/** How long it may take to get a slot, or to be refused one. */
export const slotClaimMs = 30_000;
/** How often whoever waits for a slot asks again, should nobody tell that one is free. */
export const slotAgainMs = 60_000;
/** Who has not asked for so long does not wait for a slot any more. */
export const slotStaleMs = 5 * 60_000;
/** A slot that was taken so long ago has been claimed by its step, or its process has died before it could. */
export const slotLostMs = 2 * 60_000;
/** How long an errand may take; after this it is tried again, ever more seldom. */
export const errandMs = 60_000;
export const errandSeldomMs = { notify: 60 * 60_000, start: 5 * 60_000 };
/** After this an errand is given up. */
export const errandAtMostMs = { notify: 24 * 60 * 60_000, start: 7 * 24 * 60 * 60_000 };
/** Pushes of the same tag that carry no time of their own are one push within this. */
export const sameUntimedPushMs = 10_000;
