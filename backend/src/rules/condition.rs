//! Conditions: trees of all/any/none over tests of one fact. Read strictly, checked once when saved, then evaluated any number of times without
//! a way to fail. Pure.

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::facts::{Fact, Facts, Kind, Value, Value as FactValue};
use super::phrase::Phrase;
use super::words::Words;

/// Most levels of a tree.
pub const DEPTH_MAX: usize = 8;
/// Most tests of a tree.
pub const TESTS_MAX: usize = 100;
/// Longest text in a test, in characters.
pub const TEXT_MAX: usize = 500;
/// Most texts in a list.
pub const LIST_MAX: usize = 200;
/// A compiled expression may take this much memory; it runs in time linear in the text, whatever it says.
const REGEX_MAX: usize = 256 * 1024;
/// An expression looks at no more of a text than this.
const REGEX_TEXT_MAX: usize = 4096;

/// A condition as it is written: `{"all": […]}`, `{"any": […]}`, `{"none": […]}` or one test. An empty `all` is always true.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Condition {
    /// Every one holds.
    All(All),
    /// At least one holds.
    Any(Any),
    /// Not one holds.
    None(None_),
    /// One test.
    Test(Test),
}

/// See [`Condition::All`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConditionAll)]
pub struct All {
    /// The conditions.
    #[schema(no_recursion)]
    pub all: Vec<Condition>,
}

/// See [`Condition::Any`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConditionAny)]
pub struct Any {
    /// The conditions.
    #[schema(no_recursion)]
    pub any: Vec<Condition>,
}

/// See [`Condition::None`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConditionNone)]
pub struct None_ {
    /// The conditions.
    #[schema(no_recursion)]
    pub none: Vec<Condition>,
}

/// One fact compared: `{"fact": "cart.value", "is": "at_least", "value": 50000}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ConditionTest)]
pub struct Test {
    /// Of what.
    #[schema(value_type = String, example = "page.path")]
    pub fact: Fact,
    /// How.
    pub is: Is,
    /// With what; `exists` and `absent` need none.
    #[schema(value_type = Option<FactValue>)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

/// How a fact is compared. Texts are compared without regard to case. An absent fact fulfils `absent`, `not_equals`, `not_contains` and
/// `not_in`, and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ConditionOperator)]
pub enum Is {
    /// The same.
    Equals,
    /// Not the same.
    NotEquals,
    /// A part of the text, or one of the list.
    Contains,
    /// Neither.
    NotContains,
    /// The text's beginning.
    StartsWith,
    /// The text's end.
    EndsWith,
    /// With `*` for any run of characters.
    Wildcard,
    /// A regular expression, found anywhere.
    Regex,
    /// A phrase of the text matcher.
    Matches,
    /// One of several.
    In,
    /// None of several.
    NotIn,
    /// `>`.
    Above,
    /// `>=`.
    AtLeast,
    /// `<`.
    Below,
    /// `<=`.
    AtMost,
    /// Known at all.
    Exists,
    /// Not known.
    Absent,
}

/// Why a condition cannot be used, with the way to it in the tree (`all[1].any[0]`).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {why}")]
pub struct ConditionError {
    /// Where.
    pub at: String,
    /// What to change.
    pub why: String,
}

/// A condition ready to be evaluated.
#[derive(Clone, Debug)]
pub enum Compiled {
    /// See [`Condition`].
    All(Vec<Compiled>),
    /// See [`Condition`].
    Any(Vec<Compiled>),
    /// See [`Condition`].
    None(Vec<Compiled>),
    /// See [`Condition`].
    Test(Test, Prepared),
}

/// What is worth making once of a test's value.
#[derive(Clone, Debug)]
pub enum Prepared {
    /// Nothing.
    Plain,
    /// Lower-case texts.
    Texts(Vec<String>),
    /// An expression.
    Regex(Regex),
    /// A phrase.
    Phrase(Phrase),
}

/// The first test that kept a condition from holding.
#[derive(Clone, Debug, PartialEq)]
pub struct Failed {
    /// The way to it in the tree.
    pub at: String,
    /// The test.
    pub test: Test,
    /// What the fact was.
    pub was: Option<Value>,
}

impl Condition {
    /// Checks and prepares it.
    pub fn compile(&self) -> Result<Compiled, ConditionError> {
        let mut tests = 0;
        let compiled = compile(self, "when", 1, &mut tests)?;
        if tests > TESTS_MAX {
            return Err(ConditionError { at: "when".to_owned(), why: format!("has {tests} tests; at most {TESTS_MAX} are allowed") });
        }
        Ok(compiled)
    }
}

fn compile(condition: &Condition, at: &str, depth: usize, tests: &mut usize) -> Result<Compiled, ConditionError> {
    if depth > DEPTH_MAX {
        return Err(ConditionError { at: at.to_owned(), why: format!("is nested deeper than {DEPTH_MAX} levels") });
    }
    let mut each = |name: &str, list: &[Condition]| {
        list.iter()
            .enumerate()
            .map(|(index, one)| compile(one, &format!("{at}.{name}[{index}]"), depth + 1, tests))
            .collect::<Result<Vec<_>, _>>()
    };
    Ok(match condition {
        Condition::All(All { all }) => Compiled::All(each("all", all)?),
        Condition::Any(Any { any }) => Compiled::Any(each("any", any)?),
        Condition::None(None_ { none }) => Compiled::None(each("none", none)?),
        Condition::Test(test) => {
            *tests += 1;
            let prepared = prepare(test).map_err(|why| ConditionError { at: at.to_owned(), why })?;
            Compiled::Test(test.clone(), prepared)
        }
    })
}

/// What of the value can be made once; says what does not fit together.
fn prepare(test: &Test) -> Result<Prepared, String> {
    let name = test.fact.name();
    let kind = test.fact.kind();
    let numeric = kind.is_none_or(|kind| kind == Kind::Number);
    let wordy = kind.is_none_or(|kind| matches!(kind, Kind::Text | Kind::List));
    match (test.is, &test.value) {
        (Is::Exists | Is::Absent, None) => Ok(Prepared::Plain),
        (Is::Exists | Is::Absent, Some(_)) => Err("exists and absent take no value".to_owned()),
        (_, None) => Err("value is missing".to_owned()),
        (Is::Above | Is::AtLeast | Is::Below | Is::AtMost, Some(Value::Number(number))) if numeric && number.is_finite() => {
            Ok(Prepared::Plain)
        }
        (Is::Above | Is::AtLeast | Is::Below | Is::AtMost, _) => {
            Err(format!("{name} is compared with a number, and only facts that are numbers can be"))
        }
        (Is::In | Is::NotIn, Some(Value::List(list))) if wordy => texts(list),
        (Is::In | Is::NotIn, _) => Err(format!("{name} needs a list of texts here")),
        (Is::Equals | Is::NotEquals, Some(Value::Text(wanted))) if wordy => texts(std::slice::from_ref(wanted)),
        (Is::Equals | Is::NotEquals, Some(value)) if kind.is_none_or(|kind| kind == value.kind()) && !matches!(value, Value::List(_)) => {
            Ok(Prepared::Plain)
        }
        (Is::Equals | Is::NotEquals, _) => Err(format!("{name} is of another kind than this value")),
        (Is::Contains | Is::NotContains | Is::StartsWith | Is::EndsWith | Is::Wildcard, Some(Value::Text(wanted)))
            if wordy && !wanted.is_empty() =>
        {
            texts(std::slice::from_ref(wanted))
        }
        (Is::Regex, Some(Value::Text(wanted))) if wordy => {
            limited(wanted)?;
            RegexBuilder::new(wanted)
                .case_insensitive(true)
                .size_limit(REGEX_MAX)
                .dfa_size_limit(REGEX_MAX)
                .nest_limit(32)
                .build()
                .map(Prepared::Regex)
                .map_err(|error| format!("is not a regular expression that can be used: {error}"))
        }
        (Is::Matches, Some(Value::Text(wanted))) if wordy => Phrase::parse(wanted).map(Prepared::Phrase).map_err(|error| error.to_string()),
        _ => Err(format!("{name} cannot be compared like this; it needs a text that is not empty")),
    }
}

fn limited(text: &str) -> Result<(), String> {
    let length = text.chars().count();
    if length > TEXT_MAX { Err(format!("has {length} characters; at most {TEXT_MAX} are allowed")) } else { Ok(()) }
}

fn texts(list: &[String]) -> Result<Prepared, String> {
    if list.is_empty() || list.len() > LIST_MAX {
        return Err(format!("name 1 to {LIST_MAX} texts"));
    }
    for text in list {
        limited(text)?;
    }
    Ok(Prepared::Texts(list.iter().map(|text| text.to_lowercase()).collect()))
}

impl Compiled {
    /// Whether it holds, or the first test that is to blame.
    pub fn check(&self, facts: &Facts) -> Result<(), Failed> {
        self.check_at(facts, "when")
    }

    fn check_at(&self, facts: &Facts, at: &str) -> Result<(), Failed> {
        match self {
            Self::All(list) => list.iter().enumerate().try_for_each(|(index, one)| one.check_at(facts, &format!("{at}.all[{index}]"))),
            Self::Any(list) => {
                let mut first = None;
                for (index, one) in list.iter().enumerate() {
                    match one.check_at(facts, &format!("{at}.any[{index}]")) {
                        Ok(()) => return Ok(()),
                        Err(failed) => first = first.or(Some(failed)),
                    }
                }
                first.map_or(Ok(()), Err)
            }
            Self::None(list) => match list.iter().position(|one| one.check_at(facts, at).is_ok()) {
                None => Ok(()),
                Some(index) => Err(list[index].first_test(facts, &format!("{at}.none[{index}]"))),
            },
            Self::Test(test, prepared) => {
                let was = facts.get(&test.fact);
                if holds(test, prepared, was) { Ok(()) } else { Err(Failed { at: at.to_owned(), test: test.clone(), was: was.cloned() }) }
            }
        }
    }

    /// Of a condition that holds and should not: the test to name.
    fn first_test(&self, facts: &Facts, at: &str) -> Failed {
        match self {
            Self::All(list) | Self::Any(list) | Self::None(list) => match list.first() {
                Some(first) => first.first_test(facts, at),
                None => Failed { at: at.to_owned(), test: Test { fact: Fact::PageUrl, is: Is::Exists, value: None }, was: None },
            },
            Self::Test(test, _) => Failed { at: at.to_owned(), test: test.clone(), was: facts.get(&test.fact).cloned() },
        }
    }
}

fn holds(test: &Test, prepared: &Prepared, was: Option<&Value>) -> bool {
    let Some(was) = was else { return matches!(test.is, Is::Absent | Is::NotEquals | Is::NotContains | Is::NotIn) };
    let numbers = |compare: fn(f64, f64) -> bool| matches!((was, &test.value), (Value::Number(was), Some(Value::Number(value))) if compare(*was, *value));
    let compares = |compare: fn(&str, &str) -> bool| match prepared {
        Prepared::Texts(texts) => said(was).iter().any(|was| texts.iter().any(|text| compare(was, text))),
        _ => false,
    };
    match test.is {
        Is::Exists => true,
        Is::Absent => false,
        Is::Above => numbers(|was, value| was > value),
        Is::AtLeast => numbers(|was, value| was >= value),
        Is::Below => numbers(|was, value| was < value),
        Is::AtMost => numbers(|was, value| was <= value),
        Is::Equals => matches!(prepared, Prepared::Plain) && Some(was) == test.value.as_ref() || compares(|was, text| was == text),
        Is::NotEquals => !(matches!(prepared, Prepared::Plain) && Some(was) == test.value.as_ref() || compares(|was, text| was == text)),
        Is::In => compares(|was, text| was == text),
        Is::NotIn => !compares(|was, text| was == text),
        // Of a list: one of its members; of a text: a part of it.
        Is::Contains => contains(was, prepared),
        Is::NotContains => !contains(was, prepared),
        Is::StartsWith => compares(|was, text| was.starts_with(text)),
        Is::EndsWith => compares(|was, text| was.ends_with(text)),
        Is::Wildcard => compares(wildcard),
        Is::Regex => matches!(prepared, Prepared::Regex(regex) if said(was).iter().any(|was| regex.is_match(beginning(was)))),
        Is::Matches => matches!(prepared, Prepared::Phrase(phrase) if said(was).iter().any(|was| phrase.fit(&Words::of(was)).is_some())),
    }
}

fn contains(was: &Value, prepared: &Prepared) -> bool {
    let Prepared::Texts(texts) = prepared else { return false };
    let whole = matches!(was, Value::List(_));
    said(was).iter().any(|was| texts.iter().any(|text| if whole { was == text } else { was.contains(text.as_str()) }))
}

/// The texts of a value, in lower case.
fn said(value: &Value) -> Vec<String> {
    match value {
        Value::Text(text) => vec![text.to_lowercase()],
        Value::List(list) => list.iter().map(|text| text.to_lowercase()).collect(),
        Value::Number(number) => vec![number.to_string()],
        Value::Flag(flag) => vec![flag.to_string()],
    }
}

fn beginning(text: &str) -> &str {
    let mut end = text.len().min(REGEX_TEXT_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// `*` of the pattern is any run of characters, everything else is itself; by trying the last star again, so that it never takes long.
pub fn wildcard(text: &str, pattern: &str) -> bool {
    let (text, pattern): (Vec<char>, Vec<char>) = (text.chars().collect(), pattern.chars().collect());
    let (mut at, mut of, mut star) = (0, 0, None);
    while at < text.len() {
        if of < pattern.len() && pattern[of] == '*' {
            star = Some((of, at));
            of += 1;
        } else if of < pattern.len() && pattern[of] == text[at] {
            at += 1;
            of += 1;
        } else if let Some((place, from)) = star {
            of = place + 1;
            at = from + 1;
            star = Some((place, at));
        } else {
            return false;
        }
    }
    pattern[of..].iter().all(|&c| c == '*')
}

#[cfg(test)]
mod tests;
