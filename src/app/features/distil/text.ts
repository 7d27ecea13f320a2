/** What people read in the dialog of a distillation. */

/** Before the steps of its phases: `16 → 8 → 4, in 2 phases.` */
export const INTRODUCTION =
  "A student learns to do in one step what its teacher, this network, does in two. Then it teaches the next. So every phase halves the steps that a digit takes:";
