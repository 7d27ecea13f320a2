import { Slider, Text } from "@mantine/core";
import classes from "../network/Form.module.css";

interface SliderFieldProps {
  name: string;
  /** Whether the name stands before it; read aloud it is always. */
  isNamed?: boolean;
  value: number;
  /** 0 to 1 in hundredths when left out. */
  range?: { min: number; max: number; step: number };
  /** The value in words; the number when left out. */
  words?: string;
  onChange: (value: number) => void;
}

/** A number to drag: what is drawn live follows. */
export function SliderField(props: SliderFieldProps) {
  const { name, isNamed = false, value, words, onChange } = props;
  const { range = { min: 0, max: 1, step: 0.01 } } = props;
  const slider = (
    <Slider
      size="sm"
      {...range}
      value={Math.min(range.max, Math.max(range.min, value))}
      thumbLabel={name}
      {...(words !== undefined && { thumbValueText: words })}
      onChange={onChange}
    />
  );
  if (!isNamed) return <div className={classes.help}>{slider}</div>;
  return (
    <div className={classes.row}>
      <Text size="xs" fw={600}>
        {name}
      </Text>
      {slider}
    </div>
  );
}
