import { SegmentedControl, Stack, Text } from "@mantine/core";
import { useAppState } from "../shared/AppContext.ts";
import {
  addressQuery,
  BACKEND_CHOICES,
  backendFromQuery,
  reloadWithBackend,
} from "../state/address.ts";
import { isActive } from "../state/slices/run.ts";
import type { BackendState } from "../state/state.ts";
import { backendWords } from "./text.ts";

const CHOICE_LABELS = { auto: "Auto", webgpu: "WebGPU", wasm: "WebAssembly" };

/** What the page computes on, why, and the choice of another. */
export default function BackendText() {
  const backend = useAppState((state) => state.backend);
  const isRunActive = useAppState((state) => isActive(state.run));
  const { name, device } = backendWords(backend);
  return (
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
        aria-label="Backend"
        data={BACKEND_CHOICES.map((value) => ({ value, label: CHOICE_LABELS[value] }))}
        value={backendFromQuery(addressQuery())}
        disabled={isRunActive}
        onChange={reloadWithBackend}
      />
      <Text size="xs" c="dimmed">
        {isRunActive ? "Stop the run to change the backend." : "Changing this reloads the page."}
      </Text>
    </Stack>
  );
}

/** Why the page computes on this backend, and what the person can do about it. */
function backendReasons(backend: BackendState): string[] {
  if (backend.status === "starting") return ["Looking for a graphics card…"];
  if (backend.status === "failed") return [backend.message];
  const { reason, advice } = backend.report;
  return [reason ?? "The fastest backend in this browser.", ...(advice === null ? [] : [advice])];
}
