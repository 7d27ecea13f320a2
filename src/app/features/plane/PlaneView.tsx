import {
  Button,
  Checkbox,
  Group,
  NativeSelect,
  SegmentedControl,
  Stack,
  Switch,
  Text,
} from "@mantine/core";
import { useEffect, useMemo, useState } from "react";
import { useStore } from "zustand";
import type { HyperparameterName, RunConfig } from "../../../engine/config/hyperparameters.ts";
import { isUsed } from "../../../engine/config/hyperparameters.ts";
import { correctedConfig, validateNewRun } from "../../../engine/config/validate.ts";
import { MAX_OWN_CLASSES, MAX_OWN_POINTS, POINT_SETS } from "../../../engine/data/pointSets.ts";
import { pointData } from "../../../engine/data/points.ts";
import { randomNormals } from "../../../engine/random.ts";
import { counted, formatCount } from "../../../runtime/format.ts";
import type { PlaneDrawn } from "../../../runtime/run/samplingProtocol.ts";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { SliderField } from "../../shared/parts/SliderField.tsx";
import { usePlaybackKeys } from "../../shared/playback/usePlaybackKeys.ts";
import { SettingField } from "../../shared/settings/SettingField.tsx";
import { SettingGroups } from "../../shared/settings/SettingGroups.tsx";
import { useAction } from "../../shared/useAction.ts";
import { ACTIONS } from "../../state/actions.ts";
import { PLANE_LAYERS, type PlaneLayer } from "../../state/address.ts";
import { isActive } from "../../state/slices/run.ts";
import { inkPoints, withOwnPoint } from "./ownPoints.ts";
import classes from "./Plane.module.css";
import { PlaneFiles } from "./PlaneFiles.tsx";
import { PlaneComparison, PlaneMeasuresCard } from "./PlaneMeasures.tsx";
import { PlanePicture } from "./PlanePicture.tsx";
import { levelWords, PlaneTime } from "./PlaneTime.tsx";
import { nearestPoint, type PlaneData, type PlaneScene, pointsAt } from "./planePicture.ts";
import {
  askedClass,
  hasExactField,
  type PlaneState,
  planeLoop,
  planeSlice,
  shownNetwork,
  useBefore,
  usePlane,
} from "./planeState.ts";

const LAYERS: Record<PlaneLayer, { label: string; help: string; color: string }> = {
  data: {
    label: "Data",
    help: "What the network is to learn, a color for each class",
    color: "var(--run-2)",
  },
  arrows: {
    label: "Arrows: what the network has learned",
    help: "Each shows where a step of denoising moves a point that is there",
    color: "var(--mantine-color-text)",
  },
  exact: {
    label: "Arrows: the exact answer",
    help: "The same, worked out from all points of the data without a network",
    color: "var(--run-4)",
  },
  error: {
    label: "Where the two differ",
    help: "The stronger the color, the farther apart; far from the data it was never trained",
    color: "var(--run-5)",
  },
  particles: {
    label: "Points on their way",
    help: "2,000 of them, between noise and data",
    color: "var(--run-1)",
  },
  paths: {
    label: "Paths of some points",
    help: "After straightening, gray are the paths from before",
    color: "var(--run-1)",
  },
  oneStep: {
    label: "The same points in one step",
    help: "Straight to where the first step points; after straightening, gray are those from before",
    color: "var(--run-4)",
  },
  density: {
    label: "Too many, too few",
    help: "Blue where more points lie than in the data, orange where fewer",
    color: "var(--run-1)",
  },
};

/** Layers that compare with the exact answer. */
const EXACT_LAYERS: readonly PlaneLayer[] = ["exact", "error"];

/**
 * Two dimensions: the field that a network learns, seen. The picture has layers (`planePicture.ts`), of which the worker
 * draws what the network knows (`planeState.ts`); below it is the time from noise to data, beside it what is trained.
 */
export default function PlaneView() {
  const app = useApp();
  const slice = app.once(planeSlice);
  useEffect(() => planeLoop(app, slice).end, [app, slice]);
  return (
    <div className={classes.view}>
      <header className={`row ${classes.head}`}>
        <h2>Two dimensions</h2>
        <Text size="sm" c="dimmed">
          <Caption />
        </Text>
      </header>
      <Stage />
      <Stack gap="md" miw={0}>
        <Form />
        <Layers />
        <PlaneMeasuresCard />
        <PlaneComparison />
      </Stack>
    </div>
  );
}

function Caption() {
  const words = useAppState((state) => {
    const network = shownNetwork(state);
    if (!network) {
      return "The open run has learned something else: press Train for these points.";
    }
    if (isActive(state.run)) return "What the network has learned so far.";
    if (state.weights.loaded)
      return `What the network of ${state.weights.loaded.fileName} has learned.`;
    return state.run
      ? "What the trained network has learned."
      : "Not trained yet: its arrows are random.";
  });
  return words;
}

/** What the network is trained on. */
function usePlaneData(): PlaneData {
  const { points, ownPoints, numPoints, seed } = correctedConfig(
    useAppState((state) => state.pointConfig),
  );
  return useMemo(() => {
    const { train } = pointData({ points, ownPoints, numPoints, seed });
    return { points: train.images as Float32Array, labels: train.labels };
  }, [points, ownPoints, numPoints, seed]);
}

/** Data and noise as the forward process mixes them, at each frame of what was drawn: `[count, 2]` each. */
function mixedFrames({ points }: PlaneData, { levels }: PlaneDrawn, seed: number) {
  const length = Math.min(points.length, 4000);
  const eps = randomNormals({ seed, stream: "sampling", index: 0 }, length);
  return levels.map(({ signal, noise }) =>
    Float32Array.from(
      points.subarray(0, length),
      (x, i) => signal * x + noise * (eps[i] as number),
    ),
  );
}

function Stage() {
  const app = useApp();
  const slice = usePlane();
  const state = useStore(slice);
  const {
    drawn,
    isWalk,
    layers: chosen,
    time,
    picked,
    mode,
    walkLevel,
    isAnnealed,
    failure,
  } = state;
  const before = useBefore();
  const label = useAppState((app) => askedClass(state, shownNetwork(app)));
  const isForward = mode === "forward";
  const hasExact = useAppState((app) => hasExactField(shownNetwork(app) ?? app.pointConfig));
  const layers = useMemo(
    () => chosen.filter((layer) => hasExact || !EXACT_LAYERS.includes(layer)),
    [chosen, hasExact],
  );
  const all = usePlaneData();
  // Where a class is asked for, the points are compared with its data alone.
  const data = label === null ? all : ofClass(all, label);
  const seed = useAppState(({ pointConfig }) => pointConfig.seed);
  const name = useAppState(({ pointConfig }) => POINT_SETS[pointConfig.points]?.label ?? "points");
  usePlaybackKeys(slice, ({ key }) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[key] ?? 0;
    if (by === 0) return false;
    const moved = Math.min(1, Math.max(0, slice.getState().time + by / 50));
    slice.setState({ time: moved, isPlaying: false });
    return true;
  });
  const shown = useMemo(
    () => (drawn && isForward ? { ...drawn, frames: mixedFrames(data, drawn, seed) } : drawn),
    [drawn, isForward, data, seed],
  );
  const last = (shown?.frames.length ?? 1) - 1;
  const frameAt = (time: number) => last * (isForward ? 1 - time : time);
  const frame = frameAt(time);
  const scene = useMemo<PlaneScene>(
    () => ({
      data,
      drawn: shown,
      oneStep: isForward ? null : (shown?.oneStep ?? null),
      before: mode === "denoise" && before?.label === label ? before.drawn : null,
      isWalk,
      layers,
      frame,
      picked,
    }),
    [data, shown, before, mode, isForward, label, isWalk, layers, frame, picked],
  );
  const level = shown?.levels[Math.round(frame)];
  const canDraw = useAppState(
    ({ run, pointConfig }) => pointConfig.points === "own" && !isActive(run),
  );
  const draw = (place: readonly [number, number]) =>
    app.store.setState(({ pointConfig }) => ({
      pointConfig: withOwnPoint(pointConfig, place, slice.getState().penClass),
    }));
  const press = (place: readonly [number, number]) => {
    if (!shown) return;
    slice.setState({ picked: nearestPoint(pointsAt(shown.frames, frame), place) });
  };
  return (
    <Stack gap="xs" miw={0}>
      <PlanePicture
        scene={scene}
        label={`${name}, ${level ? levelWords(level) : "nothing drawn"}: ${layers.map((layer) => LAYERS[layer].label).join("; ")}`}
        onPress={press}
        onDraw={canDraw ? draw : null}
      />
      <PlaneTime
        playback={slice}
        name={isForward ? "From data to noise" : "From noise to data"}
        level={level ?? null}
      />
      <Group gap="sm">
        <SegmentedControl
          aria-label="What is played"
          data={MODES}
          value={mode}
          onChange={(chosen) => slice.setState({ mode: chosen, picked: null, isPlaying: false })}
        />
        {mode === "langevin" && (
          <Switch
            label="Annealed"
            checked={isAnnealed}
            onChange={({ currentTarget }) => slice.setState({ isAnnealed: currentTarget.checked })}
          />
        )}
        {mode === "langevin" && (
          <div className={classes.level}>
            <SliderField
              name="Noise level"
              isNamed
              value={walkLevel}
              words={level ? levelWords(level) : ""}
              onChange={(value) => slice.setState({ walkLevel: value })}
            />
          </div>
        )}
        <Text size="xs" c="dimmed">
          {stageHint({ canDraw, mode, isWalk, hasPoints: shown !== null })}
        </Text>
        <PlaneFiles sceneAt={shown && ((time) => ({ ...scene, frame: frameAt(time) }))} />
      </Group>
      {failure && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {failure}
        </Text>
      )}
    </Stack>
  );
}

/** What one can do with the picture, or what it shows. */
function stageHint({
  canDraw,
  mode,
  isWalk,
  hasPoints,
}: Pick<PlaneState, "mode" | "isWalk"> & { canDraw: boolean; hasPoints: boolean }): string {
  if (mode === "langevin" && isWalk)
    return "Each step follows the learned score and adds fresh noise, at this noise level. Annealed begins with much noise and comes down to it.";
  if (mode === "langevin" && hasPoints)
    return "Langevin dynamics begin when the training has ended.";
  if (canDraw) return "Draw your points into the picture.";
  return hasPoints ? "Press a point to see its path." : "";
}

const MODES: { value: PlaneState["mode"]; label: string }[] = [
  { value: "denoise", label: "Noise to data" },
  { value: "forward", label: "Data to noise" },
  { value: "langevin", label: "Langevin" },
];

/** The data of a class alone, made once for each. */
const classesOf = new WeakMap<PlaneData, Map<number, PlaneData>>();

function ofClass(data: PlaneData, label: number): PlaneData {
  const known = classesOf.get(data) ?? new Map<number, PlaneData>();
  classesOf.set(data, known);
  const found = known.get(label);
  if (found) return found;
  const indices = [...data.labels.keys()].filter((i) => data.labels[i] === label);
  const points = indices.flatMap((i) => [...data.points.subarray(2 * i, 2 * i + 2)]);
  const own = {
    points: Float32Array.from(points),
    labels: new Uint8Array(indices.length).fill(label),
  };
  known.set(label, own);
  return own;
}

function Layers() {
  const slice = usePlane();
  const layers = useStore(slice, (state) => state.layers);
  const hasExact = useAppState((state) => hasExactField(shownNetwork(state) ?? state.pointConfig));
  return (
    <Checkbox.Group
      label="What you see"
      size="sm"
      value={[...layers]}
      onChange={(chosen) =>
        slice.setState({ layers: PLANE_LAYERS.filter((layer) => chosen.includes(layer)) })
      }
    >
      <div className={classes.layers}>
        {PLANE_LAYERS.map((layer) => (
          <Checkbox
            key={layer}
            value={layer}
            size="xs"
            label={<LayerLabel layer={layer} />}
            disabled={!hasExact && EXACT_LAYERS.includes(layer)}
            description={
              hasExact || !EXACT_LAYERS.includes(layer)
                ? LAYERS[layer].help
                : "Not of a straightened flow, which learned other pairs of noise and data"
            }
          />
        ))}
      </div>
    </Checkbox.Group>
  );
}

/** With the color that the layer has in the picture. */
function LayerLabel({ layer }: { layer: PlaneLayer }) {
  const { label, color } = LAYERS[layer];
  return (
    <>
      {label} <span className={classes.swatch} style={{ background: color }} aria-hidden />
    </>
  );
}

/** Beside the button, those that are changed most. */
const FIRST = ["points", "objective", "classes", "seed"] as const satisfies HyperparameterName[];
const ELSEWHERE: readonly HyperparameterName[] = [...FIRST, "architecture"];

function Form() {
  const { store } = useApp();
  const config = useAppState((state) => state.pointConfig);
  const isFixed = useAppState((state) => isActive(state.run));
  const [isUnfolded, setIsUnfolded] = useState(false);
  const train = useAction(ACTIONS.trainPoints);
  const errors = validateNewRun(config);
  const change = (changes: Partial<RunConfig>) =>
    store.setState({ pointConfig: { ...config, ...changes } });
  const fieldOf = (name: HyperparameterName) => (
    <SettingField
      key={name}
      name={name}
      value={config[name]}
      config={config}
      error={errors[name]}
      disabled={isFixed}
      onChange={(changed, value) => change({ [changed]: value })}
    />
  );
  return (
    <Stack gap="sm">
      <div className={classes.fields}>
        {FIRST.filter((name) => isUsed(name, config) || errors[name]).map(fieldOf)}
      </div>
      {config.points === "own" && <OwnPoints isFixed={isFixed} />}
      <Group gap="sm">
        <Button size="md" variant="filled" {...train} />
        <Text size="xs" c="dimmed">
          {counted(config.epochs, "epoch")} of {formatCount(config.numPoints)} points
        </Text>
        <AskedClass />
      </Group>
      <details
        open={isUnfolded}
        onToggle={({ currentTarget }) => setIsUnfolded(currentTarget.open)}
      >
        <summary>Advanced</summary>
        {isUnfolded && (
          <SettingGroups config={config} errors={errors} elsewhere={ELSEWHERE} fieldOf={fieldOf} />
        )}
      </details>
    </Stack>
  );
}

/** Which class the points are asked to be, of a network that knows classes. */
function AskedClass() {
  const slice = usePlane();
  const chosen = useStore(slice, (state) => state.label);
  const classCount = useAppState((state) => shownNetwork(state)?.classes ?? 0);
  const label = askedClass({ label: chosen }, { classes: classCount });
  if (classCount === 0) return null;
  const none = { value: "", label: "any" };
  const all = Array.from({ length: classCount }, (_, i) => ({ value: `${i}`, label: `${i}` }));
  return (
    <NativeSelect
      label="Ask for class"
      data={[none, ...all]}
      value={label === null ? "" : String(label)}
      onChange={({ currentTarget: { value } }) =>
        slice.setState({ label: value === "" ? null : Number(value) })
      }
    />
  );
}

/** What is drawn with, and what else there is to draw: the ink of a digit, or nothing. */
function OwnPoints({ isFixed }: { isFixed: boolean }) {
  const { store, client } = useApp();
  const slice = usePlane();
  const penClass = useStore(slice, (state) => state.penClass);
  const numImages = useAppState(({ dataset }) => dataset.current?.unseenLabels.length ?? 0);
  const numOwn = useAppState(({ pointConfig }) => pointConfig.ownPoints.length / 3);
  const change = (ownPoints: readonly number[]) =>
    store.setState(({ pointConfig }) => ({ pointConfig: { ...pointConfig, ownPoints } }));
  const takeInk = async () => {
    const outcome = await client.images([Math.floor(numImages * Math.random())]).done;
    if (outcome.status === "done") {
      const points = inkPoints(outcome.end.pixels);
      if (points.length > 0) change(points);
    } else if (outcome.status === "failed") slice.setState({ failure: outcome.message });
  };
  return (
    <Group gap="sm">
      <SegmentedControl
        aria-label="The class that you draw"
        data={PEN_CLASSES}
        value={String(penClass)}
        disabled={isFixed}
        onChange={(value) => slice.setState({ penClass: Number(value) })}
      />
      <Button disabled={isFixed} onClick={() => change([0, 0, 0])}>
        Clear
      </Button>
      <Button disabled={isFixed || numImages === 0} onClick={() => void takeInk()}>
        A digit's ink
      </Button>
      <Text size="xs" c="dimmed">
        {formatCount(numOwn)} of {MAX_OWN_POINTS}
      </Text>
    </Group>
  );
}

const PEN_CLASSES = Array.from({ length: MAX_OWN_CLASSES }, (_, i) => ({
  value: `${i}`,
  label: `Class ${i}`,
}));
