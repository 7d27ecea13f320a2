import { Box, Button, SegmentedControl, Stack, Text } from "@mantine/core";
import { useId } from "react";
import type { BackendReport } from "../../runtime/run/events.ts";
import { useAppState } from "../shared/AppContext.ts";
import { Popup } from "../shared/parts/Popup.tsx";
import {
  addressQuery,
  BACKEND_CHOICES,
  backendFromQuery,
  reloadWithBackend,
} from "../state/address.ts";
import { isActive } from "../state/slices/run.ts";
import type { BackendState } from "../state/state.ts";
import classes from "./TopBar.module.css";
import { backendReasons, backendWords } from "./text.ts";

const CHOICE_LABELS = { auto: "Auto", webgpu: "WebGPU", wasm: "WebAssembly" };

/** What the page computes on, why, and the choice of another. */
export function BackendChoice() {
  const backend = useAppState((state) => state.backend);
  const isRunActive = useAppState((state) => isActive(state.run));
  const id = useId();
  const { name, device } = backendWords(backend);
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
      <Popup id={id} align="end">
        <Stack gap="xs">
          {backend.status === "ready" && (
            <Text size="sm" fw={600}>
              {name} {device}
            </Text>
          )}
          {backendReasons(backend).map((reason) => (
            <Text key={reason} size="sm">
              {reason}
            </Text>
          ))}
          <SegmentedControl
            fullWidth
            size="xs"
            aria-label="Backend"
            data={BACKEND_CHOICES.map((value) => ({ value, label: CHOICE_LABELS[value] }))}
            value={backendFromQuery(addressQuery())}
            disabled={isRunActive}
            onChange={reloadWithBackend}
          />
          <Text size="xs" c="dimmed">
            {isRunActive
              ? "Stop the run to change the backend."
              : "Changing this reloads the page."}
          </Text>
        </Stack>
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
  return backend === "wasm" && advice === null && backendFromQuery(addressQuery()) === "wasm";
}
