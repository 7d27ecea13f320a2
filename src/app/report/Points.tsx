import { Text } from "@mantine/core";
import { useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { distilledConfig } from "../../engine/config/studentSteps.ts";
import { pointData } from "../../engine/data/points.ts";
import type { NetworkReply } from "../../hosts/embed/networkWorker.ts";
import type { Report } from "../../runtime/files/readReport.ts";
import { counted, formatCount } from "../../runtime/format.ts";
import { PlanePicture } from "../features/plane/PlanePicture.tsx";
import { levelWords, PlaneTime } from "../features/plane/PlaneTime.tsx";
import {
  GRID_SIZE,
  nearestPoint,
  type PlaneScene,
  pointsAt,
} from "../features/plane/planePicture.ts";
import { trainingWords } from "../features/results/evolution/trainingAxis.ts";
import { ImageGrid } from "../shared/images/ImageGrid.tsx";
import { NOT_PLAYING, type Playback } from "../shared/playback/usePlayback.ts";
import { pixelsAt } from "../state/slices/evolution.ts";
import classes from "./Points.module.css";
import { useNetworkWorker } from "./useNetworkWorker.ts";

type PointsDrawn = Extract<NetworkReply, { type: "points" }>;

/** The data of a run of points; with its weights, the field that it has learned and points that flow along it. */
export function Points({ report }: { report: Report }) {
  const { config } = report.run;
  const { weights } = report;
  const [drawn, setDrawn] = useState<PointsDrawn | null>(null);
  const data = useMemo(() => {
    const { train } = pointData(config);
    return { points: train.images as Float32Array, labels: train.labels };
  }, [config]);
  return (
    <section className="column" aria-label="Points">
      <h2>Points</h2>
      <div className={classes.view}>
        <Plane data={data} drawn={drawn} />
        {weights ? (
          <Flow report={report} weights={weights} onDrawn={setDrawn} />
        ) : (
          <Text size="sm" c="dimmed">
            What the network was trained on. The network itself is not in this page.
          </Text>
        )}
      </div>
    </section>
  );
}

/** Points that flow; fewer than in the page that trains, since this computes on one thread. */
const COUNT = 1000;

interface FlowProps {
  report: Report;
  weights: NonNullable<Report["weights"]>;
  onDrawn: (drawn: PointsDrawn) => void;
}

/** Draws the points when the page is opened, and says so. */
function Flow({ report: { run }, weights, onDrawn }: FlowProps) {
  const config = distilledConfig(run.config, run.step, run.stepsPerEpoch);
  const { seed, samplingTimesteps: steps } = config;
  const { ask, isBusy, message } = useNetworkWorker(weights, formatFailed);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once; the page is of one run.
  useEffect(() => {
    const drawing = { count: COUNT, seed, steps, gridSize: GRID_SIZE };
    ask({ type: "drawPoints", drawing }, (answer) => {
      if (answer.type === "points") onDrawn(answer);
      return true;
    });
  }, []);
  const words = isBusy
    ? "The network in this page draws points in your browser …"
    : `The network in this page drew ${formatCount(COUNT)} points in your browser, in ${counted(steps, "step")} from noise. The arrows show where a step moves a point from there. Press a point to see its path.`;
  return (
    <Text size="sm" c={message ? "var(--mantine-color-error)" : "dimmed"} role="status">
      {message ?? words}
    </Text>
  );
}

/** @param reason of the browser; empty where it gives none */
function formatFailed(reason: string): string {
  const why = reason || "the browser ended the worker, perhaps for lack of memory";
  return `Drawing failed: ${why}. Reload the page to try again.`;
}

/** The picture of the plane, with its time from noise to data once points are drawn. */
function Plane({ data, drawn }: { data: PlaneScene["data"]; drawn: PointsDrawn | null }) {
  const [playback] = useState(() =>
    createStore<Playback & { time: number }>(() => ({ ...NOT_PLAYING, time: 1 })),
  );
  const time = useStore(playback, (state) => state.time);
  const [picked, setPicked] = useState<number | null>(null);
  const frame = time * ((drawn?.frames.length ?? 1) - 1);
  const scene = useMemo<PlaneScene>(
    () => ({
      data,
      drawn,
      oneStep: null,
      before: null,
      isWalk: false,
      layers: ["data", "arrows", "particles"],
      frame,
      picked,
    }),
    [data, drawn, frame, picked],
  );
  const level = drawn?.levels[Math.round(frame)];
  const words = level ? levelWords(level) : "";
  return (
    <div className={classes.plane}>
      <PlanePicture
        scene={scene}
        label={drawn ? `Data, arrows of the field, and points: ${words}` : "Data"}
        onPress={(place) => drawn && setPicked(nearestPoint(pointsAt(drawn.frames, frame), place))}
        onDraw={null}
      />
      {drawn && <PlaneTime playback={playback} name="From noise to data" level={level ?? null} />}
    </div>
  );
}

/** Where the points of each snapshot lie: the same noise, by the weights as they changed. */
export function PointPictures({ report: { run, snapshots, numPreviews } }: { report: Report }) {
  return (
    <section className="column" aria-label="Evolution">
      <h2>Evolution</h2>
      {snapshots.length === 0 ? (
        <p>This run was trained without previews, so there is no evolution to show.</p>
      ) : (
        <Text size="sm" c="dimmed">
          Where points come to lie, from the same noise by the weights after each of these training
          steps
          {snapshots.length < numPreviews &&
            `; ${formatCount(snapshots.length)} of ${formatCount(numPreviews)} previews, to keep this page small`}
          .
        </Text>
      )}
      <ul className={classes.pictures}>
        {snapshots.map((snapshot) => (
          <li key={snapshot.step}>
            <ImageGrid
              pixels={pixelsAt(snapshot, snapshot.numFrames - 1)}
              label={`Points ${trainingWords(snapshot.step, run)}`}
            />
            <Text size="xs" c="dimmed" ta="center">
              {formatCount(snapshot.step)}
            </Text>
          </li>
        ))}
      </ul>
    </section>
  );
}
