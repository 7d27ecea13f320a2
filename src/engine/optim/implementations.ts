import { adamW } from "./adamw.ts";
import { muon } from "./muon.ts";
import type { OptimizerStep } from "./optimizerStep.ts";
import type { OptimizerId } from "./optimizers.ts";

/** The steps of `OPTIMIZERS`, in a file of their own since the page's form needs no TensorFlow.js. */
export const OPTIMIZER_STEPS: Record<OptimizerId, OptimizerStep> = { adamw: adamW, muon };
