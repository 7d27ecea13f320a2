import { ActionIcon, Group, Stack, Text } from "@mantine/core";
import { useCallback } from "react";
import { useShallow } from "zustand/react/shallow";
import { imageAt } from "../../../../engine/data/imageOrder.ts";
import { FittedImageGrid } from "../../../shared/images/ImageGrid.tsx";
import { type DenoiseState, pickedBy, shownGenerations } from "../state/denoise.ts";
import { SIDES, type Side } from "../state/denoiseSettings.ts";
import { NONE_PICKED, sideWords } from "../text.ts";
import { useShownPixels } from "../useBeginning.ts";
import { useDenoise, useDenoiseState } from "../useDenoise.ts";
import { ChangeChart } from "./ChangeChart.tsx";
import { Filmstrip } from "./Filmstrip.tsx";
import classes from "./PickedDigit.module.css";
import { Sources } from "./Sources.tsx";

const NEIGHBORS = [
  { by: -1, sign: "‹", name: "Previous digit", keys: "Shift and left arrow" },
  { by: 1, sign: "›", name: "Next digit", keys: "Shift and right arrow" },
];

/** One digit large, with the film of its steps and how much each changes it. */
export function PickedDigit() {
  const { store } = useDenoise();
  const count = useDenoiseState((state) => shownGenerations(state).a?.request.count ?? 0);
  const picked = useDenoiseState((state) => state.picked);
  const sides = useDenoiseState(useShallow(sidesThere));
  // A single step changes the noise by one number, which is no curve.
  const hasCurve = useDenoiseState((state) =>
    Object.values(shownGenerations(state)).some((of) => of !== null && of.times.length > 2),
  );
  return (
    <section className={`column ${classes.panel}`} aria-label="The picked digit">
      <Group justify="space-between">
        <h2>{count === 0 ? "One digit" : `Digit ${picked + 1} of ${count}`}</h2>
        <ActionIcon.Group>
          {NEIGHBORS.map(({ by, sign, name, keys }) => (
            <ActionIcon
              key={by}
              variant="default"
              aria-label={name}
              title={keys}
              disabled={count < 2}
              onClick={() => store.setState((state) => pickedBy(state, by))}
            >
              {sign}
            </ActionIcon>
          ))}
        </ActionIcon.Group>
      </Group>
      <div className={classes.large} data-count={sides.length}>
        {(sides.length > 0 ? sides : (["a"] as const)).map((side) => (
          <LargeDigit key={side} side={side} isNamed={sides.length > 1} />
        ))}
      </div>
      {sides.length === 0 ? (
        <Text size="sm" c="dimmed">
          {NONE_PICKED}
        </Text>
      ) : (
        <>
          <Sources />
          {sides.map((side) => (
            <Filmstrip key={side} side={side} isNamed={sides.length > 1} />
          ))}
          {hasCurve && <ChangeChart sides={sides} />}
        </>
      )}
    </section>
  );
}

function sidesThere(state: DenoiseState): Side[] {
  const generations = shownGenerations(state);
  return SIDES.filter((side) => generations[side]);
}

function LargeDigit({ side, isNamed }: { side: Side; isNamed: boolean }) {
  const { store } = useDenoise();
  const picked = useDenoiseState((state) => state.picked);
  const { count, pixels: all } = useShownPixels(side);
  const pixels = useCallback(
    () => imageAt(all(), Math.min(picked, count - 1)),
    [all, picked, count],
  );
  return (
    <Stack flex={1} gap={4} miw={0}>
      {isNamed && (
        <b className={classes.letter} data-side={side} aria-hidden="true">
          {side.toUpperCase()}
        </b>
      )}
      <FittedImageGrid
        count={1}
        label={sideWords(side, isNamed, `Digit ${picked + 1}, large`)}
        pixels={pixels}
        subscribe={store.subscribe}
      />
    </Stack>
  );
}
