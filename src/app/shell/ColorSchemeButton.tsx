import { Button, type MantineColorScheme, useMantineColorScheme } from "@mantine/core";
import { MoonIcon, SunIcon, SystemIcon } from "../shared/icons.tsx";

const SCHEMES: Record<
  MantineColorScheme,
  { words: string; icon: typeof SunIcon; next: MantineColorScheme }
> = {
  auto: { words: "match system", icon: SystemIcon, next: "light" },
  light: { words: "light", icon: SunIcon, next: "dark" },
  dark: { words: "dark", icon: MoonIcon, next: "auto" },
};

/** Goes through system, light and dark. */
export function ColorSchemeButton() {
  // Without transitions Mantine would put a style into the page, which its policy forbids.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const { words, icon: SchemeIcon, next } = SCHEMES[colorScheme];
  const label = `Colors: ${words}. Change to ${SCHEMES[next].words}`;
  return (
    <Button
      variant="default"
      leftSection={<SchemeIcon />}
      style={{ alignSelf: "start" }}
      onClick={() => setColorScheme(next)}
    >
      {label}
    </Button>
  );
}
