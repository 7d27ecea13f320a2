import { Button, Group, Progress, Stack, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { PRESETS, presetConfig } from "../../../engine/config/presets.ts";
import { formatPercent } from "../../../runtime/format.ts";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { onFirstClick } from "../../shared/onFirstClick.ts";
import { CopyButton } from "../../shared/parts/CopyButton.tsx";
import { DataTable } from "../../shared/parts/DataTable.tsx";
import { ModalDialog } from "../../shared/parts/ModalDialog.tsx";
import { useTimeLeft } from "../../shared/timeLeft.ts";
import { ACTIONS } from "../../state/actions.ts";
import {
  type BenchmarkFigures,
  benchmarkFigures,
  benchmarkRows,
  benchmarkText,
  benchmarkTitle,
} from "./figures.ts";

interface BenchmarkDialogProps {
  /** Figures of an earlier benchmark; null before the first. */
  figures: BenchmarkFigures | null;
  onFigures: (figures: BenchmarkFigures) => void;
  onClose: () => void;
}

/** Modal, so that nothing else on the page starts to compute; closing it cancels. */
export default function BenchmarkDialog({ figures, onFigures, onClose }: BenchmarkDialogProps) {
  const { store, client } = useApp();
  const disabledReason = useAppState(ACTIONS.benchmark.disabledReason);
  const preset = useAppState((state) => state.preset);
  const { inProgress, failure } = useAppState(({ epochTiming }) => epochTiming);
  const [isRunning, setIsRunning] = useState(false);
  const [hasRun, setHasRun] = useState(false);
  useEffect(() => {
    if (isRunning) return client.cancelTiming;
  }, [isRunning, client]);

  async function measure() {
    const { backend } = store.getState();
    if (backend.status !== "ready") return;
    setIsRunning(true);
    setHasRun(true);
    const stepMs = await client.timeEpoch(presetConfig(preset));
    setIsRunning(false);
    if (stepMs === null) return;
    const { userAgent, hardwareConcurrency } = navigator;
    const machine = `${browserName(userAgent)}, ${hardwareConcurrency} logical cores`;
    onFigures(benchmarkFigures(preset, stepMs, backend.report, machine));
  }

  return (
    <ModalDialog title="Benchmark this device" width={520} onClose={onClose}>
      <Stack gap="sm">
        {hasRun && !isRunning && failure !== null && (
          <Text size="sm" c="var(--mantine-color-error)" role="alert">
            {failure.message}
          </Text>
        )}
        {figures && !isRunning ? (
          <Figures figures={figures} />
        ) : (
          <Text size="sm">
            Trains the network of the preset {PRESETS[preset].label} for a few steps, without
            changing any run, to tell how fast this device is. This takes a few seconds, longer on a
            slow device. Nothing is sent anywhere.
          </Text>
        )}
        {isRunning && inProgress && <Running fraction={inProgress.fraction} />}
        <Group gap="xs">
          {/* One button, so that the keyboard's focus stays on it. */}
          <Button
            size="xs"
            variant={isRunning ? "default" : "filled"}
            disabled={!isRunning && disabledReason !== null}
            onClick={onFirstClick(isRunning ? client.cancelTiming : measure)}
          >
            {isRunning ? "Cancel" : figures ? "Measure again" : ACTIONS.benchmark.label}
          </Button>
          {!isRunning && figures && (
            <>
              <CopyButton label="Copy as text" text={benchmarkText(figures)} />
              <CopyButton label="Copy as JSON" text={JSON.stringify(figures, null, 2)} />
            </>
          )}
          {!isRunning && <Text size="sm">{disabledReason}</Text>}
        </Group>
      </Stack>
    </ModalDialog>
  );
}

function Running({ fraction }: { fraction: number }) {
  const timeLeft = useTimeLeft(fraction);
  return (
    <div>
      <Group justify="space-between" gap="xs" mb={3} fz="xs" c="dimmed">
        <span>training steps</span>
        <span>
          {formatPercent(fraction)}
          {timeLeft}
        </span>
      </Group>
      <Progress value={100 * fraction} aria-label="Benchmark" />
    </div>
  );
}

function Figures({ figures }: { figures: BenchmarkFigures }) {
  const [what, where] = benchmarkTitle(figures);
  return (
    <>
      <div role="status">
        <Text size="sm" fw={600}>
          {what}
        </Text>
        <Text size="xs" c="dimmed">
          {where}
        </Text>
      </div>
      <DataTable
        caption="How fast this device trains"
        columns={["", "measured"]}
        rows={benchmarkRows(figures)}
      />
      {figures.fallback && (
        <Text size="xs" c="dimmed" lh={1.35}>
          {figures.fallback}
        </Text>
      )}
    </>
  );
}

/** In this order, since most user agents name the later ones as well. */
const BROWSERS = [
  ["Edge", /Edg\/(\d+)/],
  ["Opera", /OPR\/(\d+)/],
  ["Firefox", /Firefox\/(\d+)/],
  ["Chrome", /Chrome\/(\d+)/],
  ["Safari", /Version\/(\d+).*Safari/],
] as const;
const SYSTEMS = [
  ["Android", /Android/],
  ["iOS", /iPhone|iPad/],
  ["Windows", /Windows/],
  ["macOS", /Mac OS X/],
  ["ChromeOS", /CrOS/],
  ["Linux", /Linux/],
] as const;

/** `Chrome 141 on Linux`; an unknown user agent stays as it is. */
export function browserName(userAgent: string): string {
  for (const [name, pattern] of BROWSERS) {
    const version = pattern.exec(userAgent)?.[1];
    if (!version) continue;
    const system = SYSTEMS.find(([, word]) => word.test(userAgent))?.[0];
    return `${name} ${version}${system ? ` on ${system}` : ""}`;
  }
  return userAgent;
}
