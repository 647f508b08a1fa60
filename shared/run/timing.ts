// The program's own waits and limits. Those of a pipeline are in tagrelay.yaml.

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** A step that has been `triggering` for so long has lost its outcome: its process died. */
export const claimMs = 20 * secondMs;
/** After an unknown outcome, wait so long for the webhook before the tag is looked up and triggered again. */
export const graceMs = minuteMs;
/** How often the tag of a running build is looked up, in case its webhook was lost. */
export const lookUpEveryMs = 15 * minuteMs;
/** How often to look at a step that its builder or a person ends: a redeploy may have removed it, or its pipeline. */
export const watchEveryMs = 60 * minuteMs;
/** A look-up without an outcome is repeated after this. */
export const lookUpClaimMs = 30 * secondMs;
/** After so many look-ups in a row without an answer, the tag counts as not pushed. */
export const maxLookUps = 5;
/** How long a registry may take to show a push. A push that is not there by then is ignored. */
export const confirmLagMs = 3 * minuteMs;
/** How long a push waits for confirmation while the registry does not answer. */
export const confirmGiveUpMs = 6 * hourMs;
/** A repeated webhook extends the wait for confirmation, at most this often: each time costs a write. */
export const repeatedWebhookMs = 30 * secondMs;
/** Outside of a run, the first known push of a tag counts only if it is this fresh. */
export const freshPushMs = hourMs;
/** How long after a run the registries are looked at, and after the first change of a pipeline. */
export const firstLookMs = minuteMs;
/** A look that could not read all images is repeated after this, and then after twice as long each time. */
export const lookUnreadAgainMs = hourMs;
/** A look that finds a run under way is repeated after this. */
export const lookAgainMs = 15 * minuteMs;
/** Docker Hub's webhook for a tag that was moved comes within this. */
export const movedTagMs = 5 * minuteMs;
/** A slot request without an answer is repeated after this. */
export const slotClaimMs = 30 * secondMs;
/** A move of tags without an outcome is repeated after this. */
export const promotionClaimMs = minuteMs;
/** How long to go on trying to move tags, and to move them back. */
export const promotionGiveUpMs = hourMs;
export const moveBackGiveUpMs = 24 * hourMs;
/** How often a waiting step requests its slot again, in case the offer was lost. */
export const slotRetryMs = minuteMs;
/** A place in line is dropped if its step has not asked for so long. */
export const slotStaleMs = 5 * minuteMs;
/** A slot that no step has claimed for so long was lost in a crash. */
export const slotLostMs = 2 * minuteMs;
/** An outbox entry that is not done is retried after this, then at doubled intervals up to the maximum. */
export const outboxRetryMs = minuteMs;
export const outboxMaxWaitMs = { notify: hourMs, start: 5 * minuteMs };
export const outboxGiveUpMs = { notify: 24 * hourMs, start: 7 * 24 * hourMs };
/** Pushes of one tag whose webhooks carry no time count as one within this. */
export const sameUntimedPushMs = 10 * secondMs;
