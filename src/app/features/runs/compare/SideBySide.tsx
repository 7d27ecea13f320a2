import { Group, Slider, type SliderProps, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import type { RunConfig } from "../../../../engine/config/hyperparameters.ts";
import { classRows } from "../../../../engine/config/snapshotSteps.ts";
import { type Noun, namingOf } from "../../../../engine/data/datasets.ts";
import { plainFileName } from "../../../../engine/formats/plainFileName.ts";
import { capitalized, counted, formatCount } from "../../../../runtime/format.ts";
import type { Snapshot } from "../../../../runtime/run/events.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import { ImageGrid } from "../../../shared/images/ImageGrid.tsx";
import { SaveDigits } from "../../../shared/images/SaveDigits.tsx";
import { cursorStep, heldAt } from "../../../state/slices/cursor.ts";
import { pixelsAt, snapshotAt } from "../../../state/slices/evolution.ts";
import { snapshotSteps } from "./CompareCharts.tsx";
import classes from "./CompareView.module.css";
import { type ComparedRun, nounOfRuns, tellingNames } from "./comparedRuns.ts";
import { RunSwatch, runStyle } from "./RunSwatch.tsx";

/** The digits of each run at the same training step; the charts' cursor moves them. */
export function SideBySide({ runs }: { runs: readonly ComparedRun[] }) {
  const { store } = useApp();
  // Runs may have other numbers of denoising steps.
  const [share, setShare] = useState(1);
  const steps = snapshotSteps(runs);
  const names = tellingNames(runs.map(({ name }) => name));
  const lastStep = steps.at(-1) ?? 0;
  const step = Math.min(useAppState(cursorStep) ?? lastStep, lastStep);
  const position = Math.max(
    0,
    steps.findLastIndex((of) => of <= step),
  );
  return (
    <section
      className={classes.digits}
      aria-label={`${capitalized(nounOfRuns(runs))}s side by side`}
    >
      <div className={classes.grids}>
        {runs.map(({ runId, place, name, snapshots, config, dataset }, i) => (
          <figure key={runId} style={{ minWidth: 0, maxWidth: 240 }}>
            <figcaption>
              <Text size="sm" fw={600} mb={4} truncate title={name}>
                <RunSwatch place={place} /> {names[i]}
              </Text>
            </figcaption>
            <SnapshotCanvas
              snapshot={snapshotAt(snapshots, step)}
              share={share}
              config={config}
              noun={namingOf(dataset).noun}
              name={`${runStyle(place).letter} ${name}`}
            />
          </figure>
        ))}
      </div>
      {steps.length > 1 && (
        <Axis
          name="Training"
          label="Training step"
          words={`step ${formatCount(steps[position] ?? 0)}`}
          max={steps.length - 1}
          value={position}
          onChange={(next) =>
            // At the newest one follows what comes.
            store.setState(heldAt(next < steps.length - 1 ? (steps[next] ?? null) : null))
          }
        />
      )}
      <Axis
        name="Denoising"
        label="Denoising"
        words={`${Math.round(100 * share)} %`}
        max={100}
        step={5}
        value={100 * share}
        onChange={(percent) => setShare(percent / 100)}
      />
    </section>
  );
}

interface AxisProps extends Pick<SliderProps, "max" | "step" | "value" | "onChange"> {
  name: string;
  label: string;
  words: string;
}

function Axis({ name, label, words, ...slider }: AxisProps) {
  return (
    <Group wrap="nowrap" gap={10} mih={24} fz="xs" c="dimmed">
      <Text span inherit w="5.5em" aria-hidden>
        {name}
      </Text>
      <Slider {...slider} flex={1} thumbLabel={label} thumbValueText={words} />
      <Text span inherit w="6em" aria-hidden>
        {words}
      </Text>
    </Group>
  );
}

interface SnapshotCanvasProps {
  snapshot: Snapshot | null;
  /** How much of the denoising is done: 0 is the noise, 1 the digits. */
  share: number;
  config: RunConfig;
  noun: Noun;
  name: string;
}

/** The digits of a snapshot, in a square. */
function SnapshotCanvas({ snapshot, share, config, noun, name }: SnapshotCanvasProps) {
  const pixels = useMemo(() => snapshot && digitsAt(snapshot, share), [snapshot, share]);
  if (!snapshot || !pixels)
    return (
      <div className="placeholder" style={{ aspectRatio: 1 }}>
        No {noun}s were kept
      </div>
    );
  const { count, step } = snapshot;
  const columns = classRows(count, config)?.columns ?? Math.ceil(Math.sqrt(count));
  return (
    <>
      <ImageGrid
        pixels={pixels}
        count={count}
        columns={columns}
        label={`${capitalized(noun)}s of ${name} after ${counted(step, "step")}`}
      />
      <Group justify="space-between" mt={4}>
        <Text size="xs" c="dimmed">
          step {formatCount(step)}
        </Text>
        <SaveDigits
          label={`Save PNG of the ${noun}s of ${name}`}
          digits={{ pixels, columns, fileName: `${plainFileName(name)}-step-${step}.png` }}
        />
      </Group>
    </>
  );
}

function digitsAt(snapshot: Snapshot, share: number): Uint8Array {
  return pixelsAt(snapshot, Math.round(share * (snapshot.numFrames - 1)));
}
