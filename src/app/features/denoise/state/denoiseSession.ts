/** Sends what the denoising view asks for to the worker, and takes its events. */
import { HYPERPARAMETERS } from "../../../../engine/config/hyperparameters.ts";
import { randomPair } from "../../../../engine/random.ts";
import type { WorkerEvent } from "../../../../runtime/run/events.ts";
import { networkOwn } from "../../../../runtime/sampling/sampling.ts";
import { parseWholeNumber } from "../../../../runtime/sampling/typedNumbers.ts";
import { configOf, drawDigits, type Networks } from "../../../shared/network/chosenNetwork.ts";
import { readParams } from "../../../state/address.ts";
import type { Client } from "../../../state/client/client.ts";
import { isActive, numSteps } from "../../../state/slices/run.ts";
import { isTrained, sampledFile } from "../../../state/slices/sampledNetwork.ts";
import type { AppStore } from "../../../state/store.ts";
import {
  afterWorkerEvent,
  createDenoiseStore,
  type DenoiseState,
  type DenoiseStore,
  underWay,
  withCancelled,
  withComing,
  withComingShown,
  withRequests,
} from "./denoise.ts";
import {
  addressedDenoise,
  type DenoiseSettings,
  denoiseRequests,
  type Side,
  type SideSettings,
  shownSides,
  takesFewSteps,
} from "./denoiseSettings.ts";
import { drawingPixels } from "./drawing.ts";
import { MOST_ON_A_CARD, newestWins } from "./newestWins.ts";
import type { PlanePoint } from "./plane.ts";

/** What is drawn live and has not come after so long is shown frame by frame, and can be cancelled. */
const SLOW_MS = 500;

export type DenoiseSession = ReturnType<typeof startSession>;

const sessions = new WeakMap<Client, DenoiseSession>();

export function denoiseSession(app: { store: AppStore; client: Client }): DenoiseSession {
  const session = sessions.get(app.client) ?? startSession(app);
  sessions.set(app.client, session);
  return session;
}

function startSession({ store: appStore, client }: { store: AppStore; client: Client }) {
  const store = createDenoiseStore(addressedDenoise());
  let numIds = 0;
  const followMotion = () => {
    const { isStill } = appStore.getState().samples;
    if (isStill !== store.getState().isStill) store.setState({ isStill });
  };
  followMotion();
  appStore.subscribe(followMotion);
  client.listen((event) => {
    store.setState((state) => afterWorkerEvent(state, event));
    if (event.type === "weightsLoaded") asInAddress();
    live.afterEvent(event);
    pointing.afterEvent(event);
    if (isSampleEnd(event)) liveIds.delete(event.sampleId);
    if (event.type === "fault") liveIds.clear();
  });

  /** Loaded weights bring their own way of being sampled; by now the address has lost what was chosen for another network. */
  function asInAddress() {
    const { settings: now } = store.getState();
    if (now.a.network.kind !== "current") return;
    const a = { ...now.a, ...networkOwn(readParams("denoiseA")) };
    store.setState({ settings: { ...now, a } });
  }

  function cancel() {
    // Also those that are not seen, and what was drawn live and is no longer waited for.
    const sampleIds = underWay(store.getState()).map(({ sampleId }) => sampleId);
    for (const sampleId of new Set([...sampleIds, ...liveIds])) {
      client.send({ type: "cancelSample", sampleId });
    }
    store.setState(withCancelled);
    live.forget();
    liveIds.clear();
  }

  /** @returns the ids of what was not under way before */
  function send(asked: AskedSides, replace: typeof withRequests): string[] {
    const before = new Set(underWay(store.getState()).map(({ sampleId }) => sampleId));
    store.setState((state) => replace(state, asked, () => `denoise-${++numIds}`));
    const state = store.getState();
    const config = { ...appStore.getState().config, interpolationNoise: state.settings.level };
    const sent = underWay(state).filter(({ sampleId }) => !before.has(sampleId));
    for (const { sampleId, request } of sent) {
      client.send({ type: "sample", request: { sampleId, ...request }, config });
    }
    return sent.map(({ sampleId }) => sampleId);
  }

  /** They name what is drawn live and has not been answered. */
  const liveIds = new Set<string>();
  /** The processor computes one after the other. */
  const mostSent = () => {
    const { backend } = appStore.getState();
    const isOnCard = backend.status === "ready" && backend.report.backend === "webgpu";
    return isOnCard ? MOST_ON_A_CARD : 1;
  };
  const live = newestWins(mostSent, (asked: AskedSides) => {
    // What one waited for is no longer wanted.
    if (underWay(store.getState()).some(({ sampleId }) => !liveIds.has(sampleId))) cancel();
    const sampleIds = send(asked, withComing);
    for (const id of sampleIds) liveIds.add(id);
    const [first] = sampleIds;
    if (first) setTimeout(() => store.setState((state) => withComingShown(state, first)), SLOW_MS);
    return sampleIds;
  });
  const pointing = pointedDigit(
    (at, side) => {
      const app = appStore.getState();
      const { request } = requestsOf(store.getState(), app, { points: [at] }).asked[side] ?? {};
      if (!request) return null;
      const sampleId = `point-${++numIds}`;
      const ofOne = { sampleId, ...request, givesX0: false };
      client.send({ type: "sample", request: ofOne, config: app.config });
      return sampleId;
    },
    store,
    mostSent,
  );

  /** What was drawn live last. */
  let drawn: readonly unknown[] = [];
  let computed: { of: readonly unknown[]; requests: Requests } | null = null;

  /** What would be drawn now, or what is wrong: computed once for all that look at it. */
  function requests(app: Networks): Requests {
    const state = store.getState();
    const of = [state.settings, state.images, state.strokes, app];
    const isSame = computed?.of.every((value, i) => value === of[i]);
    if (!computed || !isSame) computed = { of, requests: requestsOf(state, app) };
    return computed.requests;
  }

  return {
    store,
    cancel,
    change: (changes: Partial<DenoiseSettings>) =>
      store.setState((state) => ({ settings: { ...state.settings, ...changes } })),
    changeSide: (side: Side, changes: Partial<SideSettings>) =>
      store.setState(({ settings }) => ({
        settings: { ...settings, [side]: { ...settings[side], ...changes } },
      })),
    requests,
    /** Draws what the settings ask for, in place of what is under way. */
    generate() {
      const { asked, errors, isLive } = requests(appStore.getState());
      if (Object.keys(errors).length > 0) return;
      if (isLive) live.want(asked);
      else {
        cancel();
        send(asked, withRequests);
      }
    },
    /**
     * Draws whatever is asked for as soon as that changes, while it is live.
     *
     * @param canSample whether anything can be drawn now
     * @returns ends it
     */
    follow(app: Networks, canSample: boolean): () => void {
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
    pointTo(point: DenoiseState["point"]) {
      store.setState({ point });
      pointing.want(point);
    },
    /** Brings images of the dataset into the gallery. */
    showImages: (indices: readonly number[]) => client.send({ type: "showImages", indices }),
  };
}

function isSampleEnd(
  event: WorkerEvent,
): event is Extract<WorkerEvent, { type: "sampleDone" | "sampleFailed" | "sampleCancelled" }> {
  return ["sampleDone", "sampleFailed", "sampleCancelled"].includes(event.type);
}

type Requests = ReturnType<typeof requestsOf>;
type AskedSides = Requests["asked"];

/** The settings with the pair that the seed chooses, where two images are to be mixed on the page. */
function withPair(settings: DenoiseSettings, app: Networks): DenoiseSettings {
  const { pair, mix } = settings;
  if (pair || mix === null) return settings;
  return { ...settings, pair: seedPair(settings.seed, app.dataset.current?.unseenLabels) };
}

/** The two images that the worker takes where none are chosen; null while there are no two, or no seed. */
export function seedPair(
  seedText: string,
  labels: Uint8Array | undefined,
): readonly [number, number] | null {
  const seed = parseWholeNumber(seedText, HYPERPARAMETERS.seed);
  return seed === null || !labels || labels.length < 2 ? null : randomPair(seed, labels);
}

/** Of the one that is sampled where none is chosen, what changes where it needs other digits: in training at each epoch. */
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
  state: Pick<DenoiseState, "settings" | "images" | "strokes">,
  app: Networks,
  options: { blank?: Uint8Array; points?: readonly PlanePoint[] } = {},
): ReturnType<typeof denoiseRequests> & { isLive: boolean } {
  const { images, strokes } = state;
  const { blank = null, ...points } = options;
  const settings = withPair(state.settings, app);
  const drawing = settings.start === "drawing" ? (drawingPixels(strokes) ?? blank) : null;
  const configs = {
    a: configOf(settings.a.network, app),
    b: configOf(settings.b.network, app),
  };
  const networks = shownSides(settings).map((side) => settings[side].network);
  const areDigits = drawDigits(networks, app);
  const areTrained = networks.every(({ kind }) => kind === "stored" || isTrained(app));
  // The worker may have to choose two of them.
  const hasImages = settings.start !== "pair" || app.dataset.current !== null;
  return {
    ...denoiseRequests(settings, { images, drawing, configs, areDigits, ...points }),
    isLive: areTrained && hasImages && takesFewSteps(settings, configs),
  };
}

/**
 * The digit at a point of the plane, which is shown once it is finished.
 *
 * @param send asks for it, and returns the id of its sample; null where a setting is wrong
 */
function pointedDigit(
  send: (at: PlanePoint, side: Side) => string | null,
  store: DenoiseStore,
  mostSent: () => number,
) {
  /** The newest frame of each that is not done. */
  const pixels = new Map<string, Uint8Array | null>();
  const newest = newestWins(mostSent, ({ side, at }: DenoiseState["point"]) => {
    const id = send(at, side);
    if (id === null) return [];
    pixels.set(id, null);
    return [id];
  });
  return {
    want: newest.want,
    afterEvent(event: WorkerEvent) {
      switch (event.type) {
        case "sampleFrame":
          if (pixels.has(event.sampleId)) pixels.set(event.sampleId, event.pixels);
          break;
        case "sampleDone": {
          const pointed = pixels.get(event.sampleId);
          if (!pointed) break;
          store.setState({ pointed });
          // What was asked for before this digit is no longer wanted.
          for (const id of pixels.keys()) {
            pixels.delete(id);
            if (id === event.sampleId) break;
          }
          break;
        }
        case "sampleFailed":
        case "sampleCancelled":
          pixels.delete(event.sampleId);
          break;
        case "fault":
          pixels.clear();
      }
      newest.afterEvent(event);
    },
  };
}
