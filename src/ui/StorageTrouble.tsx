import { Text } from "@mantine/core";
import { useAppState } from "./AppContext.ts";
import classes from "./StorageTrouble.module.css";

/** Stands under the top bar as long as what training does would be lost with the page. */
export function StorageTrouble() {
  const trouble = useAppState((state) => state.stored.trouble);
  if (trouble === null) return null;
  return (
    <div className={classes.line} role="alert">
      <Text size="xs">
        <b>Nothing is saved.</b> {trouble} Training goes on all the same.
      </Text>
    </div>
  );
}
