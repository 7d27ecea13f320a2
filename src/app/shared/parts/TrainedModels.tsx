import { Text } from "@mantine/core";
import { useId } from "react";
import { ACTIONS } from "../../state/actions.ts";
import {
  TRAINED_MODELS,
  type TrainedModel,
  type TrainedModelFile,
} from "../../state/trainedModels.ts";
import { useApp, useAppState } from "../AppContext.ts";
import { LinkButton } from "./LinkButton.tsx";
import { Popup, PopupItem } from "./Popup.tsx";

const { label, help, disabledReason, perform } = ACTIONS.loadTrainedModel;
const FILES = Object.keys(TRAINED_MODELS) as TrainedModelFile[];

/** A choice of the networks that come with the app, for a run to go on from. */
export function TrainedModelsLink() {
  const id = useId();
  const app = useApp();
  const reason = useAppState(disabledReason);
  return (
    <div>
      <LinkButton lh={1.3} title={reason ?? help} disabled={reason !== null} popoverTarget={id}>
        {label}
      </LinkButton>
      <Popup id={id} kind="menu" align="start">
        {FILES.map((fileName) => (
          <PopupItem
            key={fileName}
            popupId={id}
            label={TRAINED_MODELS[fileName].label}
            use={menuWords(fileName)}
            onClick={() => perform(app, fileName)}
          />
        ))}
        <Text size="xs" c="dimmed" px={10} py={6} lh={1.3}>
          How a classifier reads 2,000 samples, and their Fréchet distance. Real digits: 99.4&nbsp;%
          read right, 0.03.
        </Text>
      </Popup>
    </div>
  );
}

function menuWords(fileName: TrainedModelFile): string {
  const model: TrainedModel = TRAINED_MODELS[fileName];
  const asked = model.readAsAsked ? `${model.readAsAsked}\u00a0% as asked, ` : "";
  return `${model.use} ${model.megabytes} MB, ${asked}confidence ${model.confidence}, distance ${model.distance}.`;
}
