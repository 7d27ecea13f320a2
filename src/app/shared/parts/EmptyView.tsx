import { Button } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./EmptyView.module.css";
import { ViewLink } from "./ViewLink.tsx";

/** A view of runs where there is none to show: what it will show, and the way to train one, unless one is coming. */
export function EmptyView(props: { title: string; coming?: string | false; children: ReactNode }) {
  const { title, coming, children } = props;
  return (
    <div className={`column ${classes.empty}`}>
      <h2>{title}</h2>
      {children}
      {coming ? (
        <p role="status">{coming}</p>
      ) : (
        <Button component={ViewLink} view="train">
          Go to Train
        </Button>
      )}
    </div>
  );
}
