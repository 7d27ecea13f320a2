import { Text } from "@mantine/core";
import { useId, useState } from "react";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import { FileActionButton } from "../../../shared/parts/FileActionButton.tsx";
import { LinkButton } from "../../../shared/parts/LinkButton.tsx";
import { Popup, PopupItem } from "../../../shared/parts/Popup.tsx";
import { ACTIONS } from "../../../state/actions.ts";
import {
  TRAINED_MODELS,
  type TrainedModel,
  type TrainedModelFile,
} from "../../../state/trainedModels.ts";

const { label, help, disabledReason, perform } = ACTIONS.loadTrainedModel;
const FILES = Object.keys(TRAINED_MODELS) as TrainedModelFile[];
const isStudent = (fileName: TrainedModelFile) => TRAINED_MODELS[fileName].config.distilFrom > 0;

/** A choice of the networks that come with the app, the students after one more click, or a file, for a run to go on from. */
export function TrainedModelsLink() {
  const id = useId();
  const app = useApp();
  const reason = useAppState(disabledReason);
  const [hasStudents, setHasStudents] = useState(false);
  return (
    <div>
      <LinkButton lh={1.3} title={reason ?? help} disabled={reason !== null} popoverTarget={id}>
        {label}
      </LinkButton>
      <Popup id={id} kind="menu" align="start" onToggle={() => setHasStudents(false)}>
        {FILES.filter((fileName) => hasStudents || !isStudent(fileName)).map((fileName) => (
          <PopupItem
            key={fileName}
            popupId={id}
            label={TRAINED_MODELS[fileName].label}
            use={menuWords(fileName)}
            onClick={() => perform(app, fileName)}
          />
        ))}
        {!hasStudents && (
          <PopupItem
            label="All models…"
            use="Also the students, which draw in four steps or one."
            onClick={({ currentTarget }) => {
              // This item goes, and the focus must not go with it.
              currentTarget.parentElement?.querySelector("button")?.focus();
              setHasStudents(true);
            }}
          />
        )}
        <FileActionButton action={ACTIONS.loadWeights} accept=".safetensors">
          {({ children, title, ...button }) => (
            <PopupItem popupId={id} label={children} use={title ?? ""} {...button} />
          )}
        </FileActionButton>
        <Text size="xs" c="dimmed" px={10} py={6} lh={1.3}>
          How a classifier reads 2,000 samples, and their Fréchet distance. Of real digits
          99.4&nbsp;% are read correctly, and their distance is 0.03.
        </Text>
      </Popup>
    </div>
  );
}

function menuWords(fileName: TrainedModelFile): string {
  const model: TrainedModel = TRAINED_MODELS[fileName];
  const asked = model.readAsAsked ? `${model.readAsAsked}\u00a0% read as asked, ` : "";
  return `${model.use} ${model.megabytes} MB, ${asked}confidence ${model.confidence}, distance ${model.distance}.`;
}
