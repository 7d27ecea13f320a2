import { Group, Progress, Text } from "@mantine/core";
import { bundledDatasets, type DatasetId } from "../../../../engine/data/datasets.ts";
import { formatCount, formatMegabytes } from "../../../../runtime/format.ts";
import { useAppState } from "../../../shared/AppContext.ts";
import { LinkButton } from "../../../shared/parts/LinkButton.tsx";
import { useTimeLeft } from "../../../shared/timeLeft.ts";
import { useAction } from "../../../shared/useAction.ts";
import { ACTIONS } from "../../../state/actions.ts";
import type { DatasetLoading } from "../../../state/slices/dataset.ts";
import { isActive } from "../../../state/slices/run.ts";

/** Room for the two lines that MNIST's figures take, or a line and a bar: nothing below moves when it is loaded. */
const HEIGHT = 32;

/** What the network trains on, how far it has loaded, and how to train on something else. */
export function DatasetStatus() {
  const { current, loading } = useAppState((state) => state.dataset);
  const classes = useAppState((state) => state.config.classes);
  const isActiveRun = useAppState(({ run }) => isActive(run));
  if (loading) return <Loading key={loading.loadId} loading={loading} />;
  return (
    <>
      <Group justify="space-between" gap={4} wrap="nowrap" mih={HEIGHT}>
        <Text size="xs" c="dimmed" lh={1.3}>
          {current && (
            <>
              <Text span inherit fw={600} c="var(--mantine-color-text)">
                {current.name}
              </Text>{" "}
              {formatCount(current.numTrain)} {current.numTrain === 1 ? "image" : "images"}
              {current.numValidation > 0 && `, ${formatCount(current.numValidation)} to validate`}
            </>
          )}
          {bundledDatasets().map(
            (dataset) =>
              dataset.id !== current?.id && (
                <LoadDataset key={dataset.id} dataset={dataset} isOther={current !== null} />
              ),
          )}
        </Text>
        {/* A run keeps the images that it began with. */}
        {!isActiveRun && <OtherImages />}
      </Group>
      {current && classes > 0 && classes !== current.numClasses && (
        <OtherClasses numClasses={current.numClasses} classes={classes} />
      )}
    </>
  );
}

function OtherImages() {
  const open = useAction(ACTIONS.otherImages);
  return <LinkButton {...open} flex="none" />;
}

/** The setting has another number of classes than the labels; with fewer there is no training. */
function OtherClasses({ numClasses, classes }: { numClasses: number; classes: number }) {
  const fit = useAction(ACTIONS.fitClasses);
  const color = classes < numClasses ? "var(--mantine-color-error)" : "dimmed";
  return (
    <Text size="xs" c={color} lh={1.3}>
      The labels of these images go from 0 to {numClasses - 1}, but Classes is {classes}.{" "}
      <LinkButton {...fit}>Set it to {numClasses}</LinkButton>
    </Text>
  );
}

interface LoadDatasetProps {
  dataset: ReturnType<typeof bundledDatasets>[number];
  /** There is another one, which it would replace. */
  isOther: boolean;
}

/** A dataset that the app brings along and that is not in use. */
function LoadDataset({ dataset, isOther }: LoadDatasetProps) {
  const load = useAction<[DatasetId]>(ACTIONS.loadDataset, dataset.id);
  return (
    <>
      {isOther && " · "}
      <LinkButton {...load} title={load.title ?? dataset.help}>
        {isOther ? "Use" : "Load"} {dataset.label}
      </LinkButton>
    </>
  );
}

function Loading({ loading }: { loading: DatasetLoading }) {
  const { name, loadedBytes, totalBytes, numImages, totalImages } = loading;
  const bytes = totalBytes
    ? `${(loadedBytes / 1e6).toFixed(1)} of ${formatMegabytes(totalBytes)}`
    : formatMegabytes(loadedBytes);
  const images = `${formatCount(numImages)} of ${formatCount(totalImages)} images`;
  const fraction = totalBytes ? loadedBytes / totalBytes : numImages / Math.max(1, totalImages);
  const timeLeft = useTimeLeft(fraction);
  return (
    <div style={{ minHeight: HEIGHT }}>
      <Text size="xs" c="dimmed" mb={4} truncate>
        {name}: {totalBytes || !totalImages ? bytes : images}
        {timeLeft}
      </Text>
      <Progress value={100 * fraction} aria-label={`Loading ${name}`} />
    </div>
  );
}
