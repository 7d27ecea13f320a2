/** What the denoising view can ask for; hears what the worker says. */
import type { RunConfig } from "../../../../engine/config/hyperparameters.ts";
import type { Client } from "../../../state/client/client.ts";
import { configOf, type Networks } from "../../../state/slices/sampledNetwork.ts";
import type { AppStore } from "../../../state/store.ts";
import {
  afterWorkerEvent,
  askedGenerations,
  createDenoiseStore,
  type DenoiseState,
  type DenoiseStore,
  isUnderWay,
  withCancelling,
  withRequests,
} from "./denoise.ts";
import { denoiseFromQuery } from "./denoiseAddress.ts";
import {
  type DenoiseSettings,
  denoiseRequests,
  type FieldErrors,
  type Side,
  shownSides,
} from "./denoiseSettings.ts";
import { drawingPixels } from "./drawing.ts";

export interface DenoiseSession {
  store: DenoiseStore;
  change(changes: Partial<DenoiseSettings>): void;
  /** Draws what the settings ask for, in place of what is under way. */
  generate(): void;
  cancel(): void;
  /** Brings images of the dataset into the gallery. */
  showImages(indices: readonly number[]): void;
}

const sessions = new WeakMap<Client, DenoiseSession>();

/** The one of this page: it stays when the view is left. */
export function denoiseSession(app: { store: AppStore; client: Client }): DenoiseSession {
  const session = sessions.get(app.client) ?? startSession(app);
  sessions.set(app.client, session);
  return session;
}

function startSession({ store: appStore, client }: { store: AppStore; client: Client }) {
  const settings = denoiseFromQuery(new URLSearchParams(globalThis.location?.search));
  const store = createDenoiseStore(settings);
  let numIds = 0;
  const followMotion = () => {
    const { isStill } = appStore.getState().samples;
    if (isStill !== store.getState().isStill) store.setState({ isStill });
  };
  followMotion();
  appStore.subscribe(followMotion);
  client.listen((event) => store.setState((state) => afterWorkerEvent(state, event)));

  const session: DenoiseSession = {
    store,
    change: (changes) =>
      store.setState((state) => ({ settings: { ...state.settings, ...changes } })),
    generate() {
      session.cancel();
      const [state, app] = [store.getState(), appStore.getState()];
      const { requests } = requestsOf(state, app);
      const configs = configsOf(state, app);
      const asked: Parameters<typeof withRequests>[1] = {};
      for (const side of shownSides(state.settings)) {
        const [request, config] = [requests[side], configs[side]];
        if (!request || !config) return;
        const sampleId = `denoise-${++numIds}`;
        const noising = { ...config, interpolationNoise: state.settings.level };
        asked[side] = { sampleId, request, numTimesteps: config.timesteps, noising };
      }
      store.setState((current) => withRequests(current, asked));
      const config = { ...app.config, interpolationNoise: state.settings.level };
      for (const { sampleId, request } of Object.values(asked)) {
        client.send({ type: "sample", request: { sampleId, ...request }, config });
      }
    },
    cancel() {
      store.setState(withCancelling);
      // Also those that are not seen.
      for (const { sampleId } of askedGenerations(store.getState()).filter(isUnderWay)) {
        client.send({ type: "cancelSample", sampleId });
      }
    },
    showImages: (indices) => client.send({ type: "showImages", indices }),
  };
  return session;
}

/**
 * What would be drawn now, or what is wrong.
 *
 * @param blank what stands for a drawing while nothing is drawn; null where one has to draw first
 */
export function requestsOf(
  state: Pick<DenoiseState, "settings" | "images" | "strokes">,
  app: Networks,
  blank: Uint8Array | null = null,
): ReturnType<typeof denoiseRequests> & { errors: FieldErrors } {
  const { settings, images, strokes } = state;
  const drawing = settings.start === "drawing" ? (drawingPixels(strokes) ?? blank) : null;
  return denoiseRequests(settings, { images, drawing, configs: configsOf(state, app) });
}

function configsOf(
  { settings }: Pick<DenoiseState, "settings">,
  app: Networks,
): Record<Side, RunConfig | null> {
  return { a: configOf(settings.a.network, app), b: configOf(settings.b.network, app) };
}
