import { MantineProvider } from "@mantine/core";
import { Activity, lazy, Suspense, useMemo } from "react";
import type { Client } from "../store/client.ts";
import { showsFirstSteps } from "../store/firstSteps.ts";
import type { AppStore } from "../store/store.ts";
import { AppContext, useAppState } from "./AppContext.ts";
import "./mantine.css";
import "./base.css";
import { useEffect } from "react";
import { hasUnsaved, isActive } from "../store/run.ts";
import { useApp } from "./AppContext.ts";
import classes from "./app.module.css";
import { Banners } from "./Banners.tsx";
import { DatasetStatus } from "./DatasetStatus.tsx";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import { FileDrop } from "./FileDrop.tsx";
import { LossPanel } from "./LossPanel.tsx";
import { LAB_VIEWS } from "./labViews.ts";
import { Notices } from "./Notices.tsx";
import { SamplePanel } from "./SamplePanel.tsx";
import { Settings } from "./Settings.tsx";
import { TopBar } from "./TopBar.tsx";
import { TrainControls } from "./TrainControls.tsx";
import { theme } from "./theme.ts";
import { WeightsStatus } from "./WeightsStatus.tsx";

/** Of the lab, which is loaded when it is gone to. */
const RunStrip = lazy(() => import("./RunStrip.tsx"));
/** Of a first visit. */
const FirstSteps = lazy(() => import("./explain/FirstSteps.tsx"));

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
  const Lab = LAB_VIEWS[view];
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
