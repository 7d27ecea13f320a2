import { Box, Button } from "@mantine/core";
import { lazy, useId, useRef, useState } from "react";
import type { BackendReport } from "../../runtime/run/events.ts";
import type { BenchmarkFigures } from "../features/benchmark/figures.ts";
import { useAppState } from "../shared/AppContext.ts";
import { ErrorBoundary } from "../shared/parts/ErrorBoundary.tsx";
import { Popup } from "../shared/parts/Popup.tsx";
import { readParams } from "../state/address.ts";
import type { BackendState } from "../state/state.ts";
import { formatBackend } from "./backend.ts";
import classes from "./TopBar.module.css";

// They would make the page's first load longer.
const BenchmarkDialog = lazy(() => import("../features/benchmark/BenchmarkDialog.tsx"));
const BackendText = lazy(() => import("./BackendText.tsx"));

/** What the page computes on, why, and the choice of another. */
export function BackendChoice() {
  const backend = useAppState((state) => state.backend);
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const [isMeasuring, setIsMeasuring] = useState(false);
  /** The figures of the last benchmark are shown when it is opened again. */
  const [figures, setFigures] = useState<BenchmarkFigures | null>(null);
  const close = () => {
    setIsMeasuring(false);
    // What opened it stands in the popup, which is closed.
    button.current?.focus();
  };
  const { name, device } = formatBackend(backend);
  return (
    <>
      <Button
        ref={button}
        variant="subtle"
        color="gray"
        size="compact-sm"
        classNames={{ root: classes.backend ?? "", label: classes.backendLabel ?? "" }}
        leftSection={<Box w={8} h={8} bdrs="50%" bg={dotColor(backend)} />}
        popoverTarget={id}
      >
        <span>{name}</span> <span>{device}</span>
      </Button>
      <Popup id={id} align="end" part="The text">
        <BackendText popupId={id} onMeasure={() => setIsMeasuring(true)} />
      </Popup>
      {isMeasuring && (
        <ErrorBoundary part="The benchmark" onClose={close}>
          <BenchmarkDialog figures={figures} onFigures={setFigures} onClose={close} />
        </ErrorBoundary>
      )}
    </>
  );
}

function dotColor(backend: BackendState): string {
  if (backend.status === "starting") return "dimmed";
  if (backend.status === "failed") return "red.6";
  const isGood = backend.report.reason === null || isAsChosen(backend.report);
  return isGood ? "var(--good)" : "var(--warning)";
}

/** Whether the person chose WebAssembly, and there is no further advice. */
export function isAsChosen({ backend, advice }: BackendReport): boolean {
  return backend === "wasm" && advice === null && readParams("page").backend === "wasm";
}
