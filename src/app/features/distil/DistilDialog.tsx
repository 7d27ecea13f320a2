import { Button, Group, NativeSelect, Stack, Text } from "@mantine/core";
import { useEffect, useState } from "react";
import { stepsToDistilFrom } from "../../../engine/config/distillation.ts";
import type { RunConfig } from "../../../engine/config/hyperparameters.ts";
import { nearestPreset } from "../../../engine/config/presets.ts";
import { counted, withArticle } from "../../../runtime/format.ts";
import { useApp, useAppState } from "../../shared/AppContext.ts";
import { Explain } from "../../shared/explain/Explain.tsx";
import { useNaming } from "../../shared/network/useNaming.ts";
import { formatFile } from "../../shared/network/weightsText.ts";
import { EpochTime } from "../../shared/parts/EpochTime.tsx";
import { ModalDialog } from "../../shared/parts/ModalDialog.tsx";
import { NumberField } from "../../shared/parts/NumberField.tsx";
import { submitReason } from "../../shared/parts/SubmitButton.tsx";
import { ACTIONS, type Page } from "../../state/actions.ts";
import { fromList } from "../../state/opening.ts";
import { epochTimeOf } from "../../state/slices/epochTimer.ts";
import type { Teacher } from "../../state/slices/weights.ts";
import {
  type DistilForm,
  distilled,
  firstForm,
  halvings,
  toChoices,
  trainedSettings,
} from "./distilForm.ts";

/** Asks how a stored run or loaded weights are to be distilled, and to how few steps. Train begins it. */
export default function DistilDialog({ teacher }: { teacher: Teacher }) {
  const { store, client } = useApp();
  const { runId, weights } = teacher;
  const pageConfig = useAppState((state) => state.config);
  const trained = trainedSettings(teacher, pageConfig);
  const [form, setForm] = useState(() => firstForm(teacher, trained));
  const change = (changes: Partial<DistilForm>) => setForm({ ...form, ...changes });
  const { config, errors } = distilled(form, trained);
  // Train is judged by the settings and weights that the page will have once it is pressed.
  const trainReason = useAppState((state) =>
    ACTIONS.train.disabledReason({
      ...state,
      config,
      weights: { ...state.weights, loaded: weights },
    }),
  );
  useTime({ store, client }, config);
  const { noun } = useNaming();
  const reason = submitReason(trainReason, Object.keys(errors).length > 0);

  const field = (name: "phaseSteps" | "learningRate" | "distilGuidance", label: string) => (
    <NumberField
      label={label}
      inputMode={name === "phaseSteps" ? "numeric" : "decimal"}
      text={form[name]}
      error={errors[name]}
      onChange={(text) => change({ [name]: text })}
    />
  );
  const close = () => store.setState(({ weights }) => ({ weights: { ...weights, teacher: null } }));
  const train = () => {
    close();
    store.setState((state) => fromList(state, config));
    if (runId !== null) client.loadRunWeights(runId, weights.fileName);
    client.train({ config, preset: nearestPreset(config) });
  };

  return (
    <ModalDialog title={`Distil “${formatFile(weights.fileName)}”`} width={520} onClose={close}>
      <Stack
        component="form"
        gap="sm"
        onSubmit={(event) => {
          event.preventDefault();
          if (reason === null) train();
        }}
      >
        <Text size="sm" lh={1.4}>
          A student learns to do in one step what its teacher, this network, does in two. Then it
          teaches the next. So every phase halves the steps that {withArticle(noun)} takes:{" "}
          <b>{halvings(form)}</b>, in {counted(config.epochs, "phase")}.{" "}
          <Explain note="distillation" />
        </Text>
        <Group grow align="start" gap="sm">
          <StepsField
            label="From"
            choices={stepsToDistilFrom(weights, trained)}
            value={form.from}
            onChange={(from) => change({ from, to: Math.min(form.to, from / 2) })}
          />
          <StepsField
            label="To"
            choices={toChoices(form.from)}
            value={form.to}
            onChange={(to) => change({ to })}
          />
        </Group>
        <Group grow align="start" gap="sm">
          {field("phaseSteps", "Steps per phase")}
          {field("learningRate", "Learning rate")}
          {trained.classes > 0 && field("distilGuidance", "Guidance")}
        </Group>
        <EpochTime config={config} />
        <Group gap="sm">
          <Button type="submit" size="xs" variant="filled" disabled={reason !== null}>
            {ACTIONS.train.label}
          </Button>
          {reason !== null && (
            <Text size="xs" c="dimmed">
              {reason}
            </Text>
          )}
        </Group>
      </Stack>
    </ModalDialog>
  );
}

/** How long it takes is told without being asked for, as soon as nothing else computes. */
function useTime({ store, client }: Page, config: RunConfig) {
  const [first] = useState(config);
  const isFree = useAppState((state) => ACTIONS.timeEpoch.disabledReason(state, first) === null);
  useEffect(() => {
    const isKnown = epochTimeOf({ ...store.getState(), config: first }) !== null;
    if (isFree && !isKnown) client.timeEpoch(first);
  }, [store, client, first, isFree]);
  useEffect(() => client.cancelTiming, [client]);
}

interface StepsFieldProps {
  label: string;
  choices: readonly number[];
  value: number;
  onChange: (steps: number) => void;
}

function StepsField({ label, choices, value, onChange }: StepsFieldProps) {
  return (
    <NativeSelect
      label={label}
      data={choices.map((steps) => ({
        value: String(steps),
        label: counted(steps, "sampling step"),
      }))}
      value={String(value)}
      onChange={({ currentTarget }) => onChange(Number(currentTarget.value))}
    />
  );
}
