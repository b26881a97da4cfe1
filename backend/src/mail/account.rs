//! Letters about logins. Those that somebody without a login can cause hold nothing that they typed.

use askama::Template;

use super::{Letter, MailError};
use crate::text::clean_line;

/// What a letter about a login says.
#[derive(Clone, Copy, Debug)]
pub enum AccountMail<'a> {
    /// Show that this address is yours.
    Confirm {
        /// Where.
        link: &'a str,
    },
    /// Somebody signed up with an address that has an account.
    AccountExists {
        /// Where to sign in.
        sign_in: &'a str,
        /// Where to choose a new password.
        reset: &'a str,
    },
    /// Choose a new password.
    Reset {
        /// Where.
        link: &'a str,
    },
    /// It was changed.
    PasswordChanged {
        /// What to do if it was somebody else.
        reset: &'a str,
    },
    /// Join a tenant.
    Invitation {
        /// Which.
        tenant: &'a str,
        /// Who asks.
        inviter: &'a str,
        /// Where.
        link: &'a str,
    },
    /// Invited, but this address has an account already.
    InvitedElsewhere {
        /// By which tenant.
        tenant: &'a str,
        /// By whom.
        inviter: &'a str,
    },
}

/// A letter's words: one thought each.
struct Words {
    subject: String,
    text: String,
    /// A label and an address each; the first is the button.
    links: Vec<(&'static str, String)>,
    small: &'static str,
}

#[derive(Template)]
#[template(path = "emails/account/body.txt", escape = "none")]
struct AccountText<'a> {
    words: &'a Words,
}

#[derive(Template)]
#[template(path = "emails/account/body.html")]
struct AccountHtml<'a> {
    words: &'a Words,
    language: &'a str,
}

/// Renders a letter about a login, in `ko` or else in English.
pub fn account(to: &str, language: &str, mail: &AccountMail<'_>) -> Result<Letter, MailError> {
    let words = if language == "ko" { korean(mail) } else { english(mail) };
    let language = if language == "ko" { "ko" } else { "en" };
    Ok(Letter {
        to: to.to_owned(),
        reply_to: None,
        // A subject is one line, whatever a name holds.
        subject: clean_line(&words.subject),
        text: AccountText { words: &words }.render()?,
        html: AccountHtml { words: &words, language }.render()?,
    })
}

fn words(subject: impl Into<String>, text: impl Into<String>, links: &[(&'static str, &str)], small: &'static str) -> Words {
    let links = links.iter().map(|(label, link)| (*label, (*link).to_owned())).collect();
    Words { subject: subject.into(), text: text.into(), links, small }
}

fn english(mail: &AccountMail<'_>) -> Words {
    match mail {
        AccountMail::Confirm { link } => words(
            "Confirm your address",
            "Somebody signed up to STALK with this address. If it was you, confirm it and go on.",
            &[("Confirm my address", link)],
            "The link is good for 24 hours. If it was not you, ignore this mail: without the link nothing happens.",
        ),
        AccountMail::AccountExists { sign_in, reset } => words(
            "You have an account already",
            "Somebody tried to sign up to STALK with this address, which has an account already. If it was you, just sign in.",
            &[("Sign in", sign_in), ("Choose a new password", reset)],
            "If it was not you, ignore this mail: nothing has changed.",
        ),
        AccountMail::Reset { link } => words(
            "Choose a new password",
            "Somebody asked for a new password for this address. If it was you, choose it here. You are signed out everywhere then.",
            &[("Choose a new password", link)],
            "The link is good for an hour and once. If it was not you, ignore this mail: your password stays as it is.",
        ),
        AccountMail::PasswordChanged { reset } => words(
            "Your password was changed",
            "The password of your STALK account was just changed, and your other logins have ended.",
            &[("It was not me: choose a new one", reset)],
            "If it was you, there is nothing to do.",
        ),
        AccountMail::Invitation { tenant, inviter, link } => words(
            format!("{inviter} invites you to {tenant}"),
            format!(
                "{inviter} would like to answer the visitors of {tenant} together with you, on STALK. Choose a name and a password to join."
            ),
            &[("Join", link)],
            "The link is good for 7 days. If you do not know what this is about, ignore this mail.",
        ),
        AccountMail::InvitedElsewhere { tenant, inviter } => words(
            format!("{inviter} invites you to {tenant}"),
            format!(
                "{inviter} would like to answer the visitors of {tenant} together with you, on STALK. This address has a STALK account already, \
                 and an account belongs to one shop. To join, ask {inviter} to invite another address of yours."
            ),
            &[],
            "If you do not know what this is about, ignore this mail: nothing has changed.",
        ),
    }
}

fn korean(mail: &AccountMail<'_>) -> Words {
    match mail {
        AccountMail::Confirm { link } => words(
            "이메일 주소를 확인해 주세요",
            "이 주소로 STALK 가입 신청이 들어왔어요. 직접 신청하셨다면 주소를 확인하고 시작해 주세요.",
            &[("내 주소가 맞아요", link)],
            "링크는 24시간 동안 쓸 수 있어요. 신청하지 않으셨다면 이 메일을 무시해 주세요. 링크를 누르지 않으면 아무 일도 일어나지 않아요.",
        ),
        AccountMail::AccountExists { sign_in, reset } => words(
            "이미 계정이 있어요",
            "이 주소로 STALK 가입 신청이 들어왔는데, 이미 계정이 있어요. 직접 신청하셨다면 그대로 로그인해 주세요.",
            &[("로그인", sign_in), ("새 비밀번호 정하기", reset)],
            "신청하지 않으셨다면 이 메일을 무시해 주세요. 달라진 것은 없어요.",
        ),
        AccountMail::Reset { link } => words(
            "새 비밀번호를 정해 주세요",
            "이 주소의 비밀번호를 새로 정하고 싶다는 요청이 들어왔어요. 직접 요청하셨다면 아래에서 정해 주세요. 정하고 나면 모든 기기에서 로그아웃돼요.",
            &[("새 비밀번호 정하기", link)],
            "링크는 1시간 동안 한 번만 쓸 수 있어요. 요청하지 않으셨다면 이 메일을 무시해 주세요. 비밀번호는 그대로예요.",
        ),
        AccountMail::PasswordChanged { reset } => words(
            "비밀번호가 바뀌었어요",
            "STALK 계정의 비밀번호가 방금 바뀌었고, 다른 로그인은 모두 끝났어요.",
            &[("내가 바꾸지 않았어요. 새로 정할게요", reset)],
            "직접 바꾸셨다면 아무것도 하지 않아도 돼요.",
        ),
        AccountMail::Invitation { tenant, inviter, link } => words(
            format!("{inviter}님이 {tenant}에 초대했어요"),
            format!(
                "{inviter}님이 STALK에서 {tenant}의 방문자를 함께 상담하자고 초대했어요. 이름과 비밀번호를 정하면 바로 시작할 수 있어요."
            ),
            &[("참여하기", link)],
            "링크는 7일 동안 쓸 수 있어요. 모르는 초대라면 이 메일을 무시해 주세요.",
        ),
        AccountMail::InvitedElsewhere { tenant, inviter } => words(
            format!("{inviter}님이 {tenant}에 초대했어요"),
            format!(
                "{inviter}님이 STALK에서 {tenant}의 방문자를 함께 상담하자고 초대했어요. 그런데 이 주소에는 이미 STALK 계정이 있고, 계정 하나는 한 쇼핑몰에 \
                 속해요. 참여하려면 {inviter}님에게 다른 주소로 초대해 달라고 해 주세요."
            ),
            &[],
            "모르는 초대라면 이 메일을 무시해 주세요. 달라진 것은 없어요.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_line_or_become_markup() {
        let (tenant, inviter) = ("Shop\r\nBcc: evil@mail.test", "<b onmouseover=alert(1)>Eve</b>\"'&");
        for language in ["ko", "en"] {
            for mail in [
                AccountMail::Invitation { tenant, inviter, link: "https://chat.test/invitation?token=00" },
                AccountMail::InvitedElsewhere { tenant, inviter },
            ] {
                let letter = account("a@b.test", language, &mail).unwrap();
                assert!(!letter.subject.contains(['\r', '\n']), "{:?}", letter.subject);
                assert!(!letter.html.contains("<b onmouseover") && !letter.html.contains("\"'&"), "{}", letter.html);
            }
        }
    }

    #[test]
    fn every_letter_has_its_links_in_both_bodies_and_both_languages() {
        let link = "https://chat.test/x?token=0123";
        for mail in [
            AccountMail::Confirm { link },
            AccountMail::AccountExists { sign_in: "https://chat.test/sign-in", reset: link },
            AccountMail::Reset { link },
            AccountMail::PasswordChanged { reset: link },
            AccountMail::Invitation { tenant: "T", inviter: "I", link },
        ] {
            let (ko, en) = (account("a@b.test", "ko", &mail).unwrap(), account("a@b.test", "en", &mail).unwrap());
            assert_ne!(ko.subject, en.subject);
            for letter in [ko, en] {
                assert!(letter.text.contains(link) && letter.html.contains(&format!("href=\"{link}\"")), "{letter:?}");
            }
        }
    }
}
