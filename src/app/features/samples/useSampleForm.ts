/** What the digits' form is set to, and what is drawn of it. */
import { type RefObject, useEffect, useEffectEvent, useRef, useState } from "react";
import { useShallow } from "zustand/react/shallow";
import type { Condition } from "../../../engine/config/condition.ts";
import { HYPERPARAMETERS } from "../../../engine/config/hyperparameters.ts";
import { DEFAULT_DIGITS, MAX_DIGITS, samplerOf } from "../../../engine/config/sampling.ts";
import { correctedConfig } from "../../../engine/config/validate.ts";
import type { StepSamplerId } from "../../../engine/diffusion/samplers.ts";
import type { LoadedWeights } from "../../../runtime/run/events.ts";
import type { WeightsChoice } from "../../../runtime/run/samplingProtocol.ts";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import {
  type Ask,
  type AskErrors,
  askedDigits,
  askFromQuery,
  guidedCondition,
  hasOwnCount,
  parseGuidance,
  withAsk,
  withGuidance,
} from "../../shared/network/askedDigits.ts";
import { drawDigits } from "../../shared/network/chosenNetwork.ts";
import { type ChosenSampling, withSampler } from "../../shared/network/chosenSampling.ts";
import { ACTIONS } from "../../state/actions.ts";
import { addressQuery, rewriteAddress } from "../../state/address.ts";
import { numSteps, type Run } from "../../state/slices/run.ts";
import { isTrained, sampledConfig } from "../../state/slices/sampledNetwork.ts";
import { type AskedFor, newest } from "../../state/slices/samples.ts";
import { isTrainedModel } from "../../state/trainedModels.ts";
import { parseWholeNumber, wholeNumberError } from "../../state/wholeNumber.ts";
import { typedNumber } from "./typedNumber.ts";

/** What is asked for; null where a field is wrong. */
interface Asked {
  count: number;
  condition: Condition | null;
  /** See SampleStart. */
  isShared: boolean;
  askedFor: AskedFor | null;
}

export type SampleFormState = ReturnType<typeof useSampleForm>;

/** What is asked for is in the address, too, so that a reload or a link brings it back. */
export function useSampleForm() {
  const app = useApp();
  const config = useAppState(useShallow((state) => correctedConfig(sampledConfig(state))));
  const areDigits = useAppState((state) => drawDigits([{ kind: "current" }], state));
  const hasTrained = useAppState(isTrained);
  const loaded = useAppState((state) => state.weights.loaded);
  const canAsk = hasTrained && config.classes > 0;
  const [ask, setAsk] = useState(() => askFromQuery(addressQuery()));
  const [sampling, changeSampling] = useSampling(loaded);
  const count = useWholeNumber(String(DEFAULT_DIGITS), { min: 1, max: MAX_DIGITS });
  const seed = useWholeNumber("0", HYPERPARAMETERS.seed);
  const [weights, setWeights] = useState<WeightsChoice>("ema");
  const [start, setStart] = useState<"noise" | "pair">("noise");
  const choice = withSampler(config, sampling);
  const steps = wholeNumber(sampling.steps ?? String(config.samplingTimesteps), {
    range: { min: 1, max: config.timesteps },
    onChange: (steps) => changeSampling({ steps }),
  });
  const guidance = sampling.guidance ?? String(config.guidance);
  const drawnBy = useRef<Trained | null>(null);

  function resolve(of: Ask): { asked: Asked | null; errors: AskErrors } {
    if (!canAsk) {
      const all = { condition: null, isShared: false, askedFor: null };
      return { asked: count.value === null ? null : { count: count.value, ...all }, errors: {} };
    }
    const network = { classes: config.classes, areDigits, typedCount: count.value };
    const { asked, errors } = askedDigits(of, network);
    const scale = of.ask === "none" ? 1 : parseGuidance(guidance);
    if (!asked || scale === null) return { asked: null, errors };
    const { labels, isShared, words, rows, columns } = asked;
    const condition = guidedCondition(labels, scale);
    const askedFor = { words: withGuidance(words, condition?.guidance ?? 1), rows, columns };
    return { asked: { count: asked.count, condition, isShared, askedFor }, errors };
  }

  /** In place of what is being drawn. */
  function draw(of: Ask, isAgain = false) {
    const reason = ACTIONS.generate.disabledReason(app.store.getState());
    const { asked } = resolve(of);
    if (reason !== null || !asked || steps.value === null || seed.value === null) return;
    const { count, condition, isShared, askedFor } = asked;
    const request = {
      count,
      condition,
      givesX0: false,
      seed: seed.value,
      weights,
      sampler: samplerOf(steps.value, choice),
      network: { kind: "current" } as const,
      start: start === "pair" ? { kind: start, images: null } : { kind: start, isShared },
    };
    const { run } = app.store.getState();
    drawnBy.current = run && { runId: run.runId, step: numSteps(run) };
    app.client.cancelSample();
    ACTIONS.generate.perform(app, request, askedFor, isAgain);
  }

  const isRepeated = canAsk && loaded === null && typedNumber(ask, config) !== null;
  useRepeated(isRepeated, drawnBy, () => draw(ask, true));

  // A model that comes with the app shows at once what it can do; another file where one had asked for something.
  const shown = useRef<LoadedWeights | null | undefined>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it is there.
  useEffect(() => {
    const before = shown.current;
    shown.current = loaded;
    if (!loaded || loaded === before) return;
    const hasAsked = before === undefined && ask.ask !== "any";
    if (hasAsked || isTrainedModel(loaded.fileName)) draw(ask);
  }, [loaded]);

  const change = (next: Ask) => {
    setAsk(next);
    rewriteAddress((query) => withAsk(query, next));
  };
  const { asked, errors } = resolve(ask);
  return {
    config,
    canAsk,
    hasTrained,
    areDigits,
    ask,
    guidance,
    errors,
    choice,
    changeSampling,
    count,
    steps,
    seed,
    weights,
    setWeights,
    start,
    setStart,
    hasOwnCount: canAsk && hasOwnCount(ask),
    isWrong: !asked || steps.value === null || seed.value === null,
    change: (changes: Partial<Ask>) => change({ ...ask, ...changes }),
    draw: (changes: Partial<Ask> = {}) => {
      const next = { ...ask, ...changes };
      change(next);
      draw(next);
    },
  };
}

/** Names a run and how many steps its network has learned from. */
type Trained = Pick<Run, "runId"> & { step: number };

/** A run has this long between two redrawings, and this many times as long as the last one took, so that it loses little. */
const [REST_MS, REST_TIMES] = [3_000, 9];

/**
 * While one looks at the digits that one asked for, the network redraws them with what it has learned since.
 *
 * @param drawnBy the network that drew them last
 */
function useRepeated(isOn: boolean, drawnBy: RefObject<Trained | null>, draw: () => void) {
  const { store } = useApp();
  const isFree = useAppState(
    ({ samples: { view, requestedId, frameIndex } }) =>
      view === "person" && requestedId === null && frameIndex === null,
  );
  const isNewRun = useEffectEvent(() => drawnBy.current?.runId !== store.getState().run?.runId);
  const drawLearned = useEffectEvent(() => {
    const { run } = store.getState();
    if (run && (isNewRun() || drawnBy.current?.step !== numSteps(run))) draw();
  });
  useEffect(() => {
    if (!isOn || !isFree) return;
    const last = newest(store.getState().samples, "person");
    if (isNewRun()) drawLearned();
    // A drawing that failed would fail again, and one that the person cancelled is not wanted.
    else if (last?.status !== "done") return;
    const restMs = Math.max(REST_MS, REST_TIMES * (last?.elapsedMs ?? 0));
    const timer = setInterval(drawLearned, restMs);
    return () => clearInterval(timer);
  }, [store, isOn, isFree]);
}

/** Null until chosen or typed: that of the network's settings. */
type Sampling = Pick<ChosenSampling, "spacing" | "steps" | "guidance"> & {
  sampler: StepSamplerId | null;
};

const AS_THE_NETWORK: Sampling = { sampler: null, spacing: null, steps: null, guidance: null };

/** What was chosen for the weights that are loaded, or for none: others bring their own. */
function useSampling(loaded: LoadedWeights | null) {
  const [chosen, setChosen] = useState({ ...AS_THE_NETWORK, loaded });
  const now: Sampling = chosen.loaded === loaded ? chosen : AS_THE_NETWORK;
  const change = (changes: Partial<Sampling>) => setChosen({ ...now, ...changes, loaded });
  return [now, change] as const;
}

type Range = { min: number; max: number };

function useWholeNumber(usual: string, range: Range) {
  const [text, onChange] = useState(usual);
  return wholeNumber(text, { range, onChange });
}

/** A field, and its number; null where it is none in the range. */
function wholeNumber(text: string, of: { range: Range; onChange: (text: string) => void }) {
  const { range, onChange } = of;
  const field = { text, onChange, error: wholeNumberError(text, range) };
  return { value: parseWholeNumber(text, range), field };
}
