/** Sends what the denoising view asks for to the worker, and takes its events. */

import { configOf, drawDigits, type Networks } from "../../../shared/network/chosenNetwork.ts";
import type { Client } from "../../../state/client/client.ts";

import type { AppStore } from "../../../state/store.ts";
import {
  afterWorkerEvent,
  askedGenerations,
  createDenoiseStore,
  type DenoiseState,
  isUnderWay,
  withCancelled,
  withRequests,
} from "./denoise.ts";
import { denoiseFromQuery } from "./denoiseAddress.ts";
import { type DenoiseSettings, denoiseRequests, shownSides } from "./denoiseSettings.ts";
import { drawingPixels } from "./drawing.ts";

export type DenoiseSession = ReturnType<typeof startSession>;

const sessions = new WeakMap<Client, DenoiseSession>();

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

  function cancel() {
    // Also those that are not seen.
    for (const { sampleId } of askedGenerations(store.getState()).filter(isUnderWay)) {
      client.send({ type: "cancelSample", sampleId });
    }
    store.setState(withCancelled);
  }

  return {
    store,
    cancel,
    change: (changes: Partial<DenoiseSettings>) =>
      store.setState((state) => ({ settings: { ...state.settings, ...changes } })),
    /** Draws what the settings ask for, in place of what is under way. */
    generate() {
      cancel();
      const [state, app] = [store.getState(), appStore.getState()];
      const { asked, errors } = requestsOf(state, app);
      if (Object.keys(errors).length > 0) return;
      store.setState((current) => withRequests(current, asked, () => `denoise-${++numIds}`));
      const config = { ...app.config, interpolationNoise: state.settings.level };
      for (const { sampleId, request } of askedGenerations(store.getState())) {
        client.send({ type: "sample", request: { sampleId, ...request }, config });
      }
    },
    /** Brings images of the dataset into the gallery. */
    showImages: (indices: readonly number[]) => client.send({ type: "showImages", indices }),
  };
}

/**
 * What would be drawn now, or what is wrong.
 *
 * @param blank used as the drawing while nothing is drawn; null where that is an error
 */
export function requestsOf(
  state: Pick<DenoiseState, "settings" | "images" | "strokes">,
  app: Networks,
  blank: Uint8Array | null = null,
): ReturnType<typeof denoiseRequests> {
  const { settings, images, strokes } = state;
  const drawing = settings.start === "drawing" ? (drawingPixels(strokes) ?? blank) : null;
  const configs = {
    a: configOf(settings.a.network, app),
    b: configOf(settings.b.network, app),
  };
  const networks = shownSides(settings).map((side) => settings[side].network);
  const areDigits = drawDigits(networks, app);
  return denoiseRequests(settings, { images, drawing, configs, areDigits });
}
