//! What was asked for, as each database says "contains, whatever the case", and where it stands in a text. LIKE would do for the first, but
//! SQLite knows the case of A to Z only, and PostgreSQL's depends on how the database was made; classes of letters mean the same on both.

/// Characters of an excerpt at most.
const EXCERPT: usize = 200;
/// Characters shown before the first match.
const BEFORE: usize = 60;

/// What is looked for: composed, not empty.
#[derive(Clone, Debug)]
pub struct Pattern(Vec<char>);

/// A part of a text, and where the words stand in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// At most 200 characters, with … where the text goes on.
    pub text: String,
    /// `(start, length)` of each match, in UTF-16 units, as browsers count.
    pub ranges: Vec<(usize, usize)>,
}

/// The letter in lower case, where that is one letter.
fn folded(letter: char) -> char {
    let mut lower = letter.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => letter,
    }
}

/// All cases of a letter.
fn cases(letter: char) -> Vec<char> {
    let mut upper = letter.to_uppercase();
    let upper = match (upper.next(), upper.next()) {
        (Some(one), None) => one,
        _ => letter,
    };
    let mut all = vec![letter, folded(letter), upper];
    all.sort_unstable();
    all.dedup();
    all
}

impl Pattern {
    /// Of cleaned words; nothing to look for is nothing.
    pub fn of(words: &str) -> Option<Self> {
        (!words.is_empty()).then(|| Self(words.chars().collect()))
    }

    /// For SQLite's GLOB.
    pub(super) fn glob(&self) -> String {
        let each = self.0.iter().map(|letter| match &cases(*letter)[..] {
            [one] if matches!(one, '*' | '?' | '[') => format!("[{one}]"),
            [one] => one.to_string(),
            many => format!("[{}]", many.iter().collect::<String>()),
        });
        format!("*{}*", each.collect::<String>())
    }

    /// For PostgreSQL's `~`.
    pub(super) fn regex(&self) -> String {
        let each = self.0.iter().map(|letter| match &cases(*letter)[..] {
            [one] if one.is_ascii() && !one.is_ascii_alphanumeric() && !one.is_ascii_control() => format!("\\{one}"),
            [one] => one.to_string(),
            many => format!("[{}]", many.iter().collect::<String>()),
        });
        each.collect()
    }

    /// Where the words begin in a text of letters; matches do not overlap.
    fn places(&self, text: &[char]) -> Vec<usize> {
        let (mut places, mut from) = (Vec::new(), 0);
        let wanted: Vec<char> = self.0.iter().copied().map(folded).collect();
        while from + wanted.len() <= text.len() {
            if text[from..from + wanted.len()].iter().copied().map(folded).eq(wanted.iter().copied()) {
                places.push(from);
                from += wanted.len();
            } else {
                from += 1;
            }
        }
        places
    }

    /// The part of a text around the first match, with all matches in it.
    pub fn excerpt(&self, text: &str) -> Option<Excerpt> {
        let letters: Vec<char> = text.chars().collect();
        let first = *self.places(&letters).first()?;
        let begin = if letters.len() <= EXCERPT { 0 } else { first.saturating_sub(BEFORE).min(letters.len() - EXCERPT) };
        let end = letters.len().min(begin + EXCERPT);
        // The dots take the place of letters, so that the excerpt stays within its length.
        let shown: Vec<char> = letters[begin..end]
            .iter()
            .enumerate()
            .map(|(place, letter)| {
                let cut = (place == 0 && begin > 0) || (begin + place + 1 == end && end < letters.len());
                if cut { '…' } else { *letter }
            })
            .collect();
        let units = |letters: &[char]| letters.iter().map(|letter| letter.len_utf16()).sum::<usize>();
        let ranges =
            self.places(&shown).into_iter().map(|place| (units(&shown[..place]), units(&shown[place..place + self.0.len()]))).collect();
        Some(Excerpt { text: shown.into_iter().collect(), ranges })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pattern(words: &str) -> Pattern {
        Pattern::of(words).unwrap()
    }

    #[test]
    fn one_syllable_and_any_case_are_found_where_a_browser_counts_them() {
        let found = pattern("환").excerpt("🧦 환불해 주세요, 교환 말고").unwrap();
        assert_eq!((found.text.as_str(), &found.ranges[..]), ("🧦 환불해 주세요, 교환 말고", &[(3, 1), (13, 1)][..]));
        assert_eq!(pattern("ÉCLAIR").excerpt("un éclair").unwrap().ranges, [(3, 6)]);
        assert_eq!(pattern("aa").excerpt("aaaa").unwrap().ranges, [(0, 2), (2, 2)]);
        assert_eq!(pattern("불환").excerpt("환불"), None);
    }

    #[test]
    fn what_means_something_to_a_database_is_a_letter_here() {
        assert_eq!(pattern("100%_*?[x]^\\").glob(), "*100%_[*][?][[][Xx]]^\\*");
        assert_eq!(pattern("100%_*?[x]^\\.").regex(), "100\\%\\_\\*\\?\\[[Xx]\\]\\^\\\\\\.");
    }

    proptest! {
        #[test]
        fn an_excerpt_is_short_and_its_ranges_are_the_words(before in ".{0,300}", after in ".{0,300}") {
            let found = pattern("needle").excerpt(&format!("{before}NeeDle{after}")).unwrap();
            prop_assert!(found.text.chars().count() <= EXCERPT);
            let units: Vec<u16> = found.text.encode_utf16().collect();
            prop_assert!(!found.ranges.is_empty());
            for (start, length) in found.ranges {
                prop_assert_eq!(String::from_utf16(&units[start..start + length]).unwrap().to_lowercase(), "needle");
            }
        }
    }
}
