/** Puts to work what this account prefers, also where it was chosen in another browser. */
import { useMantineColorScheme } from "@mantine/core";
import { useEffect } from "react";
import { setDensity } from "../inbox/density";
import { usePreferences } from "../profile/preferences";
import { setZone } from "../time/zone";

export function PreferencesKeeper() {
  const { held } = usePreferences();
  // Before what is drawn beneath this asks for the time.
  setZone(held.time_zone);
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  useEffect(() => {
    if (held.theme !== colorScheme) setColorScheme(held.theme);
    // Only what the account says counts, whenever it says something else.
  }, [held.theme]);
  useEffect(() => setDensity(held.density), [held.density]);
  return null;
}
