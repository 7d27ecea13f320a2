import { Button, Group, Progress, Stack, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import type { BenchmarkFigures, BenchmarkProgress } from "../../../engine/bench/figures.ts";
import {
  benchmarkNotes,
  benchmarkRows,
  benchmarkText,
  benchmarkTitle,
} from "../../../engine/bench/table.ts";
import { PRESETS } from "../../../engine/config/presets.ts";
import type { BenchmarkRequest } from "../../../hosts/measuring/measuringProtocol.ts";
import { formatPercent } from "../../../runtime/format.ts";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { onFirstClick } from "../../shared/onFirstClick.ts";
import { CopyButton } from "../../shared/parts/CopyButton.tsx";
import { DataTable } from "../../shared/parts/DataTable.tsx";
import { ModalDialog } from "../../shared/parts/ModalDialog.tsx";
import { useTimeLeft } from "../../shared/timeLeft.ts";
import { ACTIONS } from "../../state/actions.ts";
import type { AppState } from "../../state/state.ts";
import classes from "./BenchmarkDialog.module.css";
import { type BenchmarkState, RUNNING, startBenchmark } from "./benchmark.ts";
import { browserName } from "./browserName.ts";

/** With what is compiled first, about a minute; on a slow device each thing is still measured once. */
const EFFORT = { minRounds: 1, maxRounds: 25, budgetMs: 40_000 };

interface BenchmarkDialogProps {
  /** Of an earlier time. */
  figures: BenchmarkFigures | null;
  onFigures: (figures: BenchmarkFigures) => void;
  onClose: () => void;
}

/** Modal, so that nothing else on the page begins to compute meanwhile; to close it is to cancel. */
export default function BenchmarkDialog({ figures, onFigures, onClose }: BenchmarkDialogProps) {
  const { store } = useApp();
  const disabledReason = useAppState(ACTIONS.benchmark.disabledReason);
  const [request, setRequest] = useState<BenchmarkRequest | null>(null);
  const state = useBenchmark(request, onFigures);

  const isRunning = request !== null && state.status === "running";
  const failure = request !== null && state.status === "failed" ? state.message : null;
  return (
    <ModalDialog title="Benchmark this device" width={660} onClose={onClose}>
      <Stack gap="sm">
        {failure !== null && (
          <Text size="sm" c="red" role="alert">
            {failure}
          </Text>
        )}
        {isRunning && <Running progress={state.progress} />}
        {!isRunning && (figures ? <BenchmarkTable figures={figures} /> : <Explanation />)}
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
          {!isRunning && !figures && disabledReason === null && (
            <Text size="sm" c="dimmed">
              About a minute
            </Text>
          )}
          {!isRunning && disabledReason !== null && <Text size="sm">{disabledReason}</Text>}
        </Group>
      </Stack>
    </ModalDialog>
  );
}

/** Null where it cannot be now. */
function requestOf(state: AppState): BenchmarkRequest | null {
  const { backend, preset } = state;
  if (backend.status !== "ready" || ACTIONS.benchmark.disabledReason(state) !== null) return null;
  const { userAgent, hardwareConcurrency } = navigator;
  const machine = `${browserName(userAgent)}, ${hardwareConcurrency} logical cores`;
  const request = { type: "benchmark", preset, batchSize: null, effort: EFFORT, machine } as const;
  return { ...request, backend: backend.report.backend };
}

function Explanation() {
  const preset = useAppState((state) => state.preset);
  return (
    <Text size="sm">
      Measures how fast this device trains the network of the preset {PRESETS[preset].label}, with
      this page's operations and with plain TensorFlow.js; on a slow device it takes longer. Nothing
      is sent anywhere.
    </Text>
  );
}

function Running({ progress }: { progress: BenchmarkProgress | null }) {
  const fraction = progress?.fraction ?? 0;
  const timeLeft = useTimeLeft(fraction);
  return (
    <>
      <Explanation />
      <div>
        <Group justify="space-between" gap="xs" mb={3} fz="xs" c="dimmed">
          <span>{progress?.doing ?? "starting the backend"}</span>
          <span>
            {formatPercent(fraction)}
            {timeLeft}
          </span>
        </Group>
        <Progress value={100 * fraction} size="sm" aria-label="Benchmark" />
      </div>
    </>
  );
}

/**
 * Runs the benchmark that is asked for; another request, null, or the end of the component cancels it.
 *
 * @param request the same object until another benchmark is wanted
 * @param onFigures must be the same function at every render
 */
function useBenchmark(
  request: BenchmarkRequest | null,
  onFigures: (figures: BenchmarkFigures) => void,
): BenchmarkState {
  const [state, setState] = useState<BenchmarkState>(RUNNING);
  useEffect(() => {
    if (!request) return;
    setState(RUNNING);
    return startBenchmark(request, (next) => {
      setState(next);
      if (next.status === "done") onFigures(next.figures);
    });
  }, [request, onFigures]);
  return state;
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
        caption="This page against stock TensorFlow.js on this device"
        columns={["", "fused", "stock", "gain"]}
        rows={benchmarkRows(figures).map(({ name, detail, fused, stock, gain }) => [
          <span key={name}>
            {name} {detail && <span className={classes.detail}>{detail}</span>}
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
