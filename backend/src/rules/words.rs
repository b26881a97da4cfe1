//! Text as people type it, taken apart for comparing: composed form, lower case, words without punctuation, Korean particles stripped, syllables
//! as their letters (jamo). Pure; [`super::phrase`] compares with it.

use unicode_normalization::UnicodeNormalization as _;

/// No more than this of a message is looked at.
pub const TEXT_MAX: usize = 2000;

/// First and last of the composed Hangul syllables (Unicode standard, section 3.12), and how many of each letter there are.
const FIRST: u32 = 0xAC00;
const LAST: u32 = 0xD7A3;
const VOWELS: u32 = 21;
const FINALS: u32 = 28;

/// Initial consonants as they are typed alone.
const INITIALS: [char; 19] =
    ['ㄱ', 'ㄲ', 'ㄴ', 'ㄷ', 'ㄸ', 'ㄹ', 'ㅁ', 'ㅂ', 'ㅃ', 'ㅅ', 'ㅆ', 'ㅇ', 'ㅈ', 'ㅉ', 'ㅊ', 'ㅋ', 'ㅌ', 'ㅍ', 'ㅎ'];

/// Particles and endings that may follow a noun, longest first: whoever asks for 배송 also asks with 배송은 and 배송이요.
const PARTICLES: [&str; 46] = [
    "이에요",
    "예요",
    "인가요",
    "인데요",
    "이라는",
    "이라고",
    "에게서",
    "으로는",
    "에서는",
    "까지는",
    "부터는",
    "이나마",
    "한테서",
    "이요",
    "에서",
    "에게",
    "한테",
    "으로",
    "까지",
    "부터",
    "보다",
    "처럼",
    "만큼",
    "마다",
    "조차",
    "이나",
    "이랑",
    "하고",
    "라고",
    "에는",
    "에도",
    "로는",
    "은",
    "는",
    "이",
    "가",
    "을",
    "를",
    "에",
    "의",
    "로",
    "와",
    "과",
    "도",
    "만",
    "요",
];

/// One word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// As written, in lower case.
    pub whole: String,
    /// Without a particle; the same where there is none.
    pub stem: String,
}

/// A text taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// In order.
    pub list: Vec<Word>,
    /// All of it without any space: Korean is spaced as people please.
    pub joined: String,
    /// The initial consonants of the joined text.
    pub initials: String,
}

impl Words {
    /// Takes a text apart.
    pub fn of(text: &str) -> Self {
        let flat: String =
            text.chars().take(TEXT_MAX).nfc().flat_map(char::to_lowercase).map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
        let list: Vec<Word> =
            flat.split_whitespace().map(|word| Word { whole: word.to_owned(), stem: without_particle(word).to_owned() }).collect();
        let joined: String = list.iter().map(|word| word.whole.as_str()).collect();
        let initials = joined.chars().map(|c| initial(c).unwrap_or(c)).collect();
        Self { list, joined, initials }
    }
}

/// The word without what may follow a noun; a stem has at least two syllables, or one that is not all there is.
fn without_particle(word: &str) -> &str {
    if !word.chars().all(is_syllable) {
        return word;
    }
    let length = word.chars().count();
    PARTICLES.iter().find_map(|particle| word.strip_suffix(particle).filter(|_| length - particle.chars().count() >= 2)).unwrap_or(word)
}

/// True for a composed Hangul syllable.
pub fn is_syllable(c: char) -> bool {
    (FIRST..=LAST).contains(&u32::from(c))
}

/// True when a word is nothing but initial consonants: how Koreans search quickly (ㅂㅅ for 배송).
pub fn is_initials(word: &str) -> bool {
    word.chars().count() >= 2 && word.chars().all(|c| INITIALS.contains(&c))
}

fn initial(c: char) -> Option<char> {
    is_syllable(c).then(|| INITIALS[((u32::from(c) - FIRST) / (VOWELS * FINALS)) as usize])
}

/// Syllables as letters, everything else as it is: a slip of the finger in Korean is one letter, not one syllable.
pub fn letters(word: &str) -> Vec<char> {
    word.nfd().collect()
}

/// How many letters were added, left out, mistaken or swapped with their neighbour (Damerau-Levenshtein, optimal string alignment), or `None`
/// as soon as it is certain that it is more than `most`.
pub fn distance(one: &[char], other: &[char], most: usize) -> Option<usize> {
    if one.len().abs_diff(other.len()) > most {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (row, &a) in one.iter().enumerate() {
        let mut line = vec![row + 1; other.len() + 1];
        for (column, &b) in other.iter().enumerate() {
            let mut best = (last[column] + usize::from(a != b)).min(last[column + 1] + 1).min(line[column] + 1);
            if row > 0 && column > 0 && a == other[column - 1] && one[row - 1] == b {
                best = best.min(before[column - 1] + 1);
            }
            line[column + 1] = best;
        }
        if line.iter().all(|&steps| steps > most) {
            return None;
        }
        before = std::mem::replace(&mut last, line);
    }
    last.last().copied().filter(|&steps| steps <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_words_whatever_its_form_and_marks() {
        let composed = Words::of("배송은, 언제 오나요?!");
        let decomposed: String = "배송은, 언제 오나요?!".nfd().collect();
        assert_eq!(Words::of(&decomposed), composed);
        assert_eq!(composed.joined, "배송은언제오나요");
        assert_eq!(composed.list[0], Word { whole: "배송은".to_owned(), stem: "배송".to_owned() });
        assert_eq!(composed.initials, "ㅂㅅㅇㅇㅈㅇㄴㅇ");
        assert_eq!(Words::of("  ").list, Vec::new());
    }

    #[test]
    fn a_short_word_is_not_eaten_by_its_last_syllable() {
        for (word, stem) in [
            ("회의", "회의"),
            ("가로", "가로"),
            ("반품으로", "반품"),
            ("사이즈", "사이즈"),
            ("나이키는", "나이키"),
            ("배송이요", "배송"),
            ("wifi", "wifi"),
        ] {
            assert_eq!(without_particle(word), stem, "{word}");
        }
    }

    #[test]
    fn slips_are_counted_in_letters() {
        let steps = |one: &str, other: &str| distance(&letters(one), &letters(other), 3);
        assert_eq!(steps("배송", "배송"), Some(0));
        assert_eq!(steps("배송", "배숑"), Some(1));
        assert_eq!(steps("환불", "환볼"), Some(1));
        assert_eq!(steps("refund", "refudn"), Some(1), "swapped neighbours are one slip");
        assert_eq!(steps("refund", "exchange"), None);
        assert_eq!(steps("", "abc"), Some(3));
    }
}
