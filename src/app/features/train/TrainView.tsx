import type { RefCallback } from "react";
import { useAppState } from "../../shared/AppContext.ts";
import { ErrorBoundary } from "../../shared/parts/ErrorBoundary.tsx";
import { isActive } from "../../state/slices/run.ts";
import { isOpeningAddressed } from "../../state/slices/storedRuns.ts";
import { DatasetStatus } from "./dataset/DatasetStatus.tsx";
import { LossPanel } from "./LossPanel.tsx";
import { RunProgress } from "./RunProgress.tsx";
import { SamplePanel } from "./samples/SamplePanel.tsx";
import { Settings } from "./settings/Settings.tsx";
import { StoredRunCard } from "./TrainControls.tsx";
import classes from "./TrainView.module.css";
import { WeightsStatus } from "./weights/WeightsStatus.tsx";

/**
 * Everything for training, on one screen: the digits with the Train button below them (`SamplePanel.tsx`), which never move
 * or change size, and beside them the settings, how far the run is, and its loss.
 */
export function TrainView({ keepFocus }: { keepFocus: RefCallback<HTMLElement> }) {
  const config = useAppState((state) => state.config);
  // Room is kept for the run of the address.
  const hasRun = useAppState((state) => state.run !== null || isOpeningAddressed(state));
  const isActiveRun = useAppState(({ run }) => isActive(run));
  return (
    <main ref={keepFocus} tabIndex={-1} className={classes.main}>
      {/* `reading-flow` must not stand on the element with a tabindex of -1: Chromium would skip all within. */}
      <div className={classes.parts}>
        <div className={classes.digits}>
          <ErrorBoundary part="The digits" resetKey={config}>
            <SamplePanel />
          </ErrorBoundary>
        </div>
        <div className={`column ${classes.side}`}>
          <StoredRunCard />
          <RunProgress />
          {hasRun && (
            <div className={classes.loss}>
              <ErrorBoundary part="The loss" resetKey={config}>
                <LossPanel />
              </ErrorBoundary>
            </div>
          )}
          <ErrorBoundary part="The form" resetKey={config}>
            <Settings />
          </ErrorBoundary>
          <DatasetStatus />
          {!isActiveRun && <WeightsStatus />}
        </div>
      </div>
    </main>
  );
}
