/** The number that Train's own network writes, drawn when it is typed, when weights are loaded, and again while the network learns. */
import { type RefObject, useEffect, useEffectEvent, useRef, useSyncExternalStore } from "react";
import { useShallow } from "zustand/react/shallow";
import { correctedConfig } from "../../../../engine/config/validate.ts";
import type { LoadedWeights } from "../../../../runtime/run/events.ts";
import { guidedCondition, withGuidance } from "../../../../runtime/sampling/ask.ts";
import {
  AS_THE_NETWORK,
  readDrawing,
  STEP_SAMPLING,
} from "../../../../runtime/sampling/sampling.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import { useNaming } from "../../../shared/network/useNaming.ts";
import { ACTIONS } from "../../../state/actions.ts";
import { addressQuery, onAddressChange, readParams, writeParams } from "../../../state/address.ts";
import { isActive, numSteps, type Run } from "../../../state/slices/run.ts";
import { isTrained, sampledConfig } from "../../../state/slices/sampledNetwork.ts";
import { newest, showOrigin } from "../../../state/slices/samples.ts";
import { askOfNumber, typedNumber } from "./typedNumber.ts";

/** What is typed is in the address, so that a reload or a link brings it back. */
export function useNumberToWrite() {
  const app = useApp();
  const config = useAppState(useShallow((state) => correctedConfig(sampledConfig(state))));
  const naming = useNaming();
  const hasTrained = useAppState(isTrained);
  const loaded = useAppState((state) => state.weights.loaded);
  const text = useTypedNumber();
  const drawnBy = useRef<Trained | null>(null);
  /** An untrained network cannot be asked, nor one without classes. */
  const canWrite = hasTrained && config.classes > 0 && naming.classNames !== null;

  /** What is drawn of a text, an empty one asks for no number; null, and why, where it is none. */
  const read = (text: string) =>
    readDrawing(AS_THE_NETWORK, askOfNumber(canWrite ? text : ""), {
      config,
      table: STEP_SAMPLING,
      naming,
    });

  /** Draws it in place of what is being drawn. */
  function draw(text: string, isAgain = false) {
    const reason = ACTIONS.generate.disabledReason(app.store.getState());
    const { values, asked } = read(text);
    if (reason !== null || !values || !asked) return;
    const { count, labels, isShared, words, rows, columns } = asked;
    const { seed, weights, sampler, guidance } = values;
    const condition = guidedCondition(labels, guidance);
    const network = { kind: "current" } as const;
    const start = { kind: "noise", isShared } as const;
    const request = { count, condition, givesX0: false, seed, weights, sampler, network, start };
    const askedFor = condition && { words: withGuidance(words, condition.guidance), rows, columns };
    const { run } = app.store.getState();
    drawnBy.current = run && { runId: run.runId, step: numSteps(run) };
    app.client.cancelSample();
    ACTIONS.generate.perform(app, request, askedFor, isAgain);
  }

  const isRepeated =
    canWrite && loaded === null && typedNumber(text, { ...config, naming }) !== null;
  useRepeated(isRepeated, drawnBy, () => draw(text, true));

  // Weights that are loaded show at once what they draw, unless a run waited for them.
  const shown = useRef<LoadedWeights | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it is there.
  useEffect(() => {
    const { run, trainRequested } = app.store.getState();
    const isForRun = trainRequested || isActive(run);
    if (loaded && loaded !== shown.current && !isForRun) draw(text);
    shown.current = loaded;
  }, [loaded]);

  return {
    naming,
    canWrite,
    text,
    error: read(text).askErrors.text,
    /** Draws what is typed; without a number the panel follows training. */
    type(text: string) {
      writeParams("train", { write: text, digit: null });
      if (text !== "") return draw(text);
      app.store.setState(({ samples }) => ({ samples: showOrigin(samples, "preview") }));
    },
  };
}

/** The number in the address, which the first digits or a link change, too. */
function useTypedNumber(): string {
  const query = useSyncExternalStore(onAddressChange, addressQuery, addressQuery);
  const { write, digit } = readParams("train", query);
  return write || (digit ?? "");
}

/** Names a run and how many steps its network has learned from. */
type Trained = Pick<Run, "runId"> & { step: number };

/** A run has this long between two redrawings, or this many times as long as the last one took, whichever is more, so that it loses little. */
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
