import { Button, Group, Text } from "@mantine/core";
import { formatCount, formatPercent, formatShare } from "../../../../runtime/format.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import { FormProgress } from "../../../shared/network/NetworkForm.tsx";
import { useTimeLeft } from "../../../shared/timeLeft.ts";
import { ACTIONS } from "../../../state/actions.ts";
import { readingOf } from "../../../state/slices/reader.ts";
import classes from "./Quality.module.css";

const WITHOUT =
  "Without one, samples are measured by their nearest images, and by their Fréchet distance on the features of MNIST's classifier.";

/** How images that the page's own classifier does not fit are read: by a reader, which is trained here. */
export function Reader() {
  const reading = useAppState(readingOf);
  const facts = useAppState((state) => state.reader.known?.facts);
  if (reading === "fits" || reading === "looking") return null;
  return (
    <section className={`column ${classes.reader}`} aria-label="Classifier">
      {reading === "none" && <TrainReader />}
      {reading === "unlabeled" && (
        <Text size="sm" c="dimmed" lh={1.4}>
          A classifier tells classes apart, and these images have only one. {WITHOUT}
        </Text>
      )}
      {reading === "reader" && facts && (
        <Text size="sm" c="dimmed" lh={1.4}>
          The classifier of these images is right on <b>{formatShare(facts.testAccuracy)}</b> of{" "}
          {formatCount(facts.numTestImages)} held-out images.
        </Text>
      )}
    </section>
  );
}

function TrainReader() {
  const app = useApp();
  const fraction = useAppState((state) => state.reader.fraction);
  const failure = useAppState((state) => state.reader.failure);
  const reason = useAppState(ACTIONS.trainReader.disabledReason);
  const isTraining = fraction !== null;
  const { label, help, disabledReason: _, perform } = ACTIONS.trainReader;
  return (
    <>
      <Group gap="sm">
        <Button
          disabled={!isTraining && reason !== null}
          title={isTraining ? undefined : (reason ?? help)}
          onClick={() => (isTraining ? ACTIONS.cancelReader.perform(app) : perform(app))}
        >
          {isTraining ? ACTIONS.cancelReader.label : label}
        </Button>
      </Group>
      {isTraining && <Training fraction={fraction} />}
      {failure && !isTraining && (
        <Text size="sm" role="status" c="var(--mantine-color-error)">
          {failure}
        </Text>
      )}
      <Text size="sm" c="dimmed" lh={1.4}>
        A small classifier of these images tells what samples are read as, and how surely. It takes
        a minute or two, once. {WITHOUT}
      </Text>
    </>
  );
}

function Training({ fraction }: { fraction: number }) {
  const timeLeft = useTimeLeft(fraction);
  return (
    <FormProgress label="Training of the classifier" fraction={fraction}>
      Training: {formatPercent(fraction)}
      {timeLeft}
    </FormProgress>
  );
}
