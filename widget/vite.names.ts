// Short names for what the two parts of the loader call each other's members by; the same in both builds. Nothing that is on the
// wire, on the port or in storage may stand here.

// (`refused` is what `event.track` answers.)
const NAMES = ['asleep', 'fallback', 'panelUp', 'byPerson', 'latest', 'place', 'settings', 'dial', 'changed', 'barred', 'greet', 'heard', 'tops', 'kick', 'ring', 'stored', 'draw'];

export const mangle = { properties: { regex: new RegExp(`^(${NAMES.join('|')})$`) } };
export const nameCache = { props: { props: Object.fromEntries(NAMES.map((name, i) => ['$' + name, '$' + i.toString(36)])) } };
