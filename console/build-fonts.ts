/**
 * Cuts the console's typeface into files by how often a letter is met, while the console is built. The slices that come with Pretendard
 * are for any Korean page of the web: an inbox meets ten of them, 36 KB each. Here one file holds the basic Latin letters, one every
 * syllable the console itself says, one what people write most, and the rest stands in small files by frequency, so that an unusual
 * word costs a few kilobytes.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import subsetFont from "subset-font";
import type { Plugin } from "vite";

const MODULE = "virtual:typeface.css";
const FAMILY = "Pretendard Variable";
/** What the console's styles ask for; the axis beyond it would be a third of every file. */
const WEIGHTS = { min: 400, max: 700 };
/** Tabular figures, kerning and what shaping needs; none of the alternates that nothing here chooses. */
const FEATURES = ["kern", "tnum", "calt", "ccmp", "locl", "mark", "mkmk", "case"];
/** The package numbers its slices so that a higher one is met more often: from the first of these on a syllable is common, from the second it is met at all. */
const COMMON = 83;
const MET = 60;
/** Letters in a file: of what is met, so that a word costs about 5 KB; of what hardly anybody writes, 21 KB. */
const FEW = 24;
const MANY = 128;
/** What people write to shops more often than on the pages that the package's numbers were counted on. */
const WRITTEN = "갔갖걍걔걱겄겠궁껏껴꼈꼭꽃꽤꿔끊낌넌넘넣넵넹놔놨눌늦닫닿덥돼됐됨됩둬뒀드듯딱땜떠떡떨떴떼똑뜨뜯뜸띄랏랬램렀렇렸룰릭맘먹몬몰묶묻뭐뭔뭘믿밌밥뱃뵐뵙붙빠빡빨뺀뺏뻐뽑뿐삭샀섞셔셨솔숏쉽슨싸싼쌀쌓써썼쏟쐈쓴쓸씀씨씬씻앉않앓앗앞얇얘얼엎엣옅옆옮옷옻왜왠웃웬윗읽잃잊잖잠잡잤쟁젖졌좁죠죄줌줬쥬즐집짓짙짜짝짧째쨌쩌쩔쩡쪼쪽쫌쭈쭉쭤쯤찌찍찐찜찢챗챘챙첩첫쳐쳤촬춥층칙칠캡컵켜켓켰콘쿨쿠퀄퀵큰탔텀텐텔톡퇴툭튼틀틱틴팀팁팡패팬펀펼폰폴푸풀픈픽핏핑핸햄했헐헷혀홀홈홉확획횡훈훌훨흐흑흔흘흙힘괜찮얹벗볶샘샵쏘숍씩쁘뻔깜깝꺼껍꾸꿈뀌끔끝끼낡낭넉녕놀놓뇨눠닌닝댁댓덕덜둔둘둥뎌뒷듬딸떻룸룻륨릇맡맵멀멋멘몇묘뮤밀밑뱅벌벼볍봉봤뷰빗빛빼뻗뿌섯센셀셋셰손쇠숙숨쉬쉴슈슬습쌍썸쏙쑥엄엌엔엮옥옳옹욕욱웅윤율융잎잔잼적젤쟈져짚쨈찻찾촉촘츠칩칸칼캐컨켤콕콩쿡크킹탕태탭택텍툴튀튤트팝팩펜편폭폼푹프핀필하햇향헤헹휘휴흥희";
const SIGNS = "~♡♥★☆※○●■□△▲▼▶◀◆◇①②③④⑤℃㎝㎜㎖㎏㎡「」『』→";

const require = createRequire(import.meta.url);
const css = require.resolve("pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css");
const whole = require.resolve("pretendard/dist/public/variable/PretendardVariable.ttf");

/** `row`: told to browsers as everything from its first letter to its last, which is short, and leaves what lies between to the files that name it. */
interface Piece { name: string; letters: number[]; row?: boolean }
interface Slice { number: number; letters: number[] }

const between = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, at) => first + at);
const lettersOf = (text: string): number[] => [...text].map((letter) => letter.codePointAt(0) ?? 0);
const isSyllable = (letter: number): boolean => letter >= 0xac00 && letter <= 0xd7a3;
/** Chinese characters are named by the package's slices, but it has no drawings of them: to name them would load a file for nothing. */
const isHan = (letter: number): boolean => (letter >= 0x2e80 && letter <= 0x2fff) || (letter >= 0x3400 && letter <= 0x9fff) || (letter >= 0xf900 && letter <= 0xfaff);
const BASIC = [...between(0x20, 0x7e), 0xa0, ...lettersOf("·×‘’“”…–—•←↑→↓₩⌘")];
const JAMO = between(0x3131, 0x3163);
/** The 2,350 syllables that Korean computers knew before they knew all: what is not among them is a joke, or a mistake. */
const STANDARD = lettersOf(new TextDecoder("euc-kr").decode(Uint8Array.from(between(0xb0, 0xc8).flatMap((row) => between(0xa1, 0xfe).flatMap((cell) => [row, cell])))));

/** The package's slices, most frequent first. */
function slices(): Slice[] {
  const found = [...readFileSync(css, "utf8").matchAll(/\.subset\.(\d+)\.woff2\)[^}]*?unicode-range:\s*([^;]+);/g)].map(([, number, ranges = ""]) => ({
    number: Number(number),
    letters: ranges.split(",").flatMap((range) => {
      const [first = 0, last = first] = range.trim().slice(2).split("-").map((digits) => Number.parseInt(digits, 16));
      return between(first, last);
    }),
  }));
  if (found.length < COMMON) throw new Error(`${css} has ${found.length} slices: what they mean has changed`);
  return found.sort((a, b) => b.number - a.number);
}

/** Every syllable that the console says, whichever page it is on. */
function said(texts: string): Set<number> {
  const files = readdirSync(texts).filter((name) => /(^|\.)ko\.json$/.test(name));
  return new Set(files.flatMap((name) => lettersOf(readFileSync(join(texts, name), "utf8")).filter(isSyllable)));
}

const inPieces = (name: string, letters: number[], size: number): Piece[] =>
  Array.from({ length: Math.ceil(letters.length / size) }, (_, at) => ({ name: `${name}-${at}`, row: true, letters: letters.slice(at * size, (at + 1) * size) }));

/** Which letters stand together: each of them in one file only, so that a page loads no drawing twice. */
function plan(texts: string): Piece[] {
  const taken = new Set<number>();
  const take = (letters: Iterable<number>): number[] => {
    const fresh = [...new Set(letters)].filter((letter) => !taken.has(letter) && !isHan(letter));
    fresh.forEach((letter) => taken.add(letter));
    return fresh;
  };
  const all = slices();
  const others = all.flatMap(({ letters }) => letters.filter((letter) => !isSyllable(letter)));
  const from = (number: number): number[] => all.filter((slice) => slice.number >= number).flatMap(({ letters }) => letters.filter(isSyllable));
  return [
    { name: "basic", letters: take(BASIC) },
    { name: "said", letters: take(said(texts)) },
    { name: "common", letters: take([...JAMO, ...lettersOf(SIGNS), ...lettersOf(WRITTEN), ...from(COMMON)]) },
    { name: "latin", letters: take(others.filter((letter) => letter < 0x2000)) },
    { name: "signs", letters: take(others.filter((letter) => letter < 0x3000)) },
    { name: "kana", letters: take(others) },
    // In the order of their numbers, whoever meets them: two in one word are hardly ever in one file anyway, and a row of neighbours is short to write.
    ...inPieces("met", take([...from(MET), ...STANDARD]).sort((a, b) => a - b), FEW),
    ...inPieces("rare", take(between(0xac00, 0xd7a3)), MANY),
  ];
}

function ranges({ letters, row = false }: Piece): string {
  const sorted = [...letters].sort((a, b) => a - b);
  const runs: [number, number][] = [];
  for (const letter of sorted) {
    const run = runs.at(-1);
    if (run && (row || run[1] === letter - 1)) run[1] = letter;
    else runs.push([letter, letter]);
  }
  return runs.map(([first, last]) => `U+${first.toString(16)}${last > first ? `-${last.toString(16)}` : ""}`).join(",");
}

const face = (piece: Piece): string =>
  `@font-face{font-family:"${FAMILY}";font-style:normal;font-display:swap;font-weight:${WEIGHTS.min} ${WEIGHTS.max};src:url("./${piece.name}.woff2") format("woff2");unicode-range:${ranges(piece)}}`;

/** Writes the files and their style sheet into a folder named by everything they are made from. Answers where the sheet is. */
async function cutInto(home: string, texts: string): Promise<string> {
  const pieces = plan(texts);
  const version = createHash("sha256").update(JSON.stringify([FEATURES, WEIGHTS, pieces])).update(readFileSync(css)).digest("hex").slice(0, 16);
  const target = join(home, version);
  const sheet = join(target, "typeface.css");
  if (existsSync(sheet)) return sheet;
  const text = (letters: number[]): string => String.fromCodePoint(...letters);
  // First to what all files share: weights and features need to be taken away once only.
  const shared = { variationAxes: { wght: WEIGHTS }, keepFeatures: FEATURES, noHinting: true };
  const font = await subsetFont(readFileSync(whole), text(pieces.flatMap(({ letters }) => letters)), { ...shared, targetFormat: "truetype" });
  const before = existsSync(home) ? readdirSync(home).map((name) => join(home, name)) : [];
  mkdirSync(target, { recursive: true });
  for (const { name, letters } of pieces) {
    writeFileSync(join(target, `${name}.woff2`), await subsetFont(font, text(letters), { targetFormat: "woff2", keepFeatures: FEATURES }));
  }
  before.forEach((folder) => rmSync(folder, { recursive: true, force: true }));
  // Written last: a sheet that is there says that all of it is. Where two faces name a letter, browsers look into the later one first.
  writeFileSync(sheet, [...pieces].reverse().map(face).join("\n"));
  return sheet;
}

/** Answers `import "virtual:typeface.css"`. The files are kept between builds until the texts or the package change. */
export function fonts(): Plugin {
  let root = process.cwd();
  return {
    name: "stalk-fonts",
    enforce: "pre",
    configResolved(config) {
      root = config.root;
    },
    async resolveId(id) {
      return id === MODULE ? await cutInto(join(root, "node_modules/.cache/stalk-fonts"), join(root, "src/i18n")) : null;
    },
  };
}
