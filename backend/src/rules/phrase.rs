//! Phrases that an owner writes to recognise a question: `배송 언제|기간`, `return refund -exchange`. Every word must be found, in any order;
//! `|` offers another word, `-` excludes. Found means: the same, without its particle, as a part of the text without its spaces, by initial
//! consonants, or with few slips for its length. Pure.

use super::words::{self, Words};

/// Longest phrase, in characters.
pub const PHRASE_MAX: usize = 200;
/// Most words of a phrase.
pub const WORDS_MAX: usize = 12;

/// A phrase ready to compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    wanted: Vec<Vec<Wanted>>,
    excluded: Vec<Wanted>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    word: String,
    stem: String,
    letters: Vec<char>,
    by_initials: bool,
}

/// Why a phrase cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhraseError {
    /// Nothing to look for.
    #[error("a phrase needs at least one word that is not excluded")]
    Empty,
    /// Over a limit.
    #[error("a phrase has at most {PHRASE_MAX} characters and {WORDS_MAX} words")]
    TooLong,
}

/// How well a phrase fits; more is better. Ordered first by how much of the phrase was said exactly, then by how much it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fit {
    /// Thousandths: 1000 when every word is exactly there, less for every slip.
    pub exactness: u32,
    /// Letters of the phrase that were found: a longer phrase beats a shorter one.
    pub letters: u32,
}

impl Phrase {
    /// Reads a phrase.
    pub fn parse(text: &str) -> Result<Self, PhraseError> {
        if text.chars().count() > PHRASE_MAX {
            return Err(PhraseError::TooLong);
        }
        let (mut wanted, mut excluded) = (Vec::new(), Vec::new());
        for part in text.split_whitespace() {
            match part.strip_prefix('-') {
                Some(rest) => excluded.extend(alternatives(rest)),
                None => wanted.push(alternatives(part)),
            }
        }
        wanted.retain(|word| !word.is_empty());
        if wanted.is_empty() {
            return Err(PhraseError::Empty);
        }
        if wanted.iter().map(Vec::len).sum::<usize>() + excluded.len() > WORDS_MAX {
            return Err(PhraseError::TooLong);
        }
        Ok(Self { wanted, excluded })
    }

    /// How well the text fits, or `None` when a word is missing or an excluded one is there.
    pub fn fit(&self, text: &Words) -> Option<Fit> {
        if self.excluded.iter().any(|word| word.found(text).is_some_and(|slips| slips == 0)) {
            return None;
        }
        let mut exactness = 0;
        let mut letters = 0;
        for alternatives in &self.wanted {
            let (slips, length) = alternatives
                .iter()
                .filter_map(|word| Some((word.found(text)?, word.letters.len())))
                .min_by_key(|&(slips, length)| (slips, usize::MAX - length))?;
            exactness += 1000_u32.saturating_sub(u32::try_from(slips * 200).unwrap_or(1000));
            letters += u32::try_from(length).unwrap_or(u32::MAX);
        }
        Some(Fit { exactness: exactness / u32::try_from(self.wanted.len()).unwrap_or(1).max(1), letters })
    }
}

fn alternatives(part: &str) -> Vec<Wanted> {
    part.split('|').flat_map(|one| Words::of(one).list).map(|word| Wanted::new(&word.whole, &word.stem)).collect()
}

impl Wanted {
    fn new(word: &str, stem: &str) -> Self {
        Self { word: word.to_owned(), stem: stem.to_owned(), letters: words::letters(stem), by_initials: words::is_initials(word) }
    }

    /// With how many slips the word is in the text.
    fn found(&self, text: &Words) -> Option<usize> {
        if self.by_initials {
            return text.initials.contains(&self.word).then_some(0);
        }
        // Korean glues words together, and so does who is in a hurry; a part of a Latin word is another word.
        let korean = self.stem.chars().any(words::is_syllable);
        if korean && text.joined.contains(&self.stem) {
            return Some(0);
        }
        text.list.iter().filter_map(|said| self.slips(&said.whole, &said.stem, korean)).min()
    }

    fn slips(&self, whole: &str, stem: &str, korean: bool) -> Option<usize> {
        if whole == self.word || stem == self.stem {
            return Some(0);
        }
        let most = allowed(self.letters.len());
        let near = words::distance(&self.letters, &words::letters(stem), most);
        // 배숑되나요: the slip is in the beginning, and what follows is only an ending.
        let beginning = || {
            let length = self.stem.chars().count();
            (korean && whole.chars().count() > length)
                .then(|| whole.chars().take(length).collect::<String>())
                .and_then(|start| words::distance(&self.letters, &words::letters(&start), most))
        };
        near.or_else(beginning).or_else(|| (!korean && is_plural(whole, &self.word)).then_some(0))
    }
}

/// refund and refunds, policy and policies, either way round.
fn is_plural(one: &str, other: &str) -> bool {
    let of = |many: &str, single: &str| {
        many.strip_suffix('s') == Some(single)
            || many.strip_suffix("es") == Some(single)
            || many.strip_suffix("ies").zip(single.strip_suffix('y')).is_some_and(|(a, b)| a == b)
    };
    of(one, other) || of(other, one)
}

/// Slips that a word of so many letters may have: none in short ones, where a letter makes another word.
fn allowed(letters: usize) -> usize {
    match letters {
        0..=4 => 0,
        5..=8 => 1,
        _ => 2,
    }
}

#[cfg(test)]
mod tests;
