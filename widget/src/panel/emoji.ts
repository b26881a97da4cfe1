// The emoji one needs in a shop: our own short list, all older than 2020, so that every system can show them.

import type { en } from './i18n/en';

const of = (name: keyof typeof en, list: string): { name: keyof typeof en; list: string[] } => ({ name, list: list.split(' ') });

export const emoji = [
  of('emojiSmileys', '😀 😃 😄 😁 😆 😅 😂 🤣 🙂 🙃 😉 😊 😇 🥰 😍 😘 😋 😛 😜 🤗 🤔 🤭 🤫 😐 😑 😶 🙄 😏 😬 😌 😔 😪 😴 😷 🤒 🤕 🤧 🥵 🥶 😵 🤯 😎 🤓 🧐 😕 😟 🙁 😮 😯 😲 😳 🥺 😢 😭 😱 😖 😞 😓 😩 😤 😡 🤬 😈 💀 👻 🤖 😺'),
  of('emojiGestures', '👍 👎 👌 ✌️ 🤞 🤟 🤙 👋 🙌 👏 🤝 🙏 💪 👉 👈 👆 👇 ☝️ ✊ 👊 🖐️ ✋ 🖖 ✍️ 💅 👀 🙋 🙆 🙅 🤷 🤦 🙇'),
  of('emojiHearts', '❤️ 🧡 💛 💚 💙 💜 🖤 💔 💕 💖 💗 💘 💝 💯 🎉 🎊 🎂 🎁 🎈 🏆 🥇 ⭐ 🌟 ✨ 🔥 💐'),
  of('emojiNature', '🌸 🌹 🌻 🌿 🍀 🍁 🌲 🌈 ☀️ ⛅ 🌧️ ❄️ ☔ 🌊 🌙 🐶 🐱 🐰 🐻 🐼 🦊 🐥 🐢 🦋 🍎 🍊 🍋 🍓 🍇 🍑 🥑 🌽 🍞 🧀 🍗 🍕 🍔 🍜 🍣 🍙 🍰 🍫 🍩 ☕ 🍵 🍺 🍷'),
  of('emojiThings', '📦 🚚 ✈️ 🚗 🚲 🏠 🏪 🏢 🛒 🛍️ 👕 👖 👗 👟 👠 👜 🧢 👓 💍 💄 🧴 🛏️ 🛁 📱 💻 ⌚ 📷 🎧 🔋 💡 🔑 🔨 📞 ✉️ 📄 📅 ⏰ 📏 ✂️ 💳 💵 🧾'),
  of('emojiSigns', '✅ ❌ ❓ ❗ ⚠️ 🚫 ➕ ➖ ➡️ ⬅️ ⬆️ ⬇️ 🔄 🔍 🔒 🔔 🔕 💬 💤 🆗 🆕 🔴 🔵 ⚪ ⚫'),
];
