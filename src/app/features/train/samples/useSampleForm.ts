/** What the digits' form is set to, and what is drawn of it. */
import {
  type RefObject,
  useEffect,
  useEffectEvent,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import { useShallow } from "zustand/react/shallow";
import { correctedConfig } from "../../../../engine/config/validate.ts";
import type { LoadedWeights } from "../../../../runtime/run/events.ts";
import {
  ASK_DEFAULTS,
  type Ask,
  guidedCondition,
  hasOwnCount,
  withGuidance,
} from "../../../../runtime/sampling/ask.ts";
import {
  AS_THE_NETWORK,
  networkOwn,
  readDrawing,
  type SamplingText,
  STEP_SAMPLING,
} from "../../../../runtime/sampling/sampling.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import { drawDigits } from "../../../shared/network/chosenNetwork.ts";
import { ACTIONS } from "../../../state/actions.ts";
import { addressQuery, onAddressChange, readParams, writeParams } from "../../../state/address.ts";
import { numSteps, type Run } from "../../../state/slices/run.ts";
import { isTrained, sampledConfig } from "../../../state/slices/sampledNetwork.ts";
import { newest } from "../../../state/slices/samples.ts";
import { isTrainedModel } from "../../../state/trainedModels.ts";
import { addressedAsk, askParams, typedNumber } from "./typedNumber.ts";

export type SampleFormState = ReturnType<typeof useSampleForm>;

/** What is asked for is in the address, too, so that a reload or a link brings it back. */
export function useSampleForm() {
  const app = useApp();
  const config = useAppState(useShallow((state) => correctedConfig(sampledConfig(state))));
  const areDigits = useAppState((state) => drawDigits([{ kind: "current" }], state));
  const hasTrained = useAppState(isTrained);
  const loaded = useAppState((state) => state.weights.loaded);
  const canAsk = hasTrained && config.classes > 0;
  const [ask, setAsk] = useAddressedAsk();
  const [typed, changeSampling] = useTypedSampling(loaded);
  const [start, setStart] = useState<"noise" | "pair">("noise");
  const drawnBy = useRef<Trained | null>(null);

  /** What would be drawn, null where a field is wrong; and what is wrong. An untrained network cannot be asked. */
  const read = (wanted: Ask) =>
    readDrawing(typed, canAsk ? wanted : ASK_DEFAULTS, {
      config: canAsk ? config : { ...config, classes: 0 },
      table: STEP_SAMPLING,
      areDigits,
    });

  /** Draws digits in place of those that are being drawn. */
  function draw(of: Ask, isAgain = false) {
    const reason = ACTIONS.generate.disabledReason(app.store.getState());
    const { values, asked } = read(of);
    if (reason !== null || !values || !asked) return;
    const { count, labels, isShared, words, rows, columns } = asked;
    const { seed, weights, sampler, guidance } = values;
    const condition = guidedCondition(labels, guidance);
    const request = {
      count,
      condition,
      givesX0: false,
      seed,
      weights,
      sampler,
      network: { kind: "current" } as const,
      start: start === "pair" ? { kind: start, images: null } : { kind: start, isShared },
    };
    const askedFor = condition && { words: withGuidance(words, condition.guidance), rows, columns };
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
    writeParams("train", askParams(next));
  };
  const { values, asked, errors, askErrors } = read(ask);
  return {
    config,
    canAsk,
    hasTrained,
    areDigits,
    ask,
    askErrors,
    typed,
    errors,
    changeSampling,
    start,
    setStart,
    hasOwnCount: canAsk && hasOwnCount(ask),
    isWrong: !asked || !values,
    change: (changes: Partial<Ask>) => change({ ...ask, ...changes }),
    draw: (changes: Partial<Ask> = {}) => {
      const next = { ...ask, ...changes };
      change(next);
      draw(next);
    },
  };
}

/** What is asked for; what the first digits are typed into, or a link, changes it by the address. */
function useAddressedAsk() {
  const query = useSyncExternalStore(onAddressChange, addressQuery, addressQuery);
  const addressed = readParams("train", query);
  const [chosen, setAsk] = useState(() => addressedAsk(addressed));
  const { write, digit } = askParams(chosen);
  const isSame = write === addressed.write && digit === addressed.digit;
  return [isSame ? chosen : addressedAsk(addressed), setAsk] as const;
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
  // A run that was lost with its worker may begin anew under its name.
  const isLost = useAppState(({ run }) => run?.status === "failed");
  useEffect(() => {
    if (isLost) drawnBy.current = null;
  }, [isLost, drawnBy]);
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

/**
 * What is typed. The part that belongs to the network holds only while the same weights, or none, are loaded: others
 * bring their own.
 */
function useTypedSampling(loaded: LoadedWeights | null) {
  const [{ text, of }, setTyped] = useState({ text: AS_THE_NETWORK, of: loaded });
  const now: SamplingText = of === loaded ? text : { ...text, ...networkOwn(AS_THE_NETWORK) };
  const change = (changes: Partial<SamplingText>) =>
    setTyped({ text: { ...now, ...changes }, of: loaded });
  return [now, change] as const;
}
