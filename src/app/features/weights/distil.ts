import { distillationConfig } from "../../../engine/config/distillation.ts";
import { type Action, filesReason } from "../../state/actions.ts";
import { noticed } from "../../state/slices/notices.ts";
import { settingsFitWeights } from "../../state/slices/weights.ts";
import type { AppState } from "../../state/state.ts";

/** Beside `ACTIONS`, so that the page's first load is no longer for it. */
export const DISTIL = {
  label: "Distil…",
  help: "Trains students of this network: each needs half as many steps for a digit as the one before, the last only one (Salimans and Ho 2022).",
  disabledReason: (state) =>
    filesReason(state) ??
    (settingsFitWeights(state) ? null : "The settings describe a different network."),
  perform: ({ store }) => store.setState(withDistillation),
} satisfies Action;

/** From 32 steps to one; with as many training steps Quick reached what docs/performance.md says. */
const DISTILLATION = { from: 32, to: 1, phaseSteps: 700, learningRate: 1e-3 };

function withDistillation(state: AppState): AppState {
  const { guidance } = state.config;
  return noticed(
    { ...state, config: distillationConfig(state.config, { ...DISTILLATION, guidance }) },
    "The settings of a distillation are in the form",
    "Train begins it. In each epoch a student learns to do two steps of its teacher in one: 32 become 16, 8, 4, 2 and 1. How many training steps that takes is set under Optimizer.",
    { tone: "info", source: "run" },
  );
}
