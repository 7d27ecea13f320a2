import { Button, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { useAppState } from "../shared/AppContext.ts";
import { CopyButton } from "../shared/parts/CopyButton.tsx";
import { BACKEND_CHOICES, readParams, reloadWithBackend } from "../state/address.ts";
import { isActive } from "../state/slices/run.ts";
import { backendReasons, formatBackend, formatDeviceReport } from "./backend.ts";

const CHOICE_LABELS = { auto: "Auto", webgpu: "WebGPU", wasm: "WebAssembly" };

/** What the page computes on, why, and the choice of another. */
export default function BackendText({
  popupId,
  onMeasure,
}: {
  /** The popup that it stands in. */
  popupId: string;
  onMeasure: () => void;
}) {
  const backend = useAppState((state) => state.backend);
  const isRunActive = useAppState((state) => isActive(state.run));
  const { name, device } = formatBackend(backend);
  const { backend: choice } = readParams("page");
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
      {backend.status === "ready" && backend.report.fallback && (
        <Group gap="xs">
          <Button
            size="compact-sm"
            variant="default"
            disabled={isRunActive}
            onClick={() => reloadWithBackend(choice)}
          >
            Try the graphics card again
          </Button>
          <CopyButton label="Copy for a bug report" text={formatDeviceReport(backend)} />
        </Group>
      )}
      <Button
        variant="default"
        popoverTarget={popupId}
        popoverTargetAction="hide"
        onClick={onMeasure}
      >
        Benchmark this device
      </Button>
      <SegmentedControl
        fullWidth
        aria-label="Backend"
        data={BACKEND_CHOICES.map((value) => ({ value, label: CHOICE_LABELS[value] }))}
        value={choice}
        disabled={isRunActive}
        onChange={reloadWithBackend}
      />
      <Text size="xs" c="dimmed">
        {isRunActive ? "Stop the run to change the backend." : "Changing this reloads the page."}
      </Text>
    </Stack>
  );
}
