import { Accordion, Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import {
  HYPERPARAMETER_GROUPS,
  type HyperparameterName,
  isUsed,
  type RunConfig,
} from "../../../engine/config/hyperparameters.ts";
import type { ConfigErrors } from "../../../engine/config/validate.ts";
import { Explain } from "../explain/Explain.tsx";
import type { NoteName } from "../explain/notes.ts";
import classes from "./Settings.module.css";

const GROUPS = [
  { group: "model", title: "Network", notes: [] },
  {
    group: "diffusion",
    title: "Diffusion",
    notes: ["xt", "objective", "v", "flow", "oneLevel", "schedule", "minSnr"],
  },
  { group: "training", title: "Optimizer", notes: ["gradNorm", "ema"] },
  { group: "sampling", title: "Sampling and previews", notes: ["sampler", "interpolation"] },
  { group: "saving", title: "Checkpoints and early stopping", notes: [] },
] as const satisfies {
  group: keyof typeof HYPERPARAMETER_GROUPS;
  title: string;
  notes: NoteName[];
}[];

/** Notes on a setting, which come and go with its field. */
const OF_SETTING: Partial<Record<NoteName, HyperparameterName>> = {
  schedule: "betaSchedule",
  minSnr: "minSnrGamma",
};

function isNoteOf(note: NoteName, config: RunConfig): boolean {
  const setting = OF_SETTING[note];
  return !setting || isUsed(setting, config);
}

const ACCORDION_STYLES = {
  item: { borderColor: "var(--line)" },
  control: { paddingInline: 2 },
  label: { paddingBlock: 8, fontSize: "var(--mantine-font-size-sm)" },
  content: { paddingInline: 2 },
};

/** The settings by group, those of which a configuration makes use, folded. */
export function SettingGroups({
  config,
  errors,
  elsewhere,
  fieldOf,
}: {
  config: RunConfig;
  errors: ConfigErrors;
  /** Settings whose fields stand elsewhere, or nowhere. */
  elsewhere: readonly HyperparameterName[];
  fieldOf: (name: HyperparameterName) => ReactNode;
}) {
  return (
    <Accordion multiple variant="default" styles={ACCORDION_STYLES}>
      {GROUPS.map(({ group, title, notes }) => {
        const names = (Object.keys(HYPERPARAMETER_GROUPS[group]) as HyperparameterName[]).filter(
          (name) => !elsewhere.includes(name) && (isUsed(name, config) || errors[name]),
        );
        const numErrors = names.filter((name) => errors[name]).length;
        return (
          <Accordion.Item key={group} value={group}>
            <Accordion.Control>
              {title}
              {numErrors > 0 && (
                <Text span size="xs" c="var(--mantine-color-error)" ml={6}>
                  {numErrors === 1 ? "1 invalid value" : `${numErrors} invalid values`}
                </Text>
              )}
            </Accordion.Control>
            <Accordion.Panel>
              {notes.length > 0 && (
                <Group gap="0 8px" mb={6} ml={-3}>
                  {notes
                    .filter((note) => isNoteOf(note, config))
                    .map((note) => (
                      <Explain key={note} note={note} isNamed />
                    ))}
                </Group>
              )}
              <Stack gap="sm" className={classes.fields}>
                {names.map((name) => fieldOf(name))}
              </Stack>
            </Accordion.Panel>
          </Accordion.Item>
        );
      })}
    </Accordion>
  );
}
