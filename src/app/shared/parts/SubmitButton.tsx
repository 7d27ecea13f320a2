import { Button, type ButtonProps } from "@mantine/core";
import type { KeyboardEvent } from "react";
import { ignoreDoubleClick } from "../onFirstClick.ts";

interface SubmitButtonProps extends ButtonProps {
  label: string;
  /** What the form asks for is under way. */
  isBusy: boolean;
  /** See `submitReason`. */
  disabledReason: string | null;
}

/** Begins what a form asks for; Cancel while that is under way. */
export function SubmitButton({ label, isBusy, disabledReason, ...button }: SubmitButtonProps) {
  return (
    <Button
      {...button}
      type="submit"
      variant={isBusy ? "default" : (button.variant ?? "filled")}
      disabled={!isBusy && disabledReason !== null}
      title={isBusy ? undefined : (disabledReason ?? undefined)}
      // The second would cancel what the first asked for.
      onClick={ignoreDoubleClick}
    >
      {isBusy ? "Cancel" : label}
    </Button>
  );
}

/** Why a form cannot be submitted now: its action's reason, or fields that are wrong; else null. */
export function submitReason(actionReason: string | null, isWrong: boolean): string | null {
  return actionReason ?? (isWrong ? "Correct the fields marked red." : null);
}

/** A form's `onKeyDown`: while it is busy Enter in a field asks anew. It would press Cancel otherwise. */
export function onEnterWhileBusy(isBusy: boolean, askAnew: () => void) {
  return (event: KeyboardEvent) => {
    if (!isBusy || event.key !== "Enter" || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    askAnew();
  };
}
