import { Button, Group, Progress, Stack, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import type { BenchmarkFigures, BenchmarkProgress } from "../../../engine/bench/figures.ts";
import {
  benchmarkNotes,
  benchmarkRows,
  benchmarkText,
  benchmarkTitle,
} from "../../../engine/bench/table.ts";
import type {
  BenchmarkEvent,
  BenchmarkRequest,
} from "../../../hosts/measuring/measuringProtocol.ts";
import { formatPercent } from "../../../runtime/format.ts";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { onFirstClick } from "../../shared/onFirstClick.ts";
import { CopyButton } from "../../shared/parts/CopyButton.tsx";
import { DataTable } from "../../shared/parts/DataTable.tsx";
import { ModalDialog } from "../../shared/parts/ModalDialog.tsx";
import { useTimeLeft } from "../../shared/timeLeft.ts";
import { ACTIONS } from "../../state/actions.ts";
import { startMeasuring } from "../../state/client/workers.ts";
import type { AppState } from "../../state/state.ts";
import classes from "./BenchmarkDialog.module.css";
import { browserName, introductionWords, TABLE_CAPTION } from "./text.ts";

/** About a minute with compilation; a slow device measures everything once and takes longer. */
const EFFORT = { minRounds: 1, maxRounds: 25, budgetMs: 40_000 };

interface BenchmarkDialogProps {
  /** Of an earlier benchmark. */
  figures: BenchmarkFigures | null;
  /** Must be the same function at every render. */
  onFigures: (figures: BenchmarkFigures) => void;
  onClose: () => void;
}

/** Modal, so that nothing else on the page starts to compute; closing it cancels. */
export default function BenchmarkDialog({ figures, onFigures, onClose }: BenchmarkDialogProps) {
  const { store } = useApp();
  const disabledReason = useAppState(ACTIONS.benchmark.disabledReason);
  /** Null while no benchmark runs. */
  const [request, setRequest] = useState<BenchmarkRequest | null>(null);
  const [event, setEvent] = useState<BenchmarkEvent | null>(null);
  useEffect(() => {
    if (!request) return;
    setEvent(null);
    return startMeasuring<BenchmarkEvent>(request, (next) => {
      setEvent(next);
      if (next.type === "benchmarkDone") onFigures(next.figures);
      if (next.type !== "benchmarkProgress") setRequest(null);
    });
  }, [request, onFigures]);

  const isRunning = request !== null;
  const preset = useAppState((state) => state.preset);
  return (
    <ModalDialog title="Benchmark this device" width={660} onClose={onClose}>
      <Stack gap="sm">
        {!isRunning && event?.type === "measuringFailed" && (
          <Text size="sm" c="var(--mantine-color-error)" role="alert">
            {event.message}
          </Text>
        )}
        {figures && !isRunning ? (
          <BenchmarkTable figures={figures} />
        ) : (
          <Text size="sm">{introductionWords(preset)}</Text>
        )}
        {isRunning && <Running {...(event?.type === "benchmarkProgress" && event)} />}
        <Group gap="xs">
          {/* One button, so that the keyboard's focus stays on it. */}
          <Button
            size="xs"
            variant={isRunning ? "default" : "filled"}
            disabled={!isRunning && disabledReason !== null}
            onClick={onFirstClick(() => setRequest(isRunning ? null : requestOf(store.getState())))}
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

/** Null where no benchmark can run now. */
function requestOf(state: AppState): BenchmarkRequest | null {
  const { backend, preset } = state;
  if (backend.status !== "ready" || ACTIONS.benchmark.disabledReason(state) !== null) return null;
  const { userAgent, hardwareConcurrency } = navigator;
  const machine = `${browserName(userAgent)}, ${hardwareConcurrency} logical cores`;
  const request = { type: "benchmark", preset, batchSize: null, effort: EFFORT, machine } as const;
  return { ...request, backend: backend.report.backend, fallback: backend.report.fallback };
}

function Running({ doing = "starting the backend", fraction = 0 }: Partial<BenchmarkProgress>) {
  const timeLeft = useTimeLeft(fraction);
  return (
    <div>
      <Group justify="space-between" gap="xs" mb={3} fz="xs" c="dimmed">
        <span>{doing}</span>
        <span>
          {formatPercent(fraction)}
          {timeLeft}
        </span>
      </Group>
      <Progress value={100 * fraction} aria-label="Benchmark" />
    </div>
  );
}

function BenchmarkTable({ figures }: { figures: BenchmarkFigures }) {
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
        className={classes.table}
        caption={TABLE_CAPTION}
        columns={["", "fused", "stock", "gain"]}
        rows={benchmarkRows(figures).map(({ name, detail, fused, stock, gain }) => [
          <span key={name}>
            {name}{" "}
            <Text span inherit fw={400} c="dimmed">
              {detail}
            </Text>
          </span>,
          fused,
          stock,
          gain,
        ])}
      />
      <Stack gap={4}>
        {benchmarkNotes(figures).map((note) => (
          <Text key={note} size="xs" c="dimmed" lh={1.35}>
            {note}
          </Text>
        ))}
      </Stack>
    </>
  );
}
