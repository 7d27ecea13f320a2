import { StrictMode, startTransition } from "react";
import { createRoot } from "react-dom/client";
import { datasetEntry } from "../engine/data/datasets.ts";
import { areFirstStepsDue } from "./features/train/FirstStep.tsx";
import { titleWords } from "./features/train/statusWords.ts";
import { rememberRuns, rememberUnsaved } from "./features/train/storedBefore.ts";
import { App } from "./shell/App.tsx";
import { keepOnDevice } from "./shell/newVersion.ts";
import { themeSheet } from "./shell/theme/theme.ts";
import {
  addressQuery,
  atRest,
  goToView,
  readParams,
  rewriteAddress,
  viewGoneTo,
  withLoaded,
  withParams,
  withSettings,
  writeParams,
} from "./state/address.ts";
import {
  holdOffFreezing,
  keepScreenAwake,
  saveWhenHidden,
  tellOfFreezing,
} from "./state/client/background.ts";
import { connect } from "./state/client/client.ts";
import { startWorker } from "./state/client/workers.ts";
import { noticed, withoutSource } from "./state/slices/notices.ts";
import { runOfAddress } from "./state/slices/storedRuns.ts";
import { shownForm } from "./state/state.ts";
import { createAppStore } from "./state/store.ts";
import { isTrainedModel } from "./state/trainedModels.ts";

const query = addressQuery();
const store = createAppStore(query);
if (areFirstStepsDue()) store.setState({ firstStep: 0 });
const client = connect(startWorker, store, readParams("page", query).backend);
void client.loadFirstImages(readParams("page", query).images);
saveWhenHidden(client);
tellOfFreezing(store);
holdOffFreezing(store);
keepScreenAwake(store);
// So that a link or a reload brings them back.
store.subscribe((state, before) => {
  const { preset, config } = shownForm(state);
  const shown = shownForm(before);
  if (preset === shown.preset && config === shown.config) return;
  rewriteAddress((written) => withSettings(written, preset, config));
});
store.subscribe((state) => {
  const runId = runOfAddress(state);
  if (runId !== readParams("page").runId) writeParams("page", { runId });
});
store.subscribe(({ dataset: { current } }, before) => {
  if (!current || current === before.dataset.current) return;
  writeParams("page", { images: datasetEntry(current).bundled ? null : current.checksum });
});
store.subscribe((state, before) => {
  if (state.stored !== before.stored || state.run?.status !== before.run?.status)
    rememberRuns(state);
  if (state.run !== before.run) rememberUnsaved(state);
});
// For whoever looks at another tab while a run trains.
const { title } = document;
const tellInTitle = () => {
  document.title = titleWords(store.getState(), title);
};
tellInTitle();
store.subscribe(({ run, view }, before) => {
  if (run !== before.run || view !== before.view) tellInTitle();
});

// Most addresses have nothing to check.
if (String(query)) {
  import("./state/unknownInAddress.ts").then(({ unknownInAddress }) => {
    const { message, ignored } = unknownInAddress(query);
    if (message === null) return;
    rewriteAddress((written) => {
      return new URLSearchParams([...written].filter(([key]) => !ignored.includes(key)));
    });
    store.setState((state) => noticed(state, "Part of this address was not understood", message));
  });
}
// A trained model comes back too, where no run does, with the settings as they were left.
const model = query.get("model");
if (query.has("run")) writeParams("page", { model: null });
else if (model !== null && isTrainedModel(model)) {
  client.loadTrainedModel(model, query.has("preset"));
}
store.subscribe(({ weights: { loaded } }, before) => {
  if (loaded === before.weights.loaded) return;
  rewriteAddress((written) => withLoaded(written, loaded?.fileName ?? null));
});

const reducedMotion = window.matchMedia("(prefers-reduced-motion: reduce)");
const followMotion = () =>
  store.setState(({ samples }) => ({ samples: { ...samples, isStill: reducedMotion.matches } }));
followMotion();
reducedMotion.addEventListener("change", followMotion);

const writing = atRest(() => {
  const { charts, cursor } = store.getState();
  rewriteAddress((written) =>
    withParams(withParams(written, "charts", charts), "page", { heldStep: cursor.held }),
  );
});
store.subscribe(({ charts, cursor }, before) => {
  if (charts !== before.charts || cursor.held !== before.cursor.held) writing.soon();
});

store.subscribe(({ view, notices, stored }, before) => {
  if (view === before.view) return;
  // A link has written it already, a file that brings a run has not.
  if (readParams("page").view !== view) goToView(view);
  // Whoever leaves the form has read what was put into it, and in the list that a file was no run.
  if (before.view === "train" || before.view === "plane")
    store.setState({ notices: withoutSource(notices, "form") });
  if (before.view === "runs")
    store.setState({
      notices: withoutSource(notices, "weights"),
      stored: { ...stored, importedId: null },
    });
});

window.addEventListener("popstate", () => {
  store.setState({ view: viewGoneTo() });
});

// What it downloads can wait for what a first visit needs at once. The dev server has none.
if (import.meta.env.PROD) {
  if (navigator.serviceWorker?.controller) keepOnDevice(store);
  else {
    const stop = store.subscribe(({ backend, dataset }) => {
      if (backend.status === "starting" || dataset.loading) return;
      stop();
      keepOnDevice(store);
    });
  }
}

document.adoptedStyleSheets.push(themeSheet());
const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root.");
// A transition, so that the first rendering, too, is cut into short pieces.
startTransition(() => {
  createRoot(root).render(
    <StrictMode>
      <App store={store} client={client} />
    </StrictMode>,
  );
});
