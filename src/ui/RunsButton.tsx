import { lazy } from "react";
import { withoutSource } from "../store/notices.ts";
import { hideList, showList } from "../store/storedRuns.ts";
import { useApp, useAppState } from "./AppContext.ts";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import { ListIcon } from "./icons.tsx";
import { ToolButton } from "./ToolButton.tsx";
import classes from "./TopBar.module.css";

// It would make the page's first load longer.
const RunsDialog = lazy(() => import("./RunsDialog.tsx"));

export function RunsButton() {
  const { store } = useApp();
  const isShown = useAppState(({ stored }) => stored.isListShown);
  const numRuns = useAppState(({ stored }) => stored.runs?.length ?? 0);
  const show = () => store.setState(({ stored }) => ({ stored: showList(stored) }));
  const hide = () =>
    store.setState(({ stored, notices }) => ({
      stored: hideList(stored),
      // Of a file that was no run it was said in the list.
      notices: withoutSource(notices, "weights"),
    }));
  return (
    <>
      <ToolButton
        icon={<ListIcon />}
        words="Runs"
        title="Runs that are kept in this browser"
        aria-haspopup="dialog"
        onClick={show}
      >
        {numRuns > 0 && <span className={classes.number}>{numRuns}</span>}
      </ToolButton>
      {isShown && (
        <ErrorBoundary part="The list of runs">
          <RunsDialog onClose={hide} />
        </ErrorBoundary>
      )}
    </>
  );
}
