import { Button, Group, SegmentedControl, Text } from "@mantine/core";
import {
  lazy,
  memo,
  type ReactNode,
  Suspense,
  useCallback,
  useId,
  useLayoutEffect,
  useRef,
  useSyncExternalStore,
} from "react";
import { NUM_PIXELS, type RunConfig } from "../../../../engine/config/hyperparameters.ts";
import {
  type ClassRows,
  classRows,
  SNAPSHOT,
  snapshotCount,
} from "../../../../engine/config/snapshotSteps.ts";
import { correctedConfig } from "../../../../engine/config/validate.ts";
import { type Naming, type Noun, ownNames } from "../../../../engine/data/datasets.ts";
import { takesPoints } from "../../../../engine/nn/architectures.ts";
import { capitalized, formatPercent } from "../../../../runtime/format.ts";
import type { AskedDigits } from "../../../../runtime/sampling/ask.ts";
import { useApp, useAppState, useThrottledState } from "../../../shared/AppContext.ts";
import { Explain } from "../../../shared/explain/Explain.tsx";
import { FittedImageGrid } from "../../../shared/images/ImageGrid.tsx";
import { SaveDigits } from "../../../shared/images/SaveDigits.tsx";
import { startNoise } from "../../../shared/images/startNoise.ts";
import { useNaming } from "../../../shared/network/useNaming.ts";
import { ErrorBoundary } from "../../../shared/parts/ErrorBoundary.tsx";
import { NumberField } from "../../../shared/parts/NumberField.tsx";
import { ViewLink } from "../../../shared/parts/ViewLink.tsx";
import { useTimeLeft } from "../../../shared/timeLeft.ts";
import {
  addressQuery,
  type ChosenNetwork,
  onAddressChange,
  readParams,
  withParams,
} from "../../../state/address.ts";
import { pixelsAt, pointedSnapshot } from "../../../state/slices/evolution.ts";
import { hasFinished, isActive } from "../../../state/slices/run.ts";
import { sampledFile } from "../../../state/slices/sampledNetwork.ts";
import {
  hasViewChoice,
  isHeldBack,
  type Origin,
  type SamplesState,
  shownFrame,
  shownGeneration,
  shownPixels,
  showOrigin,
} from "../../../state/slices/samples.ts";
import type { AppState } from "../../../state/state.ts";
import { isUntouched } from "../../../state/state.ts";
import { FIRST_MODEL } from "../../../state/trainedModels.ts";
import { FirstStep } from "../FirstStep.tsx";
import { TrainControls } from "../TrainControls.tsx";
import {
  digitsFileName,
  fractionDone,
  isComing,
  numberCaption,
  pointedCaption,
  sampleCaption,
} from "./captions.ts";
import classes from "./SamplePanel.module.css";
import { typedNumber } from "./typedNumber.ts";
import { useFreshColumns } from "./useFreshColumns.ts";
import { useNumberToWrite } from "./useNumberToWrite.ts";

// Before anything is trained FirstDigits is there alone, and then the other.
const FrameSlider = lazy(() => import("./FrameSlider.tsx"));
const FirstDigits = lazy(() => import("./FirstDigits.tsx"));

type NumberState = ReturnType<typeof useNumberToWrite>;

/** Draws before anything is trained, whatever images the page has. */
const FIRST_NETWORK: readonly ChosenNetwork[] = [{ kind: "model", fileName: FIRST_MODEL }];

const INTERVAL_MS = 100;
const selectSamples = (state: AppState) => state.samples;

/** The digits, on their way out of noise, with Train below them; a replay, and a number to write. */
export function SamplePanel() {
  return <Panel number={useNumberToWrite()} />;
}

/** Renders for every frame, what draws the number does not. */
function Panel({ number: typed }: { number: NumberState }) {
  useFreshColumns();
  const samples = useThrottledState(selectSamples, INTERVAL_MS);
  const fileName = useAppState(sampledFile);
  const pointed = useAppState(pointedSnapshot);
  const config = correctedConfig(useAppState((state) => (state.run ?? state).config));
  const isNew = useAppState(isUntouched);
  const isFinished = useAppState(hasFinished);
  const isOfPoints = takesPoints(config);
  const headingId = useId();
  const generation = shownGeneration(samples);
  const frame = shownFrame(samples);
  const naming = useNaming(isNew ? FIRST_NETWORK : undefined);
  const { noun } = naming;
  const number = useNumberOfRun(config, naming);
  const awaited = generation === null ? number : null;
  const { count } = pointed ?? generation ?? awaited ?? { count: snapshotCount(config) };
  const askedFor = pointed ? null : (generation?.askedFor ?? awaited);
  const isPreview = pointed !== null || (generation?.origin !== "person" && !awaited);
  const rows = isPreview ? classRows(count, config, ownNames(naming)) : (askedFor?.rows ?? null);
  const columns = askedFor?.columns ?? rows?.columns;
  const caption = pointed
    ? pointedCaption(pointed, noun)
    : awaited
      ? numberCaption(awaited.words)
      : sampleCaption(samples, { fileName, noun });
  const digits = <ShownDigits count={count} rows={rows} columns={columns} label={caption} />;

  return (
    // Where the focus goes from a button that is removed.
    <section tabIndex={-1} className={classes.panel} aria-labelledby={headingId}>
      <Group justify="space-between" wrap="nowrap">
        <Group gap={4} wrap="nowrap">
          <h2 id={headingId}>{isOfPoints ? "Where the points lie" : capitalized(`${noun}s`)}</h2>
          {!isNew && !isOfPoints && <Explain note="xt" />}
        </Group>
        {hasViewChoice(samples) && <ViewChoice view={samples.view} noun={noun} />}
      </Group>
      {isNew ? (
        <Late part="The first digits" until={digits}>
          <FirstDigits />
        </Late>
      ) : (
        <>
          {digits}
          <Group gap="sm" align="start" justify="space-between" wrap="nowrap">
            <Text size="sm" className={classes.caption} title={caption}>
              {caption}
              {!pointed && isComing(samples) && (
                <TimeLeft key={generation?.sampleId} samples={samples} />
              )}
            </Text>
            <SaveDigits
              label={`Save PNG of the ${noun}s`}
              digits={
                generation &&
                frame && {
                  pixels: frame.pixels,
                  ...(columns && { columns }),
                  fileName: digitsFileName(generation, frame.index, noun),
                }
              }
            />
          </Group>
          <Late part="What to generate" until={null}>
            <Group gap="4px var(--mantine-spacing-md)" className={classes.replay ?? ""}>
              <FrameSlider samples={samples} />
              {typed.canWrite && <NumberToWrite {...typed} />}
            </Group>
          </Late>
        </>
      )}
      <div className={classes.controls}>
        <TrainControls>
          {isNew && (
            <Button
              component={ViewLink}
              view="denoise"
              setUp={withWrittenNumber}
              size="md"
              variant="default"
            >
              Draw with it live
            </Button>
          )}
          {isFinished && (
            <>
              {isOfPoints ? (
                <Button component={ViewLink} view="plane" size="md" variant="filled">
                  See it in 2D
                </Button>
              ) : (
                <Button
                  component={ViewLink}
                  view="denoise"
                  setUp={withWrittenNumber}
                  size="md"
                  variant="filled"
                >
                  Draw with it
                </Button>
              )}
              <ViewLink view="evolution">See how it learned</ViewLink>
            </>
          )}
        </TrainControls>
        <FirstStep at="train" />
        <FirstStep at="digits" />
      </div>
    </section>
  );
}

/** Has Draw write the number that was typed here. */
function withWrittenNumber(query: URLSearchParams): URLSearchParams {
  const { write, digit } = readParams("train", query);
  const text = write || (digit ?? "");
  return text === "" ? query : withParams(query, "draw", { ask: "text", text });
}

/** Drawn as it is typed, and again and again while the network learns; without one the panel follows training. */
function NumberToWrite({ naming, text, error, type }: NumberState) {
  const areDigits = naming.noun === "digit";
  return (
    <NumberField
      label={areDigits ? "Number to write" : "Ask for"}
      inputMode={areDigits ? "numeric" : "text"}
      placeholder={areDigits ? "" : (naming.classNames ?? []).slice(0, 3).join(", ")}
      className={classes.number}
      text={text}
      error={error}
      onChange={type}
    />
  );
}

/** Gives the number that was typed while a run is active, and brings it to the front when the run begins. */
function useNumberOfRun(config: RunConfig, naming: Naming): AskedDigits | null {
  const { store } = useApp();
  const query = useSyncExternalStore(onAddressChange, addressQuery, addressQuery);
  const runId = useAppState(({ run }) => (isActive(run) ? run.runId : null));
  const { write, digit } = readParams("train", query);
  const number = runId === null ? null : typedNumber(write || (digit ?? ""), { ...config, naming });
  const begun = useRef<string | null>(null);
  // A layout effect, because the first preview must not be painted in between.
  useLayoutEffect(() => {
    const isNew = runId !== begun.current;
    begun.current = runId;
    if (isNew && number) {
      store.setState(({ samples }) => ({ samples: showOrigin(samples, "person") }));
    }
  }, [store, runId, number]);
  return number;
}

/** What is loaded later than the page. */
function Late({ part, until, children }: { part: string; until: ReactNode; children: ReactNode }) {
  return (
    <ErrorBoundary part={part}>
      <Suspense fallback={until}>{children}</Suspense>
    </ErrorBoundary>
  );
}

interface ShownDigitsProps {
  count: number;
  rows: ClassRows | null;
  columns: number | undefined;
  label: string;
}

/** All digits of the shown frame, or of the snapshot at which one points in the loss. */
function ShownDigits({ count, rows, columns, label }: ShownDigitsProps) {
  const { store } = useApp();
  const pixels = useCallback(() => pixelsToShow(store.getState(), count), [store, count]);
  return (
    <div className={classes.digits}>
      <FittedImageGrid
        count={count}
        rows={rows}
        columns={columns}
        label={label}
        pixels={pixels}
        subscribe={store.subscribe}
      />
    </div>
  );
}

/** The shown frame; before there is one, the noise that snapshots begin with. */
function pixelsToShow(state: AppState, count: number): Uint8Array {
  const snapshot = pointedSnapshot(state);
  const pixels = snapshot ? pixelsAt(snapshot, snapshot.numFrames - 1) : shownPixels(state.samples);
  // Another batch may have come to the front that this canvas is not laid out for yet.
  return pixels?.length === count * NUM_PIXELS ? pixels : startNoise(SNAPSHOT.seed, count);
}

/** The time left for digits that are on their way, which a screen reader would never finish reading. */
function TimeLeft({ samples }: { samples: SamplesState }) {
  const fraction = fractionDone(samples);
  const timeLeft = useTimeLeft(fraction);
  return (
    <span aria-hidden="true">
      {isHeldBack(samples) && `: ${formatPercent(fraction)}`}
      {timeLeft}
    </span>
  );
}

function views(noun: Noun): { value: Origin; label: string }[] {
  return [
    { value: "preview", label: "Follow training" },
    { value: "person", label: `My ${noun}s` },
  ];
}

/** Memoized, as the form below: the panel renders for every frame. */
const ViewChoice = memo(function ViewChoice({ view, noun }: { view: Origin; noun: Noun }) {
  const { store } = useApp();
  return (
    <SegmentedControl
      aria-label={`${capitalized(noun)}s to show`}
      data={views(noun)}
      value={view}
      onChange={(next) => store.setState((state) => ({ samples: showOrigin(state.samples, next) }))}
    />
  );
});
