import { Text } from "@mantine/core";
import { useId } from "react";
import { ACTIONS } from "../../state/actions.ts";
import { shownGeneration } from "../../state/slices/samples.ts";
import type { AppState } from "../../state/state.ts";
import {
  TRAINED_MODELS,
  type TrainedModel,
  type TrainedModelFile,
} from "../../state/trainedModels.ts";
import { useApp, useAppState } from "../AppContext.ts";
import { BusyButton } from "../BusyButton.tsx";
import { handFocusOn } from "../handFocusOn.ts";
import { LinkButton } from "./LinkButton.tsx";
import { Popup, PopupItem } from "./Popup.tsx";

const { label, help, disabledReason, perform } = ACTIONS.loadTrainedModel;
const FILES = Object.keys(TRAINED_MODELS) as TrainedModelFile[];

/** Whether nothing was trained, loaded or drawn yet. */
export function isUntouched({ run, weights, samples }: AppState): boolean {
  return run === null && weights.loaded === null && shownGeneration(samples) === null;
}

/** The one that is chosen comes with a form in place of the button. */
const toSection = handFocusOn((button) => button.closest("section"));

/** A choice of the networks that come with the app: at first a button, to see digits before training. */
export function TrainedModelsButton() {
  const isLoading = useAppState((state) => state.weights.loading !== null);
  const [button, popup] = useTrainedModels("end");
  return (
    <>
      <BusyButton
        {...button}
        ref={toSection}
        size="compact-sm"
        variant="light"
        flex="none"
        isBusy={isLoading}
      />
      {popup}
    </>
  );
}

/** Offers the trained models later on, to compare with; not while there is the button. */
export function TrainedModelsLink() {
  // The run of the address is on its way.
  const isThere = useAppState(
    (state) => !isUntouched(state) || state.stored.addressed?.problem === null,
  );
  const [button, popup] = useTrainedModels("start");
  if (!isThere) return null;
  return (
    <div>
      <LinkButton {...button} lh={1.3} />
      {popup}
    </div>
  );
}

function menuWords(fileName: TrainedModelFile): string {
  const model: TrainedModel = TRAINED_MODELS[fileName];
  const asked = model.readAsAsked ? `${model.readAsAsked}\u00a0% as asked, ` : "";
  return `${model.use} ${model.megabytes} MB, ${asked}confidence ${model.confidence}, distance ${model.distance}.`;
}

/** The props of the button, and the menu that it opens. */
function useTrainedModels(align: "start" | "end") {
  const id = useId();
  const app = useApp();
  const reason = useAppState(disabledReason);
  const button = { children: label, title: reason ?? help, disabled: reason !== null };
  const popup = (
    <Popup id={id} kind="menu" align={align}>
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
  );
  return [{ ...button, popoverTarget: id }, popup] as const;
}
