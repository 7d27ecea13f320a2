import { Button, Group, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { type ReactNode, useState } from "react";
import { namingOf } from "../../../engine/data/datasets.ts";
import { takesPoints } from "../../../engine/nn/architectures.ts";
import { type FormatOf, formatsOf, type Purpose } from "../../../runtime/files/runFormats.ts";
import { ACTIONS } from "../../state/actions.ts";
import { shareLink } from "../../state/address.ts";
import { nounOfSet } from "../../state/slices/dataset.ts";
import { useApp, useAppState } from "../AppContext.ts";
import { ModalDialog } from "../parts/ModalDialog.tsx";
import items from "../parts/Popup.module.css";
import { ViewLink } from "../parts/ViewLink.tsx";
import classes from "./ExportSheet.module.css";
import { SaveWeightsForm } from "./SaveWeightsForm.tsx";

interface ExportSheetProps {
  runId: string | null;
  /** Opens what asks for something before its file is made. */
  onOpen: (dialog: "page" | "card") => void;
  onClose: () => void;
}

/** All that can be taken away, by what it is for: the same wherever it is opened. */
export default function ExportSheet({ runId, onOpen, onClose }: ExportSheetProps) {
  const isOpen = useAppState(({ run }) => runId === null || run?.runId === runId);
  const hasWeights = useAppState(
    (state) => isOpen && ACTIONS.saveWeights.disabledReason(state) === null,
  );
  const cardReason = useAppState((state) =>
    runId === null ? null : ACTIONS.summaryCard.disabledReason(state, runId),
  );
  const noun = useAppState((state) =>
    state.run ? namingOf(state.run.dataset).noun : nounOfSet(state),
  );
  const isOfPoints = useAppState(({ run }) => run !== null && takesPoints(run.config));
  const name = useAppState(({ run, stored }) => {
    const of = run?.runId === runId ? run : stored.runs?.find((each) => each.runId === runId);
    return of?.name ?? null;
  });
  const formats = (purpose: Purpose) =>
    runId !== null && <Formats runId={runId} {...{ purpose, onOpen, onClose }} />;
  return (
    <ModalDialog
      title={name === null ? "Export" : `Export “${name}”`}
      width={680}
      onClose={onClose}
    >
      <div className={classes.groups}>
        {(runId !== null || hasWeights) && (
          <Purposes title="For PyTorch and TensorFlow.js">
            {formats("pytorch")}
            {hasWeights && <SaveWeightsForm onSave={onClose} />}
          </Purposes>
        )}
        {runId !== null && (
          <Purposes title="For a report">
            <Item
              label={ACTIONS.summaryCard.label}
              use={cardReason ?? ACTIONS.summaryCard.help}
              disabled={cardReason !== null}
              onClick={() => onOpen("card")}
            />
            {isOpen && (
              <Text size="sm" px={10} py={6}>
                <ViewLink view="charts" onClick={onClose}>
                  Charts
                </ViewLink>{" "}
                save pictures and tables,{" "}
                {isOfPoints ? (
                  <>
                    <ViewLink view="plane" onClick={onClose}>
                      2D
                    </ViewLink>{" "}
                    a video of the points.
                  </>
                ) : (
                  <>
                    <ViewLink view="evolution" onClick={onClose}>
                      Evolution
                    </ViewLink>{" "}
                    a video of the {noun}s.
                  </>
                )}
              </Text>
            )}
          </Purposes>
        )}
        <Purposes title="To share">
          {isOpen && <LinkField />}
          {formats("share")}
        </Purposes>
        {runId !== null && (
          <>
            <Purposes title="To continue later">{formats("continue")}</Purposes>
            <Purposes title="Data">{formats("data")}</Purposes>
          </>
        )}
      </div>
    </ModalDialog>
  );
}

function Purposes({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Stack component="section" gap={2} aria-label={title}>
      <Text component="h3" size="sm" fw={600} px={10}>
        {title}
      </Text>
      {children}
    </Stack>
  );
}

interface FormatsProps extends ExportSheetProps {
  runId: string;
  purpose: Purpose;
}

/** The formats of a run that are for something. */
function Formats({ runId, purpose, onOpen, onClose }: FormatsProps) {
  const { client } = useApp();
  const config = useAppState(({ run, stored }) => {
    const exported = run?.runId === runId ? run : stored.runs?.find((of) => of.runId === runId);
    return exported && "config" in exported ? exported.config : null;
  });
  const save = (format: FormatOf<"run">) => {
    if (format === "page") return onOpen("page");
    client.exportRun(runId, format);
    onClose();
  };
  return formatsOf("run")
    .filter((format) => format.purpose === purpose)
    .map(({ id, label, help, problem }) => {
      const reason = (config && problem?.(config)) ?? null;
      return (
        <Item
          key={id}
          label={id === "page" ? `${label}…` : label}
          use={reason ?? help}
          disabled={reason !== null}
          onClick={() => save(id)}
        />
      );
    });
}

interface ItemProps {
  label: string;
  /** What it is good for, or why it cannot be had. */
  use: string;
  disabled: boolean;
  onClick: () => void;
}

function Item({ label, use, ...button }: ItemProps) {
  return (
    <UnstyledButton className={`${items.item} ${classes.item}`} {...button}>
      {label}
      <Text span display="block" size="xs" c="dimmed" lh="inherit">
        {use}
      </Text>
    </UnstyledButton>
  );
}

/** A link to the page as it is seen, also for browsers that do not allow copying. */
function LinkField() {
  const { store } = useApp();
  const [link] = useState(() => shareLink(store.getState()));
  const { copy, copied } = useClipboard({ timeout: 60_000 });
  return (
    <Group gap="xs" align="end" wrap="nowrap" px={10} py={6}>
      <TextInput
        flex={1}
        label="Link"
        description="Opens this page with your settings, not with your run."
        readOnly
        value={link}
        onFocus={(event) => event.currentTarget.select()}
      />
      <Button onClick={() => copy(link)}>
        <span aria-live="polite">{copied ? "Copied" : "Copy"}</span>
      </Button>
    </Group>
  );
}
