//! The figures of conversations: how fast they were answered, which were missed, how they were rated. Pure.

use crate::clock::Millis;

use super::model::{Chat, Totals};

/// Who waits longer was missed.
const PATIENCE: Millis = 30 * 60_000;

/// True for a visitor who asked and had no answer in time. An answer that comes later does not change it; one that may still come in time does not count yet.
pub(super) fn is_missed(chat: &Chat, now: Millis) -> bool {
    chat.asked.is_some_and(|asked| chat.answered.unwrap_or(now) - asked > PATIENCE)
}

/// Adds what conversations say to the totals.
pub(super) fn add(totals: &mut Totals, chats: &[Chat], now: Millis) {
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let mut waits: Vec<Millis> = chats.iter().filter_map(|chat| Some(chat.answered? - chat.asked?)).collect();
    waits.sort_unstable();
    let scores: Vec<i64> = chats.iter().filter_map(|chat| chat.score).collect();
    totals.conversations = number(chats.len());
    totals.answered = number(waits.len());
    totals.missed = number(chats.iter().filter(|chat| is_missed(chat, now)).count());
    totals.first_response_median_s = rank(&waits, 50).map(|wait| wait / 1000);
    totals.first_response_p90_s = rank(&waits, 90).map(|wait| wait / 1000);
    totals.ratings = number(scores.len());
    totals.rating_average = share(scores.iter().sum(), number(scores.len())).map(|mean| (mean * 100.0).round() / 100.0);
}

/// The nearest rank: the smallest value that so many percent do not exceed.
fn rank(sorted: &[Millis], percent: usize) -> Option<Millis> {
    let place = (sorted.len() * percent).div_ceil(100).max(1) - 1;
    sorted.get(place).copied()
}

/// One number as a part of another.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
pub(super) fn share(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chat(asked: Option<Millis>, answered: Option<Millis>, score: Option<i64>) -> Chat {
        Chat { began: 0, asked, answered, score }
    }

    #[test]
    fn figures_are_nearest_ranks_and_missed_stays_missed() {
        let minute = 60_000;
        let chats = [
            chat(Some(0), Some(10_000), Some(5)),
            chat(Some(0), Some(20_000), Some(4)),
            chat(Some(0), Some(40_000), None),
            chat(Some(0), Some(31 * minute), None),
            chat(Some(0), None, Some(4)),
            chat(Some(40 * minute), None, None),
            // The shop said hello, and nobody asked anything.
            chat(None, None, None),
        ];
        let mut totals = Totals::default();
        add(&mut totals, &chats, 60 * minute);
        assert_eq!((totals.conversations, totals.answered, totals.missed), (7, 4, 2));
        assert_eq!((totals.first_response_median_s, totals.first_response_p90_s), (Some(20), Some(31 * 60)));
        assert_eq!((totals.ratings, totals.rating_average), (3, Some(4.33)));
        add(&mut totals, &[], 0);
        assert_eq!((totals.first_response_median_s, totals.rating_average), (None, None));
    }
}
