import { ActionIcon, Button, Group } from "@mantine/core";
import type { ReactNode } from "react";
import { defaultConfig, type RunConfig } from "../../../engine/config/hyperparameters.ts";
import type { Noun } from "../../../engine/data/datasets.ts";
import {
  chosenSampler,
  SAMPLING,
  type SamplingEntry,
  type SamplingName,
  type SamplingTable,
  type SamplingText,
  shownText,
} from "../../../runtime/sampling/sampling.ts";
import { Explain } from "../explain/Explain.tsx";
import { ShuffleIcon } from "../icons.tsx";
import { NumberField } from "../parts/NumberField.tsx";
import { TableField } from "../parts/TableField.tsx";

/** Why guidance has no effect where no label is asked for. */
export function formatUnguided(noun: Noun): string {
  return `Only ${noun}s with a label can be guided.`;
}

interface SamplingFieldProps {
  name: SamplingName;
  /** In place of the table's. */
  label?: string;
  text: Partial<SamplingText>;
  /** The settings of the network; null when it is no longer there. */
  config: RunConfig | null;
  table?: SamplingTable;
  error?: string | undefined;
  /** Why it has no effect now. */
  unused?: string | false;
  className?: string | undefined;
  onChange: (changes: Partial<Record<SamplingName, string>>) => void;
}

/** A setting of how digits are drawn; nothing where it has no effect on the network. */
export function SamplingField(props: SamplingFieldProps) {
  const { name, text, table = SAMPLING, error, unused, className } = props;
  const entry: SamplingEntry = table[name];
  // These are the same for every network, also for one that is no longer there.
  const isOfAll = name === "count" || name === "seed";
  const config = props.config ?? (isOfAll ? defaultConfig() : null);
  if (!config || !entry.appliesTo(config, chosenSampler(text, { config, table }))) return null;
  const { label = entry.label } = props;
  const shown = shownText(name, text, { config, table });
  const change = (to: string) => props.onChange({ [name]: to });
  if (entry.kind === "choice") {
    return (
      <TableField
        label={label}
        table={entry.options(config)}
        id={shown}
        className={className}
        onChange={change}
      />
    );
  }
  const { max } = entry.range(config);
  const { end, width } = endOf(name, {
    unit: label.toLowerCase(),
    suggestions: entry.suggestions.filter((number) => number <= max),
    change,
  });
  return (
    <NumberField
      label={label}
      className={className}
      inputMode={entry.kind === "real" ? "decimal" : "numeric"}
      text={shown}
      {...(unused && { disabled: true, title: unused })}
      error={unused ? null : error}
      end={end}
      endWidth={width}
      onChange={change}
    />
  );
}

interface EndProps {
  unit: string;
  suggestions: readonly number[];
  change: (text: string) => void;
}

/** What stands within a number's field, at its end, and how many pixels it takes. */
function endOf(name: SamplingName, { unit, suggestions, change }: EndProps) {
  if (name === "guidance") return { end: <Explain note="guidance" />, width: 30 };
  if (name === "seed") return { end: <Shuffle onChoose={change} />, width: 36 };
  if (suggestions.length === 0) return { end: undefined, width: 0 };
  const end: ReactNode = (
    <Group gap={0} wrap="nowrap">
      {suggestions.map((number) => (
        <Button
          key={number}
          px={6}
          variant="subtle"
          aria-label={`${number} ${unit}`}
          onClick={() => change(String(number))}
        >
          {number}
        </Button>
      ))}
    </Group>
  );
  return { end, width: 21 * suggestions.length + 7 * suggestions.join("").length };
}

function Shuffle({ onChoose }: { onChoose: (text: string) => void }) {
  return (
    <ActionIcon
      variant="subtle"
      aria-label="Random seed"
      title="Other noise"
      onClick={() => onChoose(String(Math.floor(1e6 * Math.random())))}
    >
      <ShuffleIcon />
    </ActionIcon>
  );
}
