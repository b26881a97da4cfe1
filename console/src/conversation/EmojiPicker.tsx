/** A handful of emoji that people who sell things use, and those used last. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import styles from "./EmojiPicker.module.css";

const SETS = {
  faces: "😊 🙂 😀 😄 😁 😅 😂 🤣 😉 😍 🥰 😘 😎 🤗 🤔 😌 😇 🙃 😋 😮 😯 😢 😭 😥 😓 😔 😞 😕 😬 😳 🥺 😴 😷 🤒 🙄 😤",
  hands: "👍 👎 👌 👏 🙌 🙏 🤝 💪 ✌️ 🤞 👋 🤙 👉 👈 👆 👇 ✋ 🙋 🙇 💁 🤷 🤦",
  shop: "🛍️ 🛒 📦 🚚 🚀 ✈️ 🎁 💳 💰 🏷️ 🧾 📮 📬 🏬 🏠 👕 👖 👗 👟 👜 🧥 🧣 🧦 🎒 💍 💄 ☕ 🍰 🌱 🐶 🐱",
  signs: "❤️ 🧡 💛 💚 💙 💜 🖤 💕 ✨ ⭐ 🌟 🔥 🎉 🎊 💯 ✅ ☑️ ❌ ⚠️ ❗ ❓ ⏰ ⏳ 📅 📌 📎 ✏️ 📷 📞 📱 💻 🔗 🔍 🔒 ☀️ 🌙 🌸 🌷 🎄",
} as const;
const KEPT = "stalk.emoji";
const last = (): string[] => (localStorage.getItem(KEPT) ?? "").split(" ").filter(Boolean);

export default function EmojiPicker({ onPick }: { onPick: (emoji: string) => void }) {
  const { t } = useTranslation();
  const [used] = useState(last);
  const pick = (one: string): void => {
    localStorage.setItem(KEPT, [one, ...used.filter((other) => other !== one)].slice(0, 16).join(" "));
    onPick(one);
  };
  const groups = [...(used.length > 0 ? [["used", used] as const] : []), ...Object.entries(SETS).map(([name, list]) => [name, list.split(" ")] as const)];
  return (
    <div className={styles["picker"]} data-testid="emoji-picker">
      {groups.map(([name, list]) => (
        <section key={name} aria-label={t(`emoji.${name as "used"}`)}>
          <h4 className={styles["title"]}>{t(`emoji.${name as "used"}`)}</h4>
          <div className={styles["grid"]} onKeyDown={moveFocus}>
            {list.map((one) => <button key={one} type="button" className={styles["one"]} onClick={() => pick(one)}>{one}</button>)}
          </div>
        </section>
      ))}
    </div>
  );
}

const COLUMNS = 9;
const STEPS: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS };

function moveFocus(event: React.KeyboardEvent<HTMLElement>): void {
  const step = STEPS[event.key];
  if (step === undefined) return;
  const all = [...(event.currentTarget.closest('[data-testid="emoji-picker"]')?.querySelectorAll("button") ?? [])];
  const next = all[all.indexOf(event.target as HTMLButtonElement) + step];
  event.preventDefault();
  next?.focus();
}
