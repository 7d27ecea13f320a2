import { MantineProvider } from "@mantine/core";
import { useWindowEvent } from "@mantine/hooks";
import { Activity, lazy, type RefCallback, Suspense, useMemo } from "react";
import "./theme/mantine.css";
import "./theme/colors.css";
import "./theme/base.css";
import { FileDrop } from "../features/train/dataset/FileDrop.tsx";
import { TrainView } from "../features/train/TrainView.tsx";
import { AppContext, appHandle, useApp, useAppState } from "../shared/AppContext.ts";
import { ErrorBoundary } from "../shared/parts/ErrorBoundary.tsx";
import { Notices } from "../shared/parts/Notices.tsx";
import { TextScale } from "../shared/plot/textScale.ts";
import type { Page as PageHandle } from "../state/actions.ts";
import { goesOn, hasUnsaved } from "../state/slices/run.ts";
import type { ViewName } from "../state/slices/view.ts";
import classes from "./app.module.css";
import { Banners } from "./Banners.tsx";
import { ExampleNote, useExampleRun } from "./ExampleNote.tsx";
import { Presenter, usePresentedScale, usePresenting } from "./Presenter.tsx";
import { PlaceTabs, TopBar } from "./TopBar.tsx";
import { theme } from "./theme/theme.ts";

/** The views of the lab. Each is loaded when it is opened, to keep the page's first load short. */
const LAB_VIEWS = {
  denoise: lazy(() => import("../features/draw/DrawView.tsx")),
  evolution: lazy(() => import("../features/results/evolution/EvolutionView.tsx")),
  charts: lazy(() => import("../features/results/charts/ChartsView.tsx")),
  runs: lazy(() => import("../features/runs/RunsView.tsx")),
  compare: lazy(() => import("../features/runs/compare/CompareView.tsx")),
  sweep: lazy(() => import("../features/runs/sweep/SweepView.tsx")),
  quality: lazy(() => import("../features/results/quality/QualityView.tsx")),
  model: lazy(() => import("../features/model/ModelView.tsx")),
  plane: lazy(() => import("../features/plane/PlaneView.tsx")),
  lessons: lazy(() => import("../features/lessons/LessonsView.tsx")),
} satisfies Record<Exclude<ViewName, "train">, unknown>;
const RunStrip = lazy(() => import("../features/train/RunStrip.tsx"));
const ImagesDialog = lazy(() => import("../features/train/dataset/ImagesDialog.tsx"));
const DistilDialog = lazy(() => import("../features/distil/DistilDialog.tsx"));

export function App({ store, client }: PageHandle) {
  const app = useMemo(() => appHandle(store, client), [store, client]);
  const isPresenting = usePresenting();
  const textScale = usePresentedScale();
  return (
    <ErrorBoundary part="The page">
      <MantineProvider
        theme={theme}
        defaultColorScheme="auto"
        {...(isPresenting && { forceColorScheme: "dark" })}
        // Both would be style elements: see themeSheet(). The page has no use for the second.
        withCssVariables={false}
        withGlobalClasses={false}
      >
        <AppContext value={app}>
          <TextScale value={textScale}>
            <Page />
          </TextScale>
          <FileDrop />
        </AppContext>
      </MantineProvider>
    </ErrorBoundary>
  );
}

function Page() {
  useLeaveGuard();
  const view = useAppState((state) => state.view);
  const config = useAppState((state) => state.config);
  const teacher = useAppState(({ weights }) => weights.teacher);
  const importing = useAppState((state) => state.importing);
  const Lab = view === "train" ? null : LAB_VIEWS[view];
  const keepFocus = useMemo(focusKeeper, []);
  const example = useExampleRun(view);
  const app = useApp();
  const isPresenting = usePresenting();
  return (
    <div className={`column ${classes.page}`}>
      {isPresenting ? (
        <Presenter />
      ) : (
        <>
          <TopBar />
          <Banners />
          <Notices />
        </>
      )}
      {teacher && (
        <ErrorBoundary part="The form">
          <DistilDialog teacher={teacher} />
        </ErrorBoundary>
      )}
      {importing && (
        <ErrorBoundary part="The form">
          <Suspense fallback={null}>
            <ImagesDialog sources={importing} />
          </Suspense>
        </ErrorBoundary>
      )}
      <Activity mode={view === "train" ? "visible" : "hidden"}>
        <TrainView keepFocus={keepFocus} />
      </Activity>
      {Lab && (
        <Suspense fallback={null}>
          {!isPresenting && (
            <div className={`row ${classes.head}`}>
              <PlaceTabs />
              <RunStrip />
              {example && <ExampleNote />}
            </div>
          )}
          <main key={view} ref={keepFocus} tabIndex={-1} className={classes.lab}>
            <ErrorBoundary key={view} part="The view" resetKey={config}>
              <AppContext key={example ? "example" : "own"} value={example ?? app}>
                <Lab />
              </AppContext>
            </ErrorBoundary>
          </main>
        </Suspense>
      )}
    </div>
  );
}

/**
 * Makes a `ref` for all views. Where the focus was in the view that the person leaves, the next one gets it, rather than
 * the top of the page, unless it is elsewhere by then.
 */
function focusKeeper(): RefCallback<HTMLElement> {
  let isFocusLost = false;
  return (main) => {
    if (isFocusLost && document.activeElement === document.body) {
      main?.focus({ preventScroll: true });
    }
    isFocusLost = false;
    return () => {
      isFocusLost = main?.contains(document.activeElement) ?? false;
    };
  };
}

/** The browser asks before it closes or leaves the page when a run would be lost, or its weights. */
function useLeaveGuard(): void {
  const { store } = useApp();
  useWindowEvent("beforeunload", (event) => {
    const { run, newVersion } = store.getState();
    // Before the click that starts a new version, the page has warned already.
    if (newVersion === "starting") return;
    if (goesOn(run) || hasUnsaved(run)) event.preventDefault();
  });
}
