import { Box, CloseButton, Group, Text } from "@mantine/core";
import { type ReactNode, useId, useLayoutEffect, useRef } from "react";
import classes from "./ModalDialog.module.css";

interface ModalDialogProps {
  title: string;
  /** In pixels, where the window is wide enough. */
  width: number;
  onClose: () => void;
  children: ReactNode;
}

/** A native dialog, which traps the focus, closes on Escape, and restores the focus. */
export function ModalDialog({ title, width, onClose, children }: ModalDialogProps) {
  const dialogRef = useRef<HTMLDialogElement>(null);
  const headingId = useId();
  useLayoutEffect(() => {
    const dialog = dialogRef.current;
    dialog?.showModal();
    // Restores the focus, which removal alone does not.
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={dialogRef}
      className={classes.dialog}
      style={{ width: `min(${width}px, 100vw - 24px)` }}
      aria-labelledby={headingId}
      onClose={({ target }) => {
        // The event comes late: in development React has opened it a second time by then.
        if (target === dialogRef.current && !dialogRef.current.open) onClose();
      }}
    >
      <Group justify="space-between" gap="sm" wrap="nowrap" className={classes.head}>
        <Text id={headingId} component="h2" size="lg" lh={1.3} fw={600}>
          {title}
        </Text>
        <CloseButton aria-label="Close" onClick={() => dialogRef.current?.close()} />
      </Group>
      <Box px="md" pb="md">
        {children}
      </Box>
    </dialog>
  );
}
