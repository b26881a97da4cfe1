// How an offer looks on a page that is not ours: everything in the launcher's shadow root, in logical directions, small on a phone.

export const SHEET = `.offer{--bg:#fff;--fg:#15262c;--soft:#4b5f66;--line:#0000001f;--code:#eef3f4;all:initial;position:fixed;z-index:2147482999;box-sizing:border-box;\
display:block;background:var(--bg);color:var(--fg);font:400 14px/1.5 system-ui,sans-serif;box-shadow:0 0 0 1px var(--line),0 8px 40px #00000038;animation:stalk-in .2s ease-out}\
.offer.dark{--bg:#17262c;--fg:#eaf1f3;--soft:#a9bbc1;--line:#ffffff24;--code:#24373e}\
@media(prefers-color-scheme:dark){.offer.auto{--bg:#17262c;--fg:#eaf1f3;--soft:#a9bbc1;--line:#ffffff24;--code:#24373e}}\
@keyframes stalk-in{from{opacity:0;transform:translateY(8px)}}\
.offer *{box-sizing:border-box}\
.spoken{all:initial;position:fixed;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}\
.offer.bubble,.offer.card{bottom:calc(var(--y) + 68px + env(safe-area-inset-bottom));right:var(--x);width:320px;max-width:calc(100vw - 2*var(--x));max-height:calc(100dvh - 100px - var(--y));overflow:auto;border-radius:16px}\
.offer.bubble{width:300px}\
.offer.alone{bottom:calc(var(--y) + env(safe-area-inset-bottom))}\
.offer.left{right:auto;left:var(--x)}\
.offer img{display:block;width:100%;aspect-ratio:16/9;object-fit:cover;background:var(--code)}\
.offer.bubble img{position:absolute;inset-inline-start:14px;top:16px;width:44px;height:44px;border-radius:10px}\
.offer.bubble.pictured .said{padding-inline-start:72px}\
.offer .said{display:block;padding:16px 48px 16px 16px;padding-inline:16px 48px}\
.offer.card.pictured .said{padding-inline-end:16px}\
.offer h2{all:unset;display:block;font:600 15px/1.4 system-ui,sans-serif;overflow-wrap:anywhere}\
.offer.card h2{font-size:16px}\
.offer p{all:unset;display:block;margin-top:4px;color:var(--soft);overflow-wrap:anywhere;white-space:pre-line}\
.offer .does{display:flex;flex-wrap:wrap;gap:8px;margin-top:12px}\
.offer .does:empty{display:none}\
.offer.bubble .does,.offer.card .does{margin-inline-end:-32px}\
.offer.card.pictured .does{margin-inline-end:0}\
.offer.bubble.pictured .does{margin-inline-start:-56px}\
.offer button,.offer a{all:unset;box-sizing:border-box;cursor:pointer;font:600 14px/20px system-ui,sans-serif;text-align:center}\
.offer .go{flex:1 1 auto;min-height:44px;padding:12px 16px;border-radius:10px;background:var(--brand);color:var(--on);overflow-wrap:anywhere}\
.offer .go:hover{filter:brightness(1.1)}\
.offer .code{display:inline-flex;flex:1 1 auto;justify-content:center;align-items:center;gap:8px;min-height:44px;padding:0 12px;border:1px dashed var(--soft);border-radius:10px;background:var(--code);color:var(--fg)}\
.offer .code b{font:600 14px/20px ui-monospace,monospace;letter-spacing:.04em;overflow-wrap:anywhere;user-select:all}\
.offer .code i{all:unset;color:var(--soft);font:400 13px/20px system-ui,sans-serif}\
.offer .close{position:absolute;top:2px;inset-inline-end:2px;width:44px;height:44px;border-radius:50%;color:var(--soft);font:400 20px/44px system-ui,sans-serif}\
.offer.card.pictured .close{top:8px;inset-inline-end:8px;width:36px;height:36px;line-height:36px;background:var(--bg);color:var(--fg);box-shadow:0 1px 4px #0004}\
.offer.card.pictured .close::after{content:"";position:absolute;inset:-4px}\
.offer .close:hover{color:var(--fg)}\
.offer :focus-visible{outline:2px solid var(--fg);outline-offset:2px}\
.offer.banner{bottom:calc(var(--y) + 68px + env(safe-area-inset-bottom));left:var(--x);right:var(--x);max-width:760px;margin:0 auto;border-radius:16px}\
.offer.banner.alone{bottom:calc(var(--y) + env(safe-area-inset-bottom))}\
.offer.banner .row{display:flex;align-items:center;gap:12px;width:100%;padding:12px 56px 12px 16px;padding-inline:16px 56px}\
.offer.banner img{flex:none;width:48px;height:48px;border-radius:8px}\
.offer.banner .said{flex:1;padding:0;min-width:0}\
.offer.banner .does{flex:none;margin:0;max-width:50%}\
.offer.banner .close{top:8px}\
@media(max-width:560px){.offer.bubble,.offer.card,.offer.banner{left:12px;right:12px;width:auto;max-width:none;max-height:calc(70dvh - var(--y))}.offer.card img{aspect-ratio:2/1}.offer.banner .row{flex-wrap:wrap}.offer.banner .does{max-width:none;flex:1 1 100%}}\
@media(prefers-reduced-motion){.offer{animation:none}}\
@media print{.offer{display:none}}`;
