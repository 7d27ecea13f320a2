/** Asks the worker for what Draw is set to, and takes its answers. */

import { HYPERPARAMETERS } from "../../../../engine/config/hyperparameters.ts";
import { stepsMadeFor } from "../../../../engine/config/studentSteps.ts";
import { randomPair } from "../../../../engine/random.ts";
import { networkOwn } from "../../../../runtime/sampling/sampling.ts";
import { parseWholeNumber } from "../../../../runtime/sampling/typedNumbers.ts";
import { drawingInPlace, drawingPixels } from "../../../shared/images/drawing.ts";
import {
  configOf,
  type Networks,
  namingOfNetworks,
  networkFor,
} from "../../../shared/network/chosenNetwork.ts";
import type { Page } from "../../../state/actions.ts";
import { type ChosenNetwork, readParams } from "../../../state/address.ts";
import type { Answer } from "../../../state/client/answers.ts";
import { MOST_ON_A_CARD, newestWins } from "../../../state/client/newestWins.ts";
import { isActive, numSteps } from "../../../state/slices/run.ts";
import { sampledFile } from "../../../state/slices/sampledNetwork.ts";
import type { TrainedModelFile } from "../../../state/trainedModels.ts";
import { viewSlice } from "../../../state/viewSlices.ts";
import {
  addressedDraw,
  type DrawSettings,
  drawRequests,
  SIDES,
  type Side,
  type SideSettings,
  shownSides,
  takesFewSteps,
} from "./drawSettings.ts";
import { beginsWith, configFrom, imageKind } from "./drawStart.ts";
import {
  type DrawState,
  nothingDrawn,
  withCancelled,
  withComing,
  withComingShown,
  withImages,
  withOutcome,
  withoutImages,
  withPart,
  withRequests,
} from "./drawState.ts";
import type { PlanePoint } from "./plane.ts";
import { withSettings } from "./startImage.ts";

const FOUR_STEPS: TrainedModelFile = "pretrained-quick-4-steps.safetensors";
const QUICK: TrainedModelFile = "pretrained-quick.safetensors";

/** What is drawn live and has not come after so long is shown frame by frame, and can be cancelled. */
const SLOW_MS = 500;

export type DrawSession = ReturnType<typeof startDraw>;

export function startDraw({ store: appStore, client }: Page) {
  const store = viewSlice(appStore, "draw", nothingDrawn(addressedDraw()));
  /** Answers that are not there yet, and whether they are drawn live. */
  const open = new Map<Answer<"sample">, { isLive: boolean }>();

  const followMotion = () => {
    const { isStill } = appStore.getState().samples;
    if (isStill !== store.getState().isStill) store.setState({ isStill });
  };
  followMotion();
  appStore.subscribe(followMotion);
  appStore.subscribe(({ dataset, weights }, before) => {
    if (dataset.current && dataset.current !== before.dataset.current)
      store.setState(withoutImages);
    if (weights.loaded && weights.loaded !== before.weights.loaded) asInAddress();
  });

  /** Loaded weights bring their own way of being sampled; by now the address has lost what was chosen for another network. */
  function asInAddress() {
    const { settings: now } = store.getState();
    if (now.a.network.kind !== "current") return;
    const a = { ...now.a, ...networkOwn(readParams("drawA")) };
    store.setState({ settings: { ...now, a } });
  }

  function cancel() {
    for (const answer of open.keys()) answer.cancel();
    open.clear();
    store.setState(withCancelled);
    live.forget();
  }

  function send(asked: AskedSides, isLive: boolean): Answer<"sample">[] {
    const { level } = store.getState().settings;
    const config = { ...appStore.getState().config, interpolationNoise: level };
    const answers: Partial<Record<Side, Answer<"sample">>> = {};
    for (const side of SIDES) {
      const request = asked[side]?.request;
      if (request) answers[side] = client.draw(request, config);
    }
    const idOf = (side: Side) => answers[side]?.id ?? "";
    const place = isLive ? withComing : withRequests;
    store.setState((state) => place(state, asked, idOf));
    const sent = Object.values(answers);
    for (const answer of sent) {
      open.set(answer, { isLive });
      void takeAnswer(answer);
    }
    return sent;
  }

  async function takeAnswer(answer: Answer<"sample">) {
    for await (const part of answer.parts) store.setState((state) => withPart(state, part));
    const outcome = await answer.done;
    open.delete(answer);
    store.setState((state) => withOutcome(state, answer.id, outcome));
  }

  /** The processor computes one after the other. */
  const mostSent = () => {
    const { backend } = appStore.getState();
    const isOnCard = backend.status === "ready" && backend.report.backend === "webgpu";
    return isOnCard ? MOST_ON_A_CARD : 1;
  };
  const live = newestWins(mostSent, (asked: AskedSides) => {
    // What one waited for is no longer wanted.
    if ([...open.values()].some(({ isLive }) => !isLive)) cancel();
    const sent = send(asked, true);
    const [first] = sent;
    if (first)
      setTimeout(() => store.setState((state) => withComingShown(state, first.id)), SLOW_MS);
    return sent;
  });
  const pointing = newestWins(mostSent, ({ at, side }: DrawState["point"]) => {
    const app = appStore.getState();
    const { request } = requestsOf(store.getState(), app, { points: [at] }).asked[side] ?? {};
    if (!request) return [];
    const answer = client.draw({ ...request, givesX0: false });
    void showPointed(answer);
    return [answer];
  });

  let numPointed = 0;
  let shownPointed = 0;

  /** Shows the digit at a point of the plane once it is finished, unless that of a later point is there. */
  async function showPointed(answer: Answer<"sample">) {
    const number = ++numPointed;
    let pixels: Uint8Array | null = null;
    for await (const part of answer.parts) if (part.type === "sampleFrame") pixels = part.pixels;
    const { status } = await answer.done;
    if (status !== "done" || number < shownPointed) return;
    shownPointed = number;
    store.setState({ pointed: pixels });
  }

  /** What was drawn live last. */
  let drawn: readonly unknown[] = [];
  let computed: { of: readonly unknown[]; requests: Requests } | null = null;

  /** What would be drawn now, or what is wrong: computed once for all that look at it. */
  function requests(app: Networks): Requests {
    const state = store.getState();
    const { settings, images, strokes, own, marks } = state;
    const of = [settings, images, strokes, own, marks, app];
    const isSame = computed?.of.every((value, i) => value === of[i]);
    if (!computed || !isSame) computed = { of, requests: requestsOf(state, app) };
    return computed.requests;
  }

  /** The steps of the student that a choice stands for; null of other networks. */
  function madeFor(chosen: ChosenNetwork, { start }: DrawSettings): number | null {
    const app = appStore.getState();
    const config = configOf(networkFor(chosen, app, beginsWith(start)), app);
    return config && stepsMadeFor(config);
  }

  return {
    store,
    cancel,
    change: (changes: Partial<DrawSettings>) =>
      store.setState((state) => withSettings(state, changes)),
    /** A student comes with the number of steps that it was made for. */
    changeSide: (side: Side, changes: Partial<SideSettings>) =>
      store.setState(({ settings }) => {
        const before = settings[side];
        const after = { ...before, ...changes };
        const [was, is] = [before, after].map(({ network }) => madeFor(network, settings));
        const isOtherStudent = is !== null && is !== was && changes.steps === undefined;
        const own = isOtherStudent ? { steps: null } : {};
        return { settings: { ...settings, [side]: { ...after, ...own } } };
      }),
    /** Draws two, or one alone. Beside a student, which other numbers of steps suit badly, B begins as another network. */
    compare: (isComparing: boolean) =>
      store.setState(({ settings }) => {
        const steps = madeFor(settings.a.network, settings);
        const isUntouched = settings.b.network.kind === "current";
        const fileName = steps === 1 ? FOUR_STEPS : QUICK;
        const other = { network: { kind: "model", fileName }, steps: null } as const;
        const b = isUntouched && steps !== null ? { ...settings.b, ...other } : settings.b;
        return { settings: { ...settings, isComparing, b } };
      }),
    requests,
    /** Draws what the settings ask for, in place of what is under way. */
    generate() {
      const { asked, errors, isLive } = requests(appStore.getState());
      if (Object.keys(errors).length > 0) return;
      if (isLive) live.want(asked);
      else {
        cancel();
        send(asked, false);
      }
    },
    /**
     * Draws whatever is asked for as soon as that changes, while it is live.
     *
     * @param canSample whether anything can be drawn now
     * @returns ends it
     */
    drawLive(app: Networks, canSample: boolean): () => void {
      let followed: Requests | null = null;
      const draw = () => {
        const now = requests(app);
        if (now === followed) return;
        followed = now;
        const isLive = now.isLive && canSample;
        if (isLive !== store.getState().isLive) store.setState({ isLive });
        if (!isLive) drawn = [];
        if (!isLive || Object.keys(now.errors).length > 0) return;
        const wanted = [JSON.stringify(now.asked), ...sampledNetwork(app)];
        // A setting that changes nothing, or the same as when the view was left.
        if (wanted.every((value, i) => value === drawn[i])) return;
        drawn = wanted;
        live.want(now.asked);
        const { settings, point } = store.getState();
        if (settings.start === "plane") pointing.want(point);
      };
      draw();
      return store.subscribe(draw);
    },
    /** Draws the digit there; the newest point first. */
    pointTo(point: DrawState["point"]) {
      store.setState({ point });
      pointing.want(point);
    },
    /** Brings images of the dataset into the gallery. */
    async showImages(indices: readonly number[]) {
      const outcome = await client.images(indices).done;
      if (outcome.status === "done") store.setState((state) => withImages(state, outcome.end));
    },
  };
}

type Requests = ReturnType<typeof requestsOf>;
type AskedSides = Requests["asked"];

/** The settings with the pair that the seed chooses, where two images are to be mixed on the page. */
function withPair(settings: DrawSettings, app: Networks): DrawSettings {
  const { start, pair, mix } = settings;
  if (pair || (mix === null && start !== "arc")) return settings;
  return { ...settings, pair: seedPair(settings.seed, app.dataset.current?.unseenLabels) };
}

/** The settings with the networks that stand for the chosen ones. */
function withNetworks(settings: DrawSettings, app: Networks): DrawSettings {
  const [a, b] = SIDES.map((side) => ({
    ...settings[side],
    network: networkFor(settings[side].network, app, beginsWith(settings.start)),
  })) as [SideSettings, SideSettings];
  return { ...settings, a, b };
}

/** The two images that the worker takes where none are chosen; null while there are no two, or no seed. */
export function seedPair(
  seedText: string,
  labels: Uint8Array | undefined,
): readonly [number, number] | null {
  const seed = parseWholeNumber(seedText, HYPERPARAMETERS.seed);
  return seed === null || !labels || labels.length < 2 ? null : randomPair(seed, labels);
}

/**
 * Names the network that is sampled where none is chosen, with a number that changes when other digits are needed: in
 * training at each epoch.
 */
function sampledNetwork({ run, weights }: Networks): [of: unknown, steps: number] {
  if (sampledFile({ run, weights }) !== null) return [weights.loaded, 0];
  return [run?.runId, run ? (isActive(run) ? run.epochs.length : numSteps(run)) : 0];
}

/**
 * What would be drawn now, or what is wrong; and whether it is drawn without being asked to.
 *
 * @param options.blank used as the drawing while nothing is drawn; null where that is an error
 * @param options.points of a plane, where it is not its grid
 */
export function requestsOf(
  state: Pick<DrawState, "settings" | "images" | "strokes" | "own" | "marks">,
  app: Networks,
  options: { blank?: Uint8Array; points?: readonly PlanePoint[] } = {},
): ReturnType<typeof drawRequests> & { isLive: boolean } {
  const { images, strokes, own, marks } = state;
  const { blank = null, ...points } = options;
  const settings = withNetworks(withPair(state.settings, app), app);
  const pixelsOf = settings.start === "fill" ? drawingInPlace : drawingPixels;
  const isDrawn = imageKind(settings) === "drawing";
  const drawing = isDrawn ? (pixelsOf(strokes) ?? blank) : null;
  const configs = {
    a: configFrom(settings.start, configOf(settings.a.network, app)),
    b: configFrom(settings.start, configOf(settings.b.network, app)),
  };
  const labels = app.dataset.current?.unseenLabels ?? null;
  const networks = shownSides(settings).map((side) => settings[side].network);
  const naming = namingOfNetworks(networks, app);
  const areTrained = networks.every(({ kind }) => kind !== "untrained");
  // The worker may have to choose two of them.
  const hasImages = settings.start !== "pair" || app.dataset.current !== null;
  return {
    ...drawRequests(settings, {
      ...{ images, labels, drawing, own, marks },
      ...{ configs, naming, ...points },
    }),
    isLive: areTrained && hasImages && takesFewSteps(settings, configs),
  };
}
