import {
  Button,
  CloseButton,
  Group,
  NativeSelect,
  SegmentedControl,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useRef } from "react";
import {
  HYPERPARAMETER_GROUPS,
  HYPERPARAMETERS,
  type HyperparameterName,
} from "../../../../engine/config/hyperparameters.ts";
import { runLength } from "../../../../engine/config/runLength.ts";
import { exampleOf, type SweepPlan, totalBudget } from "../../../../engine/config/sweep.ts";
import { formatRoughly } from "../../../../runtime/format.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import formClasses from "../../../shared/network/Form.module.css";
import { FormStatus, NetworkForm } from "../../../shared/network/NetworkForm.tsx";
import { useNounOfSet } from "../../../shared/network/useNaming.ts";
import { LinkButton } from "../../../shared/parts/LinkButton.tsx";
import { NumberField } from "../../../shared/parts/NumberField.tsx";
import { submitReason } from "../../../shared/parts/SubmitButton.tsx";
import { epochTimeOf } from "../../../state/slices/epochTimer.ts";
import type { AppState } from "../../../state/state.ts";
import {
  baseWords,
  type SweepForm as Form,
  lossNote,
  nextAxis,
  planned,
  planWords,
} from "./plannedSweep.ts";
import classes from "./Sweep.module.css";
import { startReason, useSweepQueue, useSweepState } from "./sweepQueue.ts";

const KINDS = [
  { value: "grid", label: "All combinations" },
  { value: "list", label: "List of runs" },
];

/** Choices of successive halving: of so many runs the best one goes on. */
const HALVINGS = [null, 2, 3, 4].map((eta) => ({
  value: `${eta ?? ""}`,
  label: eta === null ? "Train all to the end" : `Keep the best 1 of ${eta}`,
}));

/** Settings that no run of a sweep can have, or that change nothing in it. */
const NOT_VARIED: readonly HyperparameterName[] = [
  ...(["distilFrom", "distilGuidance", "phaseSteps", "reflowSteps"] as const),
  ...(["interpolationNoise", "checkpointMinutes"] as const),
  ...(["architecture", "width", "depth", "points", "ownPoints", "numPoints"] as const),
];

const SETTINGS = Object.entries(HYPERPARAMETER_GROUPS)
  .map(([group, entries]) => ({
    group: group.charAt(0).toUpperCase() + group.slice(1),
    items: (Object.keys(entries) as HyperparameterName[])
      .filter((name) => !NOT_VARIED.includes(name))
      .map((name) => ({ value: name, label: HYPERPARAMETERS[name].label })),
  }))
  .filter(({ items }) => items.length > 0);

/** What to vary, and how long each run is trained. */
export function SweepForm() {
  const { client } = useApp();
  const queue = useSweepQueue();
  const form = useSweepState((state) => state.form);
  const preset = useAppState((state) => state.preset);
  const config = useAppState((state) => state.config);
  const images = useAppState((state) => state.dataset.current);
  const loaded = useAppState((state) => state.weights.loaded);
  const { plan, axisErrors, error } = planned(form, { preset, config }, images);
  const time = useAppState((state) => (plan ? planTimeWords(plan, state) : ""));
  const reason = useAppState(startReason);
  const disabledReason = submitReason(reason, plan === null);
  const change = (changes: Partial<Form>) => queue.change(changes);
  const noun = useNounOfSet();
  const note = plan && lossNote(plan, noun);
  return (
    <NetworkForm
      title="Sweep"
      label="What to vary"
      words=""
      isWrong
      submit={{ label: "Start sweep", isBusy: false, disabledReason }}
      status={
        <>
          <FormStatus error={error} outcome={disabledReason} />
          {loaded && (
            <LinkButton onClick={client.forgetWeights}>Remove {loaded.fileName}</LinkButton>
          )}
        </>
      }
      onSubmit={() => {
        if (plan && disabledReason === null) queue.start(plan);
      }}
      start={
        <Text size="xs" c="dimmed">
          A sweep trains many runs, one after the other, that differ in the settings you vary. All
          other settings are those of the form in Train, now {baseWords(preset, config)}.
        </Text>
      }
      settings={
        <>
          <SegmentedControl
            aria-label="Which runs"
            data={KINDS}
            value={form.kind}
            onChange={(kind) => change({ kind: kind as Form["kind"] })}
          />
          {form.kind === "grid" ? (
            <Axes axes={form.axes} errors={axisErrors} onChange={(axes) => change({ axes })} />
          ) : (
            <Textarea
              label="Runs"
              description="A run in each line: name=value of each setting, separated by spaces. The names are those in the page's address."
              autosize
              minRows={4}
              maxRows={12}
              spellCheck={false}
              value={form.list}
              onChange={({ currentTarget }) => change({ list: currentTarget.value })}
            />
          )}
          <Group grow gap={4} align="end">
            <NumberField
              label="Each run"
              text={form.amount}
              error={null}
              inputMode="decimal"
              onChange={(amount) => change({ amount })}
            />
            <NativeSelect
              aria-label="Unit"
              data={["steps", "minutes"]}
              value={form.unit}
              onChange={({ currentTarget }) =>
                change({ unit: currentTarget.value as Form["unit"] })
              }
            />
          </Group>
          <NativeSelect
            label="Successive halving"
            description="All runs train briefly, the best continue, and this repeats (Jamieson and Talwalkar 2016)."
            data={HALVINGS}
            value={`${form.halving ?? ""}`}
            onChange={({ currentTarget }) =>
              change({ halving: currentTarget.value === "" ? null : Number(currentTarget.value) })
            }
          />
          {plan && (
            <Text size="xs">
              {planWords(plan)} {time}
            </Text>
          )}
          {note && (
            <Text size="xs" className={formClasses.note}>
              {note}
            </Text>
          )}
        </>
      }
    />
  );
}

interface AxesProps {
  axes: Form["axes"];
  errors: readonly (string | null)[];
  onChange: (axes: Form["axes"]) => void;
}

function Axes({ axes, errors, onChange }: AxesProps) {
  const moreRef = useRef<HTMLButtonElement>(null);
  const replace = (index: number, axis: Form["axes"][number]) =>
    onChange(axes.map((each, i) => (i === index ? axis : each)));
  return (
    <>
      {axes.map(({ name, values }, index) => (
        <fieldset
          // biome-ignore lint/suspicious/noArrayIndexKey: the setting of an axis may be changed.
          key={index}
          className={classes.axis}
          aria-label={`Vary ${HYPERPARAMETERS[name].label}`}
        >
          <NativeSelect
            aria-label="Setting"
            data={SETTINGS}
            value={name}
            onChange={({ currentTarget }) => {
              const chosen = currentTarget.value as HyperparameterName;
              replace(index, { name: chosen, values: exampleOf(chosen) });
            }}
          />
          <CloseButton
            size="sm"
            aria-label={`Do not vary ${HYPERPARAMETERS[name].label}`}
            disabled={axes.length === 1}
            onClick={() => {
              // It goes, or is disabled where one axis is left.
              moreRef.current?.focus();
              onChange(axes.filter((_, i) => i !== index));
            }}
          />
          <TextInput
            aria-label={`Values of ${HYPERPARAMETERS[name].label}`}
            placeholder={exampleOf(name)}
            error={errors[index]}
            autoComplete="off"
            spellCheck={false}
            value={values}
            onChange={({ currentTarget }) => replace(index, { name, values: currentTarget.value })}
          />
        </fieldset>
      ))}
      <Button
        ref={moreRef}
        style={{ alignSelf: "start" }}
        onClick={() => onChange([...axes, nextAxis(axes)])}
      >
        Vary another setting
      </Button>
    </>
  );
}

/** How long that takes, as far as it is known; empty where it is not. */
export function planTimeWords(plan: SweepPlan, state: AppState): string {
  if ("minutes" in plan.budget) return "Validations and previews come on top.";
  const { current } = state.dataset;
  const time = epochTimeOf({ ...state, config: plan.base });
  if (!time || !current) return "";
  const { stepsPerEpoch } = runLength(plan.base, current.numTrain);
  const totalMs = (totalBudget(plan) * time.epochMs) / stepsPerEpoch;
  return `About ${formatRoughly(totalMs)} at the speed of the settings under Train.`;
}
