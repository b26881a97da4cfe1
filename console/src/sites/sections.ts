/** The sections of a site's page, and which of a site's values each of them shows. Pure. */
export const SECTIONS = ["install", "general", "appearance", "texts", "chat", "hours", "routing", "members", "security"] as const;
export type Section = (typeof SECTIONS)[number];
export const isSection = (text: string | undefined): text is Section => (SECTIONS as readonly string[]).includes(text ?? "");

const VALUES: [Section, RegExp][] = [
  ["security", /^(settings\.)?identity_required/],
  ["appearance", /^(color|side|settings$|(settings\.)?(theme|launcher|launcher_label|offset_x|offset_y|show_operators|sound)\b)/],
  ["texts", /^(greeting|(settings\.)?texts\b)/],
  ["chat", /^(settings\.)?(prechat|files|typing_preview|rating|transcript|visitor_data|community)\b/],
  ["hours", /^business_hours\b/],
  ["routing", /^(routing|answer_goal_min)\b/],
  ["members", /^members\b/],
];

/** Where a value is shown, by its path in a change or in a refusal. */
export const sectionOf = (path: string): Section => VALUES.find(([, paths]) => paths.test(path))?.[0] ?? "general";
export const sectionsOf = (paths: string[]): Section[] => [...new Set(paths.map(sectionOf))];
