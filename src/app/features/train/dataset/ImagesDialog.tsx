import { Button, Checkbox, Group, NativeSelect, Progress, Stack, Text } from "@mantine/core";
import { sum } from "es-toolkit";
import { useCallback, useEffect, useRef, useState } from "react";
import { NUM_PIXELS } from "../../../../engine/config/hyperparameters.ts";
import { FEW_IMAGES, NUM_VARIED_IN_ALL } from "../../../../engine/data/augment.ts";
import type { DatasetIdentity } from "../../../../engine/data/datasets.ts";
import { HELD_OUT_OF } from "../../../../engine/data/imageFolders.ts";
import { imageAt } from "../../../../engine/data/imageOrder.ts";
import { LEAST_IMAGES } from "../../../../engine/data/imageSet.ts";
import { CROPS, type ImageChoices, MAX_PAPER } from "../../../../engine/data/networkImage.ts";
import { shortened, unturned } from "../../../../engine/shortenedText.ts";
import type { FoundSet, ImageSource, LeftOuts } from "../../../../hosts/images/protocol.ts";
import { counted, formatBytes, formatCount, formatPercent } from "../../../../runtime/format.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import { ImageGrid } from "../../../shared/images/ImageGrid.tsx";
import { FileActionButton } from "../../../shared/parts/FileActionButton.tsx";
import { LinkButton } from "../../../shared/parts/LinkButton.tsx";
import { ModalDialog } from "../../../shared/parts/ModalDialog.tsx";
import { SliderField } from "../../../shared/parts/SliderField.tsx";
import { useTimeLeft } from "../../../shared/timeLeft.ts";
import { ACTIONS } from "../../../state/actions.ts";
import { noticed } from "../../../state/slices/notices.ts";
import classes from "./ImagesDialog.module.css";
import { KeptSets } from "./KeptSets.tsx";
import { SymbolForm } from "./SymbolForm.tsx";
import { useImageReading } from "./useImageReading.ts";
import { Variations } from "./Variations.tsx";

/** Where a person brings other images to train on: chooses them, or sees what becomes of pictures before they are a set. */
export default function ImagesDialog({ sources }: { sources: readonly ImageSource[] }) {
  const { client } = useApp();
  const [isDrawing, setIsDrawing] = useState(false);
  const close = client.closeImages;
  return (
    <ModalDialog title="Train on other images" width={640} onClose={close}>
      {isDrawing && sources.length === 0 ? (
        <SymbolForm onClose={close} onBack={() => setIsDrawing(false)} />
      ) : sources.length === 0 ? (
        <Chooser onLoaded={close} onDraw={() => setIsDrawing(true)} />
      ) : (
        <Pictures sources={sources} onClose={close} />
      )}
    </ModalDialog>
  );
}

function Chooser({ onLoaded, onDraw }: { onLoaded: () => void; onDraw: () => void }) {
  const { store } = useApp();
  const missing = useAppState((state) => state.missingImages);
  // IDX files and weights load at once.
  const isLoading = useAppState(({ dataset, weights }) => dataset.loading ?? weights.loading);
  const wasLoading = useRef(isLoading);
  useEffect(() => {
    if (isLoading && !wasLoading.current && store.getState().importing?.length === 0) onLoaded();
    wasLoading.current = isLoading;
  }, [isLoading, store, onLoaded]);
  return (
    <Stack gap="md">
      {missing && (
        <Text size="sm" lh={1.45} role="status">
          The run was trained on <b>{missing.name}</b>, {formatCount(missing.numTrain)} images and{" "}
          {formatCount(missing.numValidation)} to validate, which are not kept in this browser.
          Bring the same once more, and it goes on.
        </Text>
      )}
      <Text size="sm" lh={1.45}>
        Bring pictures of any size: a folder with a subfolder for each class, a zip of it, or just
        pictures, without classes. They become gray, 28 × 28 pixels, and white where they are
        transparent. Nothing leaves your computer.
      </Text>
      <Group gap="xs">
        <FileActionButton action={ACTIONS.loadFiles} accept={null}>
          {(props) => <Button variant="filled" {...props} />}
        </FileActionButton>
        <FolderButton />
        <Text size="xs" c="dimmed">
          or drop them here, or paste them
        </Text>
      </Group>
      {!missing && (
        <Text size="sm" lh={1.45}>
          Or draw a symbol of your own, and a network learns it beside the digits.{" "}
          <LinkButton size="sm" onClick={onDraw}>
            Draw a symbol…
          </LinkButton>
        </Text>
      )}
      <Text size="xs" c="dimmed" lh={1.45}>
        IDX files, as MNIST has them, work as well, gzipped or not. Fashion-MNIST: download the four
        files at github.com/zalandoresearch/fashion-mnist, and choose them together.
      </Text>
      <KeptSets />
    </Stack>
  );
}

/** A folder is chosen by an input of its own: no browser offers files and folders in one. */
function FolderButton() {
  const { client } = useApp();
  const choose = () => {
    const input = document.createElement("input");
    input.type = "file";
    input.webkitdirectory = true;
    input.addEventListener("change", () => client.loadFiles([...(input.files ?? [])]));
    input.click();
  };
  return (
    <Button variant="default" onClick={choose}>
      Choose a folder…
    </Button>
  );
}

interface PicturesProps {
  sources: readonly ImageSource[];
  onClose: () => void;
}

function Pictures({ sources, onClose }: PicturesProps) {
  const { store, client } = useApp();
  const [isKept, setIsKept] = useState(true);
  const [wantsVaried, setWantsVaried] = useState(true);
  const onRead = useCallback(
    (dataset: DatasetIdentity, files: readonly File[], unread: LeftOuts) => {
      void client.loadMade(dataset, files, isKept);
      if (unread.count > 0) {
        const title = `${counted(unread.count, "picture")} could not be opened, and ${unread.count === 1 ? "is" : "are"} left out`;
        // It goes when the training begins.
        const rest = { tone: "info", source: "form" } as const;
        store.setState((state) => noticed(state, title, formatUnread(unread), rest));
      }
      onClose();
    },
    [store, client, isKept, onClose],
  );
  const onIdx = (files: readonly File[]) => {
    client.loadFiles(files);
    onClose();
  };
  const { status, message, set, counts, choices, numDone, total, ...reading } = useImageReading(
    sources,
    { onRead, onIdx },
  );
  const { after, choose, read, cancel } = reading;
  const back = () => store.setState({ importing: [] });
  if (status === "failed") {
    return (
      <Stack gap="md" className={classes.pictures}>
        <Text size="sm" c="var(--mantine-color-error)" role="alert" lh={1.45}>
          {message}
        </Text>
        <Group>
          <Button variant="default" onClick={back}>
            Choose others
          </Button>
        </Group>
      </Stack>
    );
  }
  if (status === "opening" || !set || !choices) {
    return (
      <Text size="sm" role="status">
        Looking at {counted(sources.length, "file")}…
      </Text>
    );
  }
  const numImages = sum(counts);
  const problem = tooFew(set, counts);
  const isFew = numImages < FEW_IMAGES;
  const isVaried = isFew && wantsVaried;
  const numKept = isVaried ? NUM_VARIED_IN_ALL : numImages;
  if (status === "reading")
    return <Reading key={total} numDone={numDone} total={total} onCancel={cancel} />;
  return (
    <Stack gap="sm" className={classes.pictures}>
      <Contents set={set} counts={counts} />
      {after && <Samples {...reading} after={after} set={set} />}
      <Choices choices={choices} onChange={choose} />
      <LeftOut {...set.leftOut} />
      {isFew && after && (
        <>
          <Checkbox
            size="xs"
            checked={wantsVaried}
            onChange={({ currentTarget }) => setWantsVaried(currentTarget.checked)}
            label={`Vary them to ${formatCount(NUM_VARIED_IN_ALL)} images, since ${formatCount(numImages)} are few to learn from`}
          />
          {isVaried && <Variations drawings={imageAt(after, 0)} />}
        </>
      )}
      <Checkbox
        size="xs"
        checked={isKept}
        onChange={({ currentTarget }) => setIsKept(currentTarget.checked)}
        label={`Keep the set in this browser (${formatBytes(numKept * (NUM_PIXELS + 1))}), so that its runs can go on after a reload`}
      />
      <Group gap="xs">
        <Button variant="filled" disabled={problem !== null} onClick={() => read(isVaried)}>
          Use {numImages === 1 ? "this image" : `these ${formatCount(numImages)} images`}
        </Button>
        <Button variant="default" onClick={back}>
          Choose others
        </Button>
        {problem && (
          <Text size="xs" c="var(--mantine-color-error)" role="alert">
            {problem}
          </Text>
        )}
      </Group>
    </Stack>
  );
}

/** Why a set cannot be used with so many images of each class; null where it can. */
function tooFew({ classNames }: FoundSet, counts: readonly number[]): string | null {
  if (sum(counts) < LEAST_IMAGES) return `${LEAST_IMAGES} pictures are needed at least.`;
  const emptied = classNames?.[counts.indexOf(0)];
  return emptied === undefined
    ? null
    : `No picture of “${unturned(emptied)}” is left: take one in again, or bring the folders without this one.`;
}

const MAX_UNREAD = 3;

/** The first that could not be opened, and why. */
function formatUnread({ first, count }: LeftOuts): string {
  const shown = first.slice(0, MAX_UNREAD);
  const more = count - shown.length;
  const lines = shown.map(({ path, reason }) => `${shortened(path, 80)}: ${reason}`);
  return [...lines, more > 0 ? `And ${formatCount(more)} more.` : ""].join(" ").trim();
}

const MAX_NAMED = 12;

/** The set's name, its classes and how many images each has. */
function Contents({ set, counts }: { set: FoundSet; counts: readonly number[] }) {
  const { name, classNames, isSplit } = set;
  const named = (classNames ?? [])
    .slice(0, MAX_NAMED)
    .map((className, label) => `${unturned(className)} ${formatCount(counts[label] ?? 0)}`);
  const numMore = (classNames?.length ?? 0) - named.length;
  return (
    <Text size="sm" lh={1.45}>
      <b>{unturned(name)}</b>: {counted(sum(counts), "image")}
      {classNames ? ` in ${classNames.length} classes: ${named.join(", ")}` : ""}
      {numMore > 0 && ` and ${numMore} more`}.{" "}
      {!classNames && "They lie in one folder, so there are no classes to ask for. "}
      {isSplit
        ? "The folders say which are held out to validate."
        : `${sum(counts) < HELD_OUT_OF ? "One" : "One in six"} is held out: the network is measured on it, and never learns it.`}
    </Text>
  );
}

interface ChoicesProps {
  choices: ImageChoices;
  onChange: (choices: ImageChoices) => void;
}

function Choices({ choices, onChange }: ChoicesProps) {
  const { crop, inverted, evened, paper } = choices;
  return (
    <Group gap="md" align="end">
      <NativeSelect
        label="Crop"
        data={Object.entries(CROPS).map(([value, { label }]) => ({ value, label }))}
        value={crop}
        title={CROPS[crop].help}
        onChange={({ currentTarget }) =>
          onChange({ ...choices, crop: currentTarget.value as ImageChoices["crop"] })
        }
      />
      <Checkbox
        size="xs"
        pb={8}
        checked={inverted}
        onChange={({ currentTarget }) => onChange({ ...choices, inverted: currentTarget.checked })}
        label="Dark on light: invert"
      />
      {inverted && (
        <Checkbox
          size="xs"
          pb={8}
          checked={evened}
          onChange={({ currentTarget }) => onChange({ ...choices, evened: currentTarget.checked })}
          label="Even out shadows"
        />
      )}
      <div className={classes.paper}>
        <SliderField
          isNamed
          name={`Erase below ${formatPercent(paper)}`}
          value={paper}
          range={{ min: 0, max: MAX_PAPER, step: 0.05 }}
          words={formatPercent(paper)}
          onChange={(paper) => onChange({ ...choices, paper })}
        />
      </div>
    </Group>
  );
}

interface SamplesProps
  extends Pick<ReturnType<typeof useImageReading>, "before" | "labels" | "without" | "toggle"> {
  after: Uint8Array;
  set: FoundSet;
}

/** Each picture above what the network will see of it; pressed, it is left out. */
function Samples({ before, after, labels, without, toggle, set }: SamplesProps) {
  const isEmpty = (i: number) =>
    !without.includes(i) && imageAt(after, i).every((value) => value < FAINT);
  const numEmpty = before.filter((_, i) => isEmpty(i)).length;
  return (
    <>
      <section className={classes.samples} aria-label="The first pictures, before and after">
        {before.map((bitmap, i) => {
          const isOut = without.includes(i);
          const className = set.classNames?.[labels[i] ?? 0];
          return (
            <button
              // biome-ignore lint/suspicious/noArrayIndexKey: they stay in their order.
              key={i}
              type="button"
              aria-pressed={!isOut}
              data-empty={isEmpty(i) || undefined}
              aria-label={`Picture ${i + 1}${className === undefined ? "" : `, ${className}`}`}
              title={isOut ? "Take it in again" : "Leave it out"}
              onClick={() => toggle(i)}
            >
              <Before bitmap={bitmap} />
              <ImageGrid pixels={imageAt(after, i)} className={classes.after} />
            </button>
          );
        })}
      </section>
      <Text size="xs" c={numEmpty > 0 ? "var(--mantine-color-error)" : "dimmed"} role="status">
        {numEmpty > 0
          ? `Nothing is left of ${counted(numEmpty, "picture")}: erase less, or leave ${numEmpty === 1 ? "it" : "them"} out.`
          : "Above as it was, below as the network sees it. Click on one to leave it out."}
      </Text>
    </>
  );
}

/** Gray of what nobody sees on black. */
const FAINT = 40;

function Before({ bitmap }: { bitmap: ImageBitmap }) {
  const canvasRef = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    canvasRef.current?.getContext("2d")?.drawImage(bitmap, 0, 0);
  }, [bitmap]);
  return (
    <div className={classes.before}>
      <canvas ref={canvasRef} width={bitmap.width} height={bitmap.height} />
    </div>
  );
}

function LeftOut({ first, count }: LeftOuts) {
  if (count === 0) return null;
  return (
    <details className={classes.leftOut}>
      <summary>
        {counted(count, "file")} {count === 1 ? "is" : "are"} left out
      </summary>
      <ul>
        {first.map(({ path, reason }) => (
          <li key={path}>
            {unturned(path)}: {reason}
          </li>
        ))}
        {count > first.length && <li>and {formatCount(count - first.length)} more</li>}
      </ul>
    </details>
  );
}

interface ReadingProps {
  numDone: number;
  total: number;
  onCancel: () => void;
}

function Reading({ numDone, total, onCancel }: ReadingProps) {
  const fraction = numDone / total;
  const timeLeft = useTimeLeft(fraction);
  return (
    <Stack gap="sm">
      <Text size="sm" role="status">
        {formatCount(numDone)} of {counted(total, "image")}
        {timeLeft}
      </Text>
      <Progress value={100 * fraction} aria-label="Reading the images" />
      <Group>
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
      </Group>
    </Stack>
  );
}
