import { Button, type ButtonProps, type ElementProps } from "@mantine/core";
import type { ReactNode } from "react";
import classes from "./TopBar.module.css";

interface ToolButtonProps extends ButtonProps, ElementProps<"button", keyof ButtonProps> {
  icon: ReactNode;
  /** Beside the icon; in a narrow bar it is read aloud only. */
  words: string;
}

/** A button of the top bar that has an icon and, where there is room, words. */
export function ToolButton({ icon, words, children, ...button }: ToolButtonProps) {
  return (
    <Button
      variant="subtle"
      color="gray"
      size="compact-sm"
      className={classes.tool ?? ""}
      leftSection={icon}
      {...button}
    >
      <span className={classes.toolWords}>{words}</span>
      {children}
    </Button>
  );
}
