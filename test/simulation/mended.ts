// Worlds that violated something once: each shows a defect that is mended, and stays so.

export const mended: readonly { world: number; defect: string }[] = [
  { world: 2536315937, defect: "a step that a redeploy has put after another was triggered before it" },
  { world: 3970897524, defect: "a step that a redeploy has put after the run's steps was left out of it" },
  { world: 1583512042, defect: "a push told of in one run counted in the next" },
  { world: 3923732512, defect: "a step that a redeploy has put after another stayed older than it" },
  { world: 3597802420, defect: "a push told of in one run, answered for late, counted in the next" },
];
