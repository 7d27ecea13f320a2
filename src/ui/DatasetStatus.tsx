import { Anchor, Button, FileButton, Group, Progress, Text } from "@mantine/core";
import { useRef } from "react";
import { type DatasetLoading, type LoadedDataset, MNIST_NAME } from "../store/dataset.ts";
import { useApp, useAppState } from "./AppContext.ts";
import classes from "./DatasetStatus.module.css";
import { formatCount, formatMegabytes } from "./format.ts";
import { useTimeLeft } from "./timeLeft.ts";
import { whyNoFiles } from "./whyNoFiles.ts";

const FILES_HELP =
  "IDX files of images and labels, gzipped or not, e.g. Fashion-MNIST. They can also be dropped anywhere on the page.";

/** What the network trains on, how far it has loaded, and how to train on something else. */
export function DatasetStatus() {
  const { client } = useApp();
  const { current, loading } = useAppState((state) => state.dataset);
  const hasNoBackend = useAppState((state) => state.backend.status === "failed");
  const whyNot = useAppState(whyNoFiles);
  const resetRef = useRef<() => void>(null);

  const choose = (files: File[]) => {
    if (files.length > 0) client.loadFiles(files);
    // Else the browser says nothing when the same files are chosen again, mended meanwhile.
    resetRef.current?.();
  };
  if (loading) return <Loading key={loading.datasetId} loading={loading} />;
  return (
    <Group justify="space-between" gap={4} wrap="nowrap">
      {current ? (
        <Loaded dataset={current} />
      ) : (
        <Button
          size="compact-sm"
          variant="light"
          disabled={hasNoBackend}
          onClick={client.loadMnist}
        >
          Load MNIST again
        </Button>
      )}
      <FileButton onChange={choose} resetRef={resetRef} multiple disabled={whyNot !== null}>
        {(props) => (
          <Anchor
            {...props}
            component="button"
            type="button"
            size="xs"
            className={classes.other}
            disabled={whyNot !== null}
            title={whyNot ?? FILES_HELP}
          >
            Other files…
          </Anchor>
        )}
      </FileButton>
    </Group>
  );
}

function Loaded({ dataset }: { dataset: LoadedDataset }) {
  const { client } = useApp();
  const whyNot = useAppState(whyNoFiles);
  return (
    <Text size="xs" c="dimmed" lh={1.3}>
      <Text span inherit fw={600} c="var(--mantine-color-text)">
        {dataset.name}
      </Text>{" "}
      {formatCount(dataset.numTrain)} images
      {dataset.numValidation > 0 && `, ${formatCount(dataset.numValidation)} to validate`}
      {dataset.name !== MNIST_NAME && whyNot === null && (
        <>
          {" · "}
          <Anchor component="button" type="button" size="xs" onClick={client.loadMnist}>
            Back to MNIST
          </Anchor>
        </>
      )}
    </Text>
  );
}

function Loading({ loading }: { loading: DatasetLoading }) {
  const { name, loadedBytes, totalBytes, numImages, totalImages } = loading;
  const bytes = totalBytes
    ? `${(loadedBytes / 1e6).toFixed(1)} of ${formatMegabytes(totalBytes)}`
    : formatMegabytes(loadedBytes);
  const images =
    totalImages > 0 && `${formatCount(numImages)} of ${formatCount(totalImages)} images`;
  const fraction = totalBytes ? loadedBytes / totalBytes : numImages / Math.max(1, totalImages);
  const timeLeft = useTimeLeft(fraction);
  return (
    <div>
      <Text size="xs" c="dimmed" mb={4}>
        Loading {name}: {[bytes, images].filter(Boolean).join(", ")}
        {timeLeft}
      </Text>
      <Progress value={100 * fraction} size="sm" aria-label={`Loading ${name}`} />
    </div>
  );
}
