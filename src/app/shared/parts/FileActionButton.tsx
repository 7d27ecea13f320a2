import { FileButton, type FileButtonProps } from "@mantine/core";
import { type ReactElement, useRef } from "react";
import type { FileAction } from "../../state/actions.ts";
import { useApp, useAppState } from "../AppContext.ts";

interface FileActionButtonProps {
  action: FileAction;
  /** Ending of the one file to choose; null for several of any name. */
  accept: string | null;
  children: (props: ReturnType<typeof buttonProps>) => ReactElement;
}

/** A button with which the person chooses the files of an action. */
export function FileActionButton({ action, accept, children }: FileActionButtonProps) {
  const app = useApp();
  const reason = useAppState(action.disabledReason);
  const resetRef = useRef<() => void>(null);
  const choose = (chosen: File[] | File | null) => {
    const files = [chosen ?? []].flat();
    if (files.length > 0) action.perform(app, files);
    // Else the browser says nothing when the same files are chosen again, mended meanwhile.
    resetRef.current?.();
  };
  return (
    <FileButton<boolean>
      onChange={choose}
      resetRef={resetRef}
      multiple={accept === null}
      {...(accept === null ? {} : { accept })}
      disabled={reason !== null}
    >
      {(props) => children(buttonProps(props, action, reason))}
    </FileButton>
  );
}

function buttonProps(
  props: Parameters<FileButtonProps["children"]>[0],
  { label, help }: FileAction,
  reason: string | null,
) {
  return { ...props, children: label, title: reason ?? help, disabled: reason !== null };
}
