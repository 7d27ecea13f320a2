import { Button } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import type { BenchmarkFigures } from "../bench/figures.ts";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import { GaugeIcon } from "./icons.tsx";
import classes from "./TopBar.module.css";

// Few ask for it, and it would make the page's first load longer for all.
const BenchmarkDialog = lazy(() => import("./BenchmarkDialog.tsx"));

export function BenchmarkButton() {
  const [isOpen, setIsOpen] = useState(false);
  /** The last ones, for when it is opened again. */
  const [figures, setFigures] = useState<BenchmarkFigures | null>(null);
  return (
    <>
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        className={classes.tool ?? ""}
        leftSection={<GaugeIcon />}
        title="Benchmark this device"
        aria-label="Benchmark this device"
        aria-haspopup="dialog"
        onClick={() => setIsOpen(true)}
      >
        <span className={classes.toolWords}>Benchmark</span>
      </Button>
      {isOpen && (
        <ErrorBoundary part="The benchmark">
          <Suspense fallback={null}>
            <BenchmarkDialog
              figures={figures}
              onFigures={setFigures}
              onClose={() => setIsOpen(false)}
            />
          </Suspense>
        </ErrorBoundary>
      )}
    </>
  );
}
