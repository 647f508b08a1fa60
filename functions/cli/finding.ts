// The results of `tagrelay doctor`.

export type Finding = { isWell: boolean; what: string };

export const ok = (what: string): Finding => ({ isWell: true, what });
export const notOk = (what: string): Finding => ({ isWell: false, what });
