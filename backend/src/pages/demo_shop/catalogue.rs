//! What the shop sells: plain data in both languages. How it is shown is [`super::shown`]'s business.

use crate::pages::language::Language;

/// A text in both languages.
#[derive(Clone, Copy)]
pub(super) struct Text {
    ko: &'static str,
    en: &'static str,
}

impl Text {
    /// The text a reader of `language` gets.
    pub(super) fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::Korean => self.ko,
            Language::English => self.en,
        }
    }
}

/// A price in both currencies, whole units: shops round, they do not convert.
#[derive(Clone, Copy)]
pub(super) struct Price {
    pub(super) won: u32,
    pub(super) euros: u32,
}

impl Price {
    /// The amount in the currency of `language`.
    pub(super) fn in_language(self, language: Language) -> u32 {
        match language {
            Language::Korean => self.won,
            Language::English => self.euros,
        }
    }
}

/// Whether it can be bought.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Availability {
    /// Enough of it.
    InStock,
    /// So few that one says how many.
    Left(u32),
    /// None now.
    SoldOut,
}

/// One thing on the shelf.
pub(super) struct Product {
    /// In addresses.
    pub(super) slug: &'static str,
    /// The shop's own number.
    pub(super) sku: &'static str,
    pub(super) name: Text,
    /// One line under the name.
    pub(super) tagline: Text,
    pub(super) description: Text,
    /// SVG, 4:5.
    pub(super) picture: &'static str,
    pub(super) picture_alt: Text,
    /// What is chosen: "Glaze".
    pub(super) choice: Text,
    pub(super) options: &'static [Text],
    /// Name and value: size, material, care.
    pub(super) facts: &'static [(Text, Text)],
    pub(super) price: Price,
    pub(super) availability: Availability,
}

const fn text(ko: &'static str, en: &'static str) -> Text {
    Text { ko, en }
}

const SIZE: Text = text("크기", "Size");
const MATERIAL: Text = text("소재", "Material");
const CARE: Text = text("관리", "Care");
const ORIGIN: Text = text("산지", "Origin");

/// Everything that is sold, in the order of the shelf.
pub(super) const PRODUCTS: &[Product] = &[
    Product {
        slug: "celadon-tea-bowl",
        sku: "MR-BWL-01",
        name: text("청자 찻사발", "Celadon tea bowl"),
        tagline: text("두 손에 꼭 맞는 크기", "Made to fill two hands"),
        description: text(
            "물레로 빚고 연꽃잎 선을 새긴 뒤 비색 유약을 두 번 입혔어요. 유약이 고인 자리마다 색이 조금씩 깊어서 같은 사발이 하나도 없어요.",
            "Thrown on the wheel, carved with lotus petals and glazed twice. The colour deepens wherever the glaze settles, so no two \
             bowls are quite alike.",
        ),
        picture: include_str!("../../../../templates/demo_shop/pictures/celadon-tea-bowl.svg"),
        picture_alt: text("녹차가 담긴 청자 찻사발", "Celadon bowl filled with green tea"),
        choice: text("유약", "Glaze"),
        options: &[text("비색", "Jade green"), text("백자색", "Porcelain white"), text("먹색", "Ink")],
        facts: &[
            (SIZE, text("지름 13.5 cm · 높이 7.5 cm · 400 ml", "13.5 cm across · 7.5 cm high · 400 ml")),
            (MATERIAL, text("청자토, 무연 유약", "Celadon clay, lead-free glaze")),
            (CARE, text("식기세척기와 전자레인지에 쓸 수 있어요", "Safe in the dishwasher and the microwave")),
        ],
        price: Price { won: 38_000, euros: 29 },
        availability: Availability::InStock,
    },
    Product {
        slug: "moon-jar",
        sku: "MR-JAR-02",
        name: text("달항아리", "Moon jar"),
        tagline: text("두 반구를 이어 붙인 둥근 백자", "White porcelain, joined from two halves"),
        description: text(
            "큰 사발 두 개를 맞붙여 만드는 옛 방식 그대로예요. 허리에 남은 이음매와 살짝 기운 어깨는 흠이 아니라 이 항아리의 표정이에요.",
            "Made the old way, from two large bowls joined at the waist. The faint seam and the slightly leaning shoulder are not \
             flaws; they are its face.",
        ),
        picture: include_str!("../../../../templates/demo_shop/pictures/moon-jar.svg"),
        picture_alt: text("매화 가지를 꽂은 백자 달항아리", "White moon jar holding a branch of plum blossom"),
        choice: text("크기", "Size"),
        options: &[text("소 · 높이 18 cm", "Small · 18 cm"), text("중 · 높이 24 cm", "Medium · 24 cm")],
        facts: &[
            (MATERIAL, text("양구 백토, 투명 유약", "Yanggu white clay, clear glaze")),
            (text("방수", "Water"), text("물을 담아 꽃병으로 쓸 수 있어요", "Holds water; good as a vase")),
            (text("배송", "Delivery"), text("나무 상자에 담아 보내요", "Sent in a wooden box")),
        ],
        price: Price { won: 128_000, euros: 96 },
        availability: Availability::Left(2),
    },
    Product {
        slug: "side-handle-teapot",
        sku: "MR-POT-03",
        name: text("옆손잡이 다관", "Side-handle teapot"),
        tagline: text("한 손으로 끝까지 따르는 다관", "Pours to the last drop, one-handed"),
        description: text(
            "철유 위에 재유가 흘러내린 다관이에요. 손잡이가 옆에 있어 손목을 돌리지 않고 따를 수 있고, 거름망은 몸통과 한 흙으로 빚었어요.",
            "Ash glaze running over iron. The handle sits at the side, so you pour without turning the wrist, and the strainer is made \
             from the same clay as the pot.",
        ),
        picture: include_str!("../../../../templates/demo_shop/pictures/side-handle-teapot.svg"),
        picture_alt: text("검은 철유 옆손잡이 다관", "Dark iron-glazed teapot with a handle at its side"),
        choice: text("손잡이", "Handle"),
        options: &[text("오른손잡이", "Right-handed"), text("왼손잡이", "Left-handed")],
        facts: &[
            (SIZE, text("높이 10 cm · 280 ml", "10 cm high · 280 ml")),
            (MATERIAL, text("석기토, 철유와 재유", "Stoneware, iron and ash glaze")),
            (CARE, text("세제 없이 따뜻한 물로 헹궈 주세요", "Rinse with warm water, without soap")),
        ],
        price: Price { won: 86_000, euros: 64 },
        availability: Availability::InStock,
    },
    Product {
        slug: "hadong-green-tea",
        sku: "MR-TEA-04",
        name: text("하동 우전 녹차", "Hadong first-flush green tea"),
        tagline: text("곡우 전에 딴 첫 잎", "The first leaves of April"),
        description: text(
            "하동 화개의 비탈밭에서 곡우 전에 손으로 딴 어린잎을 무쇠솥에 덖었어요. 고소하고 끝이 달아요. 70도 물에 1분이면 충분해요.",
            "Young leaves picked by hand on the slopes of Hwagae before the spring rain and roasted in an iron pan. Nutty, with a \
             sweet finish. One minute at 70 °C is enough.",
        ),
        picture: include_str!("../../../../templates/demo_shop/pictures/hadong-green-tea.svg"),
        picture_alt: text("초록색 차 통과 찻잎", "Green tea tin with a few leaves beside it"),
        choice: text("포장", "Packing"),
        options: &[text("틴 40 g", "Tin, 40 g"), text("리필 봉투 40 g", "Refill, 40 g")],
        facts: &[
            (ORIGIN, text("경남 하동 화개면, 2026년 봄", "Hwagae, Hadong, spring 2026")),
            (text("우리기", "Brewing"), text("70 °C · 3 g · 1분 · 세 번까지", "70 °C · 3 g · 1 minute · three infusions")),
            (text("보관", "Keeping"), text("서늘한 곳에서 12개월", "12 months in a cool place")),
        ],
        price: Price { won: 32_000, euros: 24 },
        availability: Availability::InStock,
    },
    Product {
        slug: "bamboo-tea-scoop",
        sku: "MR-SCP-05",
        name: text("대나무 차시", "Bamboo tea scoop"),
        tagline: text("담양 대나무를 불에 쬐어 깎았어요", "Damyang bamboo, bent over a flame"),
        description: text(
            "3년 말린 담양 대나무를 불에 쬐어 굽히고 칼로만 다듬었어요. 한 술이 3 g쯤이라 저울 없이도 차 양을 맞출 수 있어요.",
            "Bamboo from Damyang, dried for three years, bent over a flame and finished with a knife alone. One scoop is about 3 g, so \
             you can leave the scales in the drawer.",
        ),
        picture: include_str!("../../../../templates/demo_shop/pictures/bamboo-tea-scoop.svg"),
        picture_alt: text("다포 위에 놓인 대나무 차시와 찻잎", "Bamboo scoop and tea leaves on a cloth"),
        choice: text("색", "Colour"),
        options: &[text("자연색", "Natural"), text("그을린 색", "Smoked")],
        facts: &[
            (SIZE, text("길이 18 cm", "18 cm long")),
            (MATERIAL, text("담양 왕대", "Damyang giant bamboo")),
            (CARE, text("마른 천으로 닦아 주세요", "Wipe with a dry cloth")),
        ],
        price: Price { won: 12_000, euros: 9 },
        availability: Availability::SoldOut,
    },
    Product {
        slug: "walnut-tray",
        sku: "MR-TRY-06",
        name: text("호두나무 차판", "Walnut tea tray"),
        tagline: text("찻잔 넷이 넉넉히 놓이는 둥근 판", "Round, with room for four cups"),
        description: text(
            "통나무를 깎아 이음매가 없어요. 바닥을 살짝 파서 들기 쉽고, 들기름을 세 번 먹여 물 자국이 잘 남지 않아요.",
            "Turned from one piece, so there is no joint to open. The underside is hollowed to lift easily, and three coats of perilla \
             oil keep water marks away.",
        ),
        picture: include_str!("../../../../templates/demo_shop/pictures/walnut-tray.svg"),
        picture_alt: text("찻잔 두 개가 놓인 둥근 호두나무 차판", "Round walnut tray with two cups of tea"),
        choice: text("지름", "Diameter"),
        options: &[text("28 cm", "28 cm"), text("34 cm", "34 cm")],
        facts: &[
            (MATERIAL, text("북미산 호두나무, 들기름 마감", "American walnut, perilla oil")),
            (text("무게", "Weight"), text("720 g (28 cm)", "720 g (28 cm)")),
            (CARE, text("물에 담그지 말고 닦아 말려 주세요", "Wipe and let dry; do not soak")),
        ],
        price: Price { won: 74_000, euros: 55 },
        availability: Availability::InStock,
    },
];
