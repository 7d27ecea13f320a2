import { MantineProvider } from "@mantine/core";
import { Activity, lazy, Suspense, useMemo } from "react";
import { showsFirstSteps } from "../features/explain/firstStepsState.ts";
import { AppContext, useAppState } from "../shared/AppContext.ts";
import type { Client } from "../state/client/client.ts";
import type { AppStore } from "../state/store.ts";
import "./theme/mantine.css";
import "./theme/colors.css";
import "./theme/base.css";
import { useEffect } from "react";
import { DatasetStatus } from "../features/dataset/DatasetStatus.tsx";
import { FileDrop } from "../features/dataset/FileDrop.tsx";
import { SamplePanel } from "../features/samples/SamplePanel.tsx";
import { Settings } from "../features/settings/Settings.tsx";
import { LossPanel } from "../features/training/LossPanel.tsx";
import { TrainControls } from "../features/training/TrainControls.tsx";
import { WeightsStatus } from "../features/weights/WeightsStatus.tsx";
import { useApp } from "../shared/AppContext.ts";
import { ErrorBoundary } from "../shared/parts/ErrorBoundary.tsx";
import { Notices } from "../shared/parts/Notices.tsx";
import { hasUnsaved, isActive } from "../state/slices/run.ts";
import classes from "./app.module.css";
import { Banners } from "./Banners.tsx";
import { LAB_VIEWS } from "./labViews.ts";
import { TopBar } from "./TopBar.tsx";
import { theme } from "./theme/theme.ts";

/** Of the lab, which is loaded when it is gone to. */
const RunStrip = lazy(() => import("../features/training/RunStrip.tsx"));
/** Of a first visit. */
const FirstSteps = lazy(() => import("../features/explain/FirstSteps.tsx"));

export function App({ store, client }: { store: AppStore; client: Client }) {
  const app = useMemo(() => ({ store, client }), [store, client]);
  return (
    <ErrorBoundary part="The page">
      <MantineProvider
        theme={theme}
        defaultColorScheme="auto"
        // Both would be style elements: see themeSheet.ts. The page has no use for the second.
        withCssVariables={false}
        withGlobalClasses={false}
      >
        <AppContext value={app}>
          <Page />
          <Notices />
          <FileDrop />
        </AppContext>
      </MantineProvider>
    </ErrorBoundary>
  );
}

function Page() {
  useLeaveGuard();
  const view = useAppState((state) => state.view);
  const hasFirstSteps = useAppState(showsFirstSteps);
  const Lab = view === "train" ? null : LAB_VIEWS[view].View;
  return (
    <div className={`column ${classes.page}`}>
      <TopBar />
      {hasFirstSteps && (
        <div className={classes.firstSteps}>
          <ErrorBoundary part="The first steps">
            <FirstSteps />
          </ErrorBoundary>
        </div>
      )}
      <Banners />
      <Activity mode={view === "train" ? "visible" : "hidden"}>
        <TrainView />
      </Activity>
      {Lab && (
        <Suspense fallback={null}>
          <RunStrip />
          <main className={classes.lab}>
            <ErrorBoundary key={view} part="The view">
              <Lab />
            </ErrorBoundary>
          </main>
        </Suspense>
      )}
    </div>
  );
}

/** All that training needs, on one screen. */
function TrainView() {
  return (
    <main className={classes.main}>
      <div className={`column ${classes.train}`}>
        <TrainControls />
        <DatasetStatus />
        <div data-first-step="weights">
          <WeightsStatus />
        </div>
      </div>
      <div className={classes.settings}>
        <ErrorBoundary part="The form">
          <Settings />
        </ErrorBoundary>
      </div>
      <div className={classes.chart} data-first-step="loss">
        <ErrorBoundary part="The loss">
          <LossPanel />
        </ErrorBoundary>
      </div>
      <div className={classes.digits} data-first-step="digits">
        <ErrorBoundary part="The digits">
          <SamplePanel />
        </ErrorBoundary>
      </div>
    </main>
  );
}

/** The browser asks before it closes or leaves the page when a run would be lost, or its weights. */
function useLeaveGuard(): void {
  const { store } = useApp();
  useEffect(() => {
    const onBeforeUnload = (event: BeforeUnloadEvent) => {
      const { run, newVersion } = store.getState();
      // It was said before the click that starts a new version.
      if (newVersion === "starting") return;
      if (isActive(run) || hasUnsaved(run)) event.preventDefault();
    };
    window.addEventListener("beforeunload", onBeforeUnload);
    return () => window.removeEventListener("beforeunload", onBeforeUnload);
  }, [store]);
}
