import { Button, type ButtonProps, type ElementProps, Loader } from "@mantine/core";

type Props = ButtonProps & ElementProps<"button", keyof ButtonProps> & { isBusy: boolean };

/**
 * A button whose work takes a while, during which it ignores clicks, and says so. Mantine's `loading` would disable it, and
 * the keyboard's focus would be lost.
 */
export function BusyButton({ isBusy, leftSection, onClick, ...rest }: Props) {
  return (
    <Button
      {...rest}
      aria-busy={isBusy}
      aria-disabled={isBusy}
      leftSection={isBusy ? <Loader size="1em" color="currentColor" /> : leftSection}
      onClick={isBusy ? undefined : onClick}
    />
  );
}
