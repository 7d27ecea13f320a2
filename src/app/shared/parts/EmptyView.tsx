import { Button, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { useAppState } from "../AppContext.ts";
import { ViewLink } from "./ViewLink.tsx";

/** In place of a view that has no run to show: what it will show, and the way to train one, unless one is coming. */
export function EmptyView(props: { title: string; coming?: string | false; children: ReactNode }) {
  const { title, coming, children } = props;
  // The run's strip says so.
  const isOpening = useAppState(({ stored }) => stored.addressed?.problem === null);
  return (
    <Stack gap="sm" align="flex-start" maw={520} mt="12vh" mx="auto" p="md">
      <h2>{title}</h2>
      {children}
      {coming ? (
        <p role="status">{coming}</p>
      ) : (
        !isOpening && (
          <Button size="sm" variant="filled" component={ViewLink} view="train">
            Go to Train
          </Button>
        )
      )}
    </Stack>
  );
}
