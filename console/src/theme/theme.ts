/** Feeds the tokens of tokens.css into Mantine. No colour is written here: each is a `var()` of the token file. */
import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

const tuple = (names: readonly string[]): MantineColorsTuple =>
  names.map((name) => `var(--${name})`) as unknown as MantineColorsTuple;

// Mantine reads `gray` in the light scheme only and `dark` in the dark one; the tokens flip by themselves.
const gray = tuple(["surface-sunken", "hover", "border-soft", "border", "border", "text-muted", "text-muted", "text-secondary", "text", "text"]);
const dark = tuple(["text", "text-secondary", "text-muted", "text-muted", "border", "hover", "surface-raised", "surface", "surface-sunken", "canvas"]);
const brand = tuple(["brand-soft", "brand-soft", "brand-soft-hover", "brand-border", "brand-border", "brand", "brand-fill", "brand-fill-hover", "brand-fill-hover", "brand-fill-hover"]);
const red = tuple(["danger-soft", "danger-soft", "danger-soft", "danger", "danger", "danger", "danger-fill", "danger-fill", "danger", "danger"]);

export const theme = createTheme({
  primaryColor: "brand",
  primaryShade: 6,
  colors: { gray, dark, brand, red },
  fontFamily: '"Pretendard Variable", Pretendard, -apple-system, BlinkMacSystemFont, system-ui, "Apple SD Gothic Neo", "Noto Sans KR", "Malgun Gothic", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "D2Coding", monospace',
  fontSizes: { xs: "var(--type-12)", sm: "var(--type-14)", md: "var(--type-14)", lg: "var(--type-16)", xl: "var(--type-20)" },
  lineHeights: { xs: "1.45", sm: "1.45", md: "1.45", lg: "1.45", xl: "1.4" },
  radius: { xs: "4px", sm: "var(--radius-s)", md: "var(--radius-m)", lg: "var(--radius-l)", xl: "var(--radius-l)" },
  spacing: { xs: "8px", sm: "12px", md: "16px", lg: "24px", xl: "32px" },
  shadows: { xs: "var(--shadow-1)", sm: "var(--shadow-1)", md: "var(--shadow-2)", lg: "var(--shadow-2)", xl: "var(--shadow-2)" },
  defaultRadius: "sm",
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  // By name, not by `Button.extend`: importing a component here would load it with the first page.
  components: {
    Button: { defaultProps: { size: "sm", fw: 550 } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray", size: 36 } },
    Menu: { defaultProps: { shadow: "md", radius: "md", transitionProps: { duration: 120 }, withInitialFocusPlaceholder: false } },
    Modal: { defaultProps: { radius: "lg", centered: true, overlayProps: { backgroundOpacity: 0.42 } } },
    // A dialog's head is no landmark of the page, but an element `header` in a portal is one.
    ModalHeader: { defaultProps: { role: "presentation" } },
    DrawerHeader: { defaultProps: { role: "presentation" } },
    Drawer: { defaultProps: { overlayProps: { backgroundOpacity: 0.42 } } },
    Tooltip: { defaultProps: { openDelay: 350, fz: 12, radius: "sm", withArrow: false } },
    TextInput: { defaultProps: { size: "sm" } },
    Textarea: { defaultProps: { size: "sm" } },
    Select: { defaultProps: { size: "sm", allowDeselect: false } },
    TagsInput: { defaultProps: { size: "sm" } },
    Skeleton: { defaultProps: { radius: "sm" } },
  },
});

const scheme: Record<string, string> = {
  "--mantine-color-body": "var(--surface)",
  "--mantine-color-text": "var(--text)",
  "--mantine-color-dimmed": "var(--text-muted)",
  "--mantine-color-bright": "var(--text)",
  "--mantine-color-error": "var(--danger)",
  "--mantine-color-placeholder": "var(--text-muted)",
  "--mantine-color-anchor": "var(--brand)",
  "--mantine-color-default": "var(--surface-raised)",
  "--mantine-color-default-hover": "var(--hover)",
  "--mantine-color-default-color": "var(--text)",
  "--mantine-color-default-border": "var(--border)",
  "--mantine-color-disabled": "var(--hover)",
  "--mantine-color-disabled-color": "var(--text-muted)",
  "--mantine-color-disabled-border": "var(--border)",
  "--mantine-color-brand-filled": "var(--brand-fill)",
  "--mantine-color-brand-filled-hover": "var(--brand-fill-hover)",
  "--mantine-color-brand-light": "var(--brand-soft)",
  "--mantine-color-brand-light-hover": "var(--brand-soft-hover)",
  "--mantine-color-brand-light-color": "var(--brand)",
  "--mantine-color-brand-outline": "var(--brand)",
  "--mantine-color-brand-outline-hover": "var(--brand-soft)",
  "--mantine-color-brand-text": "var(--brand)",
  "--mantine-color-gray-light": "var(--hover)",
  "--mantine-color-gray-light-hover": "var(--hover)",
  "--mantine-color-gray-light-color": "var(--text-secondary)",
  "--mantine-color-gray-text": "var(--text-secondary)",
  "--mantine-color-red-filled": "var(--danger-fill)",
  "--mantine-color-red-light": "var(--danger-soft)",
  "--mantine-color-red-light-hover": "var(--danger-soft)",
  "--mantine-color-red-light-color": "var(--danger)",
  "--mantine-color-red-text": "var(--danger)",
};

/** The same names in both schemes: the tokens behind them carry the pair. */
export const cssVariablesResolver: CSSVariablesResolver = () => ({ variables: {}, light: scheme, dark: scheme });
