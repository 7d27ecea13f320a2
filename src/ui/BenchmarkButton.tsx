import { lazy, useState } from "react";
import type { BenchmarkFigures } from "../bench/figures.ts";
import { ErrorBoundary } from "./ErrorBoundary.tsx";
import { GaugeIcon } from "./icons.tsx";
import { ToolButton } from "./ToolButton.tsx";

// Few ask for it, and it would make the page's first load longer for all.
const BenchmarkDialog = lazy(() => import("./BenchmarkDialog.tsx"));

export function BenchmarkButton() {
  const [isOpen, setIsOpen] = useState(false);
  /** The last ones, for when it is opened again. */
  const [figures, setFigures] = useState<BenchmarkFigures | null>(null);
  return (
    <>
      <ToolButton
        icon={<GaugeIcon />}
        words="Benchmark"
        title="Benchmark this device"
        aria-label="Benchmark this device"
        aria-haspopup="dialog"
        onClick={() => setIsOpen(true)}
      />
      {isOpen && (
        <ErrorBoundary part="The benchmark">
          <BenchmarkDialog
            figures={figures}
            onFigures={setFigures}
            onClose={() => setIsOpen(false)}
          />
        </ErrorBoundary>
      )}
    </>
  );
}
