import { adamW } from "./adamw.ts";
import { muon } from "./muon.ts";
import type { OptimizerStep } from "./optimizerStep.ts";
import type { OptimizerId } from "./optimizers.ts";

/** What the entries of `OPTIMIZERS` do: apart from these, since the page's form has no TensorFlow.js. */
export const OPTIMIZER_STEPS: Record<OptimizerId, OptimizerStep> = { adamw: adamW, muon };
