import { Box, Button } from "@mantine/core";
import { lazy, useId } from "react";
import type { BackendReport } from "../../runtime/run/events.ts";
import { useAppState } from "../shared/AppContext.ts";
import { Popup } from "../shared/parts/Popup.tsx";
import { readParams } from "../state/address.ts";
import type { BackendState } from "../state/state.ts";
import { formatBackend } from "./backend.ts";
import classes from "./TopBar.module.css";

// It would make the page's first load longer.
const BackendText = lazy(() => import("./BackendText.tsx"));

/** What the page computes on, why, and the choice of another. */
export function BackendChoice() {
  const backend = useAppState((state) => state.backend);
  const id = useId();
  const { name, device } = formatBackend(backend);
  return (
    <>
      <Button
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
        <BackendText />
      </Popup>
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
