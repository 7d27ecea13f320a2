import { Box, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { useId, useState } from "react";
import { useShallow } from "zustand/react/shallow";
import type { HyperparameterName, RunConfig } from "../../../../engine/config/hyperparameters.ts";
import {
  nearestPreset,
  PRESETS,
  type PresetName,
  presetConfig,
  presetNames,
  settingsChangedFrom,
} from "../../../../engine/config/presets.ts";
import { validateNewRun } from "../../../../engine/config/validate.ts";
import { datasetEntry } from "../../../../engine/data/datasets.ts";
import { counted, epochWord, formatRoughly } from "../../../../runtime/format.ts";
import { useApp, useAppState } from "../../../shared/AppContext.ts";
import { formatFile } from "../../../shared/network/weightsText.ts";
import { EpochTime } from "../../../shared/parts/EpochTime.tsx";
import { LinkButton } from "../../../shared/parts/LinkButton.tsx";
import { ViewLink } from "../../../shared/parts/ViewLink.tsx";
import { SettingField } from "../../../shared/settings/SettingField.tsx";
import { SettingGroups } from "../../../shared/settings/SettingGroups.tsx";
import classes from "../../../shared/settings/Settings.module.css";
import { classesOf, type DatasetState } from "../../../state/slices/dataset.ts";
import { expectedMs } from "../../../state/slices/epochTimer.ts";
import { isActive, type Run } from "../../../state/slices/run.ts";
import { isOpeningAddressed } from "../../../state/slices/storedRuns.ts";
import { inForm } from "../../../state/slices/weights.ts";
import type { AppState } from "../../../state/state.ts";

/** Beside the epochs, which are always in sight, those that are changed most. */
const FIRST = ["batchSize", "learningRate", "seed"] as const satisfies HyperparameterName[];

// Images are denoised by a U-Net.
const ELSEWHERE: readonly HyperparameterName[] = ["epochs", "architecture", ...FIRST];

/** The settings of the next run; while a run is open, one line with its settings, with the form a click away. */
export function Settings() {
  const { store } = useApp();
  const run = useAppState((state) => state.run);
  const isActiveRun = isActive(run);
  const isOpen = useAppState((state) => state.isFormOpen);
  const isComing = useAppState(isOpeningAddressed);
  const headingId = useId();
  const bodyId = useId();
  if (!run && !isComing) {
    return (
      <section aria-labelledby={headingId}>
        <h2 id={headingId}>Settings</h2>
        <Form />
      </section>
    );
  }
  const words = run ? formatRunSettings(run) : "";
  return (
    <section aria-labelledby={headingId}>
      <Group gap="xs" wrap="nowrap">
        <Text id={headingId} component="h2" size="sm" fw={600} flex="none">
          Settings
        </Text>
        <Text size="sm" c="dimmed" truncate title={words}>
          {words}
        </Text>
        <LinkButton
          ml="auto"
          flex="none"
          aria-expanded={isOpen}
          aria-controls={bodyId}
          onClick={() => store.setState({ isFormOpen: !isOpen })}
        >
          {isOpen ? "Hide" : isActiveRun ? "Details" : "Change for the next run"}
        </LinkButton>
      </Group>
      <div id={bodyId}>
        {isOpen && (
          <>
            {!isActiveRun && <h3>Settings of the next run</h3>}
            <Form />
          </>
        )}
      </div>
    </section>
  );
}

/** What the line of a run says by name. */
const NAMED: readonly HyperparameterName[] = ["epochs", "seed"];

/** `Quick, 3 epochs, seed 0, 2 changed` */
function formatRunSettings({
  config,
  size,
  dataset,
}: Pick<Run, "config" | "size" | "dataset">): string {
  const preset = nearestPreset(config);
  const { epochs, seed } = config;
  const changed = settingsChangedFrom(preset, config).filter((name) => {
    // A set of one's own has classes of its own.
    const isOfSet = name === "classes" && !datasetEntry(dataset).numClasses;
    return !isOfSet && !NAMED.includes(name);
  });
  const suffix = changed.length > 0 ? `, ${counted(changed.length, "setting")} changed` : "";
  const from = size?.startedFrom ? `, from ${formatFile(size.startedFrom)}` : "";
  return `${PRESETS[preset].label}, ${counted(epochs, epochWord(config))}, seed ${seed}${suffix}${from}`;
}

/** The form of hyperparameters, made from their table. */
function Form() {
  const { store } = useApp();
  const preset = useAppState((state) => state.preset);
  const config = useAppState((state) => state.config);
  const isFixed = useAppState((state) => isActive(state.run));
  const [isEditing, setIsEditing] = useState(false);
  const images = useAppState((state) => state.dataset.current);
  const errors = validateNewRun(config, images);
  // Whoever changes a setting, also by a link, is to see it.
  const isChanged = settingsChangedFrom(preset, config).some(
    (name) => name !== "epochs" && !isOfImages(name, config, images),
  );
  const [wasChanged, setWasChanged] = useState(isChanged);
  const [isUnfolded, setIsUnfolded] = useState(isChanged);
  if (isChanged !== wasChanged) {
    setWasChanged(isChanged);
    if (isChanged) setIsUnfolded(true);
  }

  const fieldOf = (name: HyperparameterName) => (
    <SettingField
      key={name}
      name={name}
      value={config[name]}
      config={config}
      error={errors[name]}
      disabled={isFixed}
      onChange={(changed, value) => store.setState({ config: { ...config, [changed]: value } })}
    />
  );

  return (
    <Stack
      gap="sm"
      miw={0}
      mt="sm"
      className={classes.settings}
      data-editing={isEditing || undefined}
      onPointerDown={() => setIsEditing(true)}
      onInput={() => setIsEditing(true)}
      onKeyDown={({ key }) => key === "Tab" && setIsEditing(false)}
    >
      <PresetChoice
        preset={preset}
        config={config}
        isFixed={isFixed}
        onChoose={(name) => {
          const chosen = presetConfig(name);
          const classes = chosen.classes > 0 && images ? classesOf(images) : chosen.classes;
          store.setState(inForm({ preset: name, config: { ...chosen, classes } }));
        }}
      />
      <Group gap="md" align="start" wrap="nowrap" className={classes.fields ?? ""}>
        <Box w={120} flex="none">
          {fieldOf("epochs")}
        </Box>
        <EpochTime config={config} className={classes.epochTime} />
      </Group>
      <details
        open={isUnfolded}
        className={classes.advanced}
        onToggle={({ currentTarget }) => setIsUnfolded(currentTarget.open)}
      >
        <summary>Advanced</summary>
        <div className={`${classes.fields} ${classes.visible}`}>
          {FIRST.map((name) => fieldOf(name))}
        </div>
        <SettingGroups config={config} errors={errors} elsewhere={ELSEWHERE} fieldOf={fieldOf} />
      </details>
    </Stack>
  );
}

/** Whether a setting follows from the images, as their number of classes does, so that nobody has changed it. */
function isOfImages(
  name: HyperparameterName,
  { classes }: RunConfig,
  images: DatasetState["current"],
): boolean {
  return name === "classes" && images !== null && classes === classesOf(images);
}

const PRESET_NAMES = presetNames({ points: false });

/** How long each takes: measured on this device, or what its table says. */
function presetEfforts(state: AppState): Record<PresetName, string> {
  const efforts = PRESET_NAMES.map((name) => {
    const ms = expectedMs(state, presetConfig(name));
    return [name, ms === null ? PRESETS[name].effort : `about ${formatRoughly(ms)}`] as const;
  });
  return Object.fromEntries(efforts) as Record<PresetName, string>;
}

interface PresetChoiceProps {
  preset: PresetName;
  config: RunConfig;
  isFixed: boolean;
  /** Also called for the preset that is chosen already, so that its values come back. */
  onChoose: (preset: PresetName) => void;
}

function PresetChoice({ preset, config, isFixed, onChoose }: PresetChoiceProps) {
  const images = useAppState((state) => state.dataset.current);
  const numChanged = settingsChangedFrom(preset, config).filter(
    (name) => !isOfImages(name, config, images),
  ).length;
  const efforts = useAppState(useShallow(presetEfforts));
  return (
    <div className={classes.presets}>
      <SegmentedControl
        fullWidth
        aria-label="Preset"
        // Names side by side in a narrow column.
        classNames={{ control: classes.preset ?? "" }}
        styles={{ label: { paddingInline: 3, lineHeight: 1.25 } }}
        data={PRESET_NAMES.map((name) => ({
          value: name,
          label: (
            <>
              {PRESETS[name].label} <small className={classes.effort}>{efforts[name]}</small>
            </>
          ),
        }))}
        value={preset}
        disabled={isFixed}
        onChange={onChoose}
        onClick={({ target }) => {
          // A radio tells of no change then.
          if (target instanceof HTMLInputElement && target.value === preset) onChoose(preset);
        }}
      />
      <Text size="xs" c="dimmed" mt={6} lh={1.35}>
        {/* In place of the description, so that nothing moves when a run starts. */}
        {isFixed ? "Locked until the run is stopped." : PRESETS[preset].description}{" "}
        <ViewLink view="model">See the network</ViewLink>
        {numChanged > 0 && (
          <>
            {" "}
            {counted(numChanged, "setting")} changed from the preset.{" "}
            <LinkButton disabled={isFixed} onClick={() => onChoose(preset)}>
              Reset
            </LinkButton>
          </>
        )}
      </Text>
    </div>
  );
}
