import { FileButton } from "@mantine/core";
import { type ReactElement, useRef } from "react";
import type { FileAction } from "../../state/actions.ts";
import { useApp, useAppState } from "../AppContext.ts";
import type { useAction } from "../useAction.ts";

interface FileActionButtonProps {
  action: FileAction;
  /** Ending of the one file to choose; null for several of any name. */
  accept: string | null;
  children: (props: ReturnType<typeof useAction>) => ReactElement;
}

/** A button with which the person chooses the files of an action. */
export function FileActionButton({ action, accept, children }: FileActionButtonProps) {
  const app = useApp();
  const reason = useAppState(action.disabledReason);
  const resetRef = useRef<() => void>(null);
  const choose = (chosen: File[] | File | null) => {
    const files = [chosen ?? []].flat();
    if (files.length > 0) action.perform(app, files);
    // Otherwise the same files, corrected meanwhile, could not be chosen again.
    resetRef.current?.();
  };
  const disabled = reason !== null;
  const button = { children: action.label, title: reason ?? action.help, disabled };
  return (
    <FileButton<boolean>
      onChange={choose}
      resetRef={resetRef}
      multiple={accept === null}
      {...(accept === null ? {} : { accept })}
      disabled={disabled}
    >
      {({ onClick }) => children({ ...button, onClick })}
    </FileButton>
  );
}
