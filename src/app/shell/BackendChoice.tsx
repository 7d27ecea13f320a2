import { Button, SegmentedControl, Stack, Text } from "@mantine/core";
import { useId } from "react";
import type { BackendReport } from "../../runtime/run/events.ts";
import { useAppState } from "../shared/AppContext.ts";
import { Popup } from "../shared/parts/Popup.tsx";
import classes from "../shared/parts/TopBar.module.css";
import {
  addressQuery,
  BACKEND_CHOICES,
  backendFromQuery,
  reloadWithBackend,
} from "../state/address.ts";
import { isActive } from "../state/slices/run.ts";
import type { BackendState } from "../state/state.ts";

const CHOICE_LABELS = { auto: "Auto", webgpu: "WebGPU", wasm: "WebAssembly" };
const BACKEND_NAMES = { webgpu: "WebGPU", wasm: "WebAssembly" };

/** What the page computes on, why, and the choice of another. */
export function BackendChoice() {
  const backend = useAppState((state) => state.backend);
  const isRunActive = useAppState((state) => isActive(state.run));
  const id = useId();
  const chosen = backendFromQuery(addressQuery());
  return (
    <>
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        classNames={{ root: classes.backend ?? "", label: classes.backendLabel ?? "" }}
        leftSection={<span className={classes.dot} style={{ background: dotColor(backend) }} />}
        popoverTarget={id}
      >
        <BackendName backend={backend} />
      </Button>
      <Popup id={id} align="end">
        <Stack gap="xs">
          <Explanation backend={backend} />
          <SegmentedControl
            fullWidth
            size="xs"
            aria-label="Backend"
            data={BACKEND_CHOICES.map((value) => ({ value, label: CHOICE_LABELS[value] }))}
            value={chosen}
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

function Explanation({ backend }: { backend: BackendState }) {
  if (backend.status === "starting") return <Text size="sm">Looking for a graphics card…</Text>;
  if (backend.status === "failed") return <Text size="sm">{backend.message}</Text>;
  const { report } = backend;
  return (
    <Stack gap={4}>
      <Text size="sm" fw={600}>
        <BackendName backend={backend} />
      </Text>
      <Text size="sm">{report.reason ?? "The fastest backend in this browser."}</Text>
      {report.advice && <Text size="sm">{report.advice}</Text>}
    </Stack>
  );
}

function BackendName({ backend }: { backend: BackendState }) {
  if (backend.status === "starting") return "Starting…";
  if (backend.status === "failed") return "No backend";
  const name = BACKEND_NAMES[backend.report.backend];
  // A device such as "WebAssembly SIMD, 2 threads" begins with the name.
  const device = backend.report.device.replace(name, "").trim();
  return (
    <>
      <span>{name}</span> <span>{device}</span>
    </>
  );
}

function dotColor(backend: BackendState): string {
  if (backend.status === "starting") return "var(--mantine-color-dimmed)";
  if (backend.status === "failed") return "var(--mantine-color-red-6)";
  const isGood = backend.report.reason === null || isAsChosen(backend.report);
  return isGood ? "var(--good)" : "var(--warning)";
}

/** Whether the person chose WebAssembly, and nothing more is to be said than that. */
export function isAsChosen({ backend, advice }: BackendReport): boolean {
  return backend === "wasm" && advice === null && backendFromQuery(addressQuery()) === "wasm";
}
